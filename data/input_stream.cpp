#include "data/input_stream.h"

#include <array>
#include <cstdio>
#include <cstring>

namespace explainn::data {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 18;
constexpr std::size_t kMebibyte = std::size_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

InputStream::InputStream(const std::string& path, std::size_t longest_line)
    : source_(path), longest_line_(longest_line), buffer_(kBuffer) {}

bool InputStream::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= longest_line_) {
      fail(line_number_ + 1, "a line longer than ", longest_line_ / kMebibyte,
           " MiB, this is no text file with one row a line");
    }
    buffer_.resize(2 * buffer_.size());
  }
  const std::size_t count = source_.read(std::span(buffer_).subspan(end_), line_number_ + 1);
  end_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

bool InputStream::line(std::string_view& text) {
  if (again_) {
    again_ = false;
    text = last_;
    return true;
  }
  const char* newline = nullptr;
  std::size_t looked_at = 0;
  for (;;) {
    const std::size_t have = end_ - begin_;
    newline = static_cast<const char*>(
        std::memchr(buffer_.data() + begin_ + looked_at, '\n', have - looked_at));
    if (newline != nullptr) break;
    looked_at = have;
    if (!fill()) break;
  }
  if (newline == nullptr && begin_ == end_) return false;
  const char* const start = buffer_.data() + begin_;
  const std::size_t length =
      newline == nullptr ? end_ - begin_ : static_cast<std::size_t>(newline - start);
  begin_ += length + (newline == nullptr ? 0 : 1);
  ++line_number_;
  text = std::string_view(start, length);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (line_number_ == 1 && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (std::memchr(text.data(), 0, text.size()) != nullptr) {
    fail(line_number_, "a NUL byte: this is no plain text, save it as text (UTF-8 or ASCII)");
  }
  last_ = text;
  return true;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string out = "'";
  for (const char letter : text.substr(0, kMost)) {
    if (letter >= ' ' && letter <= '~') {
      out += letter;
    } else {
      std::array<char, 5> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned char>(letter));
      out += code.data();
    }
  }
  return out + (text.size() > kMost ? "...'" : "'");
}

}  // namespace explainn::data
