#include "cli/table_writer.h"

#include <cmath>

#include "cli/version.h"
#include "data/fields.h"

namespace explainn::cli {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;
constexpr int kDigits = 9;

void append_number(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  if (value == 0) value = 0;  // no "-0"
  data::append_number(value, kDigits, out);
}

}  // namespace

std::string number_text(double value) {
  std::string text;
  append_number(value, text);
  return text;
}

std::string table_footer(const Invocation& invocation) {
  return "# explainn " + version() + ": " + invocation.command_line() + "\n";
}

void TableWriter::separate() {
  if (row_begun_) buffer_ += '\t';
  row_begun_ = true;
}

TableWriter& TableWriter::text(std::string_view field) {
  separate();
  buffer_ += field;
  return *this;
}

TableWriter& TableWriter::number(double value) {
  separate();
  append_number(value, buffer_);
  return *this;
}

void TableWriter::end_row() {
  buffer_ += '\n';
  row_begun_ = false;
  if (buffer_.size() < kPiece) return;
  sink_(buffer_);
  buffer_.clear();
}

void TableWriter::finish(const Invocation& invocation) {
  buffer_ += table_footer(invocation);
  sink_(buffer_);
  buffer_.clear();
}

}  // namespace explainn::cli
