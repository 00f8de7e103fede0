// The labels of one row of a table.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/input_stream.h"
#include "data/records.h"
#include "data/table_layout.h"

namespace explainn::data {

/// Turns fields into numbers, one a task or, for classes, the index of the class. Keeps references
/// to its arguments.
class LabelReader {
 public:
  LabelReader(const TableLayout& layout, const ReadOptions& options, const InputStream& input);

  /// The labels of the row that `input` gave last; the span holds until the next call. Throws Error
  /// with file and line for what is no number, infinite, out of range, or no class.
  std::span<const float> read(const std::vector<std::string_view>& fields);

  const std::vector<std::string>& targets() const { return targets_; }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    input_.fail(input_.line_number(), what...);
  }
  [[noreturn]] void fail_number(std::string_view field, std::size_t task) const;
  [[noreturn]] void fail_class(std::string_view field) const;
  void read_numbers(const std::vector<std::string_view>& fields);
  float class_of_columns() const;
  float class_of_name(std::string_view field);

  const TableLayout& layout_;
  const ReadOptions& options_;
  const InputStream& input_;
  std::vector<std::string> targets_;
  std::map<std::string, std::int64_t, std::less<>> class_index_;
  std::vector<float> values_;
};

}  // namespace explainn::data
