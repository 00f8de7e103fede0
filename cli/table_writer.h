// Tab-separated output: a header, rows, and a last line that says where they come from.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace explainn::cli {

/// Nine digits, which bring a float32 back exactly; "nan" where undefined.
std::string number_text(double value);

/// "# explainn 0.1.0: explainn predict ..", the last line of every table.
std::string table_footer(const Invocation& invocation);

/// Collects lines and hands them on in large pieces.
class TableWriter {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit TableWriter(Sink sink) : sink_(std::move(sink)) {}

  TableWriter& text(std::string_view field);
  TableWriter& number(double value);
  void end_row();
  /// The footer; nothing may follow.
  void finish(const Invocation& invocation);

 private:
  void separate();

  Sink sink_;
  std::string buffer_;
  bool row_begun_ = false;
};

}  // namespace explainn::cli
