// Tables that explainn itself has written: a header, fields between tabs, nothing quoted, comments
// (#) behind.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/input_stream.h"

namespace explainn::data {

/// A number of a table, as it stands there and as what it is; NaN where the field is empty.
struct Number {
  std::string text;
  double value;
};

class ResultTable {
 public:
  /// `hint` ends every complaint about what is missing: "run interpret again". Throws Error for a
  /// file that cannot be read or is empty.
  ResultTable(const std::string& path, std::string hint);

  const std::vector<std::string>& header() const { return header_; }
  bool has(const std::string& column) const { return columns_.contains(column); }

  /// The next row; false behind the last. Throws Error for one that is not as long as the header.
  bool next();

  /// Of the row. These throw Error with file and line for a column that is not there, and for a
  /// field that should be a number and is none.
  const std::string& text(const std::string& column) const;
  Number number(const std::string& column) const { return parsed(text(column)); }
  Number number(std::size_t column) const { return parsed(fields_[column]); }
  /// A number whose exponent may be beyond a double's.
  const std::string& far_number(const std::string& column) const;

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    input_.fail(input_.line_number(), what...);
  }

 private:
  Number parsed(const std::string& field) const;

  InputStream input_;
  std::string hint_;
  std::vector<std::string> header_;
  std::vector<std::string> fields_;
  std::map<std::string, std::size_t> columns_;
};

}  // namespace explainn::data
