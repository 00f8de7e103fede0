// The names of a table's columns, and the errors about names that are not there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/error.h"

namespace explainn::data {

/// Names in file order, counted from 0, with the place to blame in messages.
class ColumnNames {
 public:
  ColumnNames(const std::string& path, std::int64_t line,
              const std::vector<std::string_view>& names)
      : path_(path), line_(line), names_(names.begin(), names.end()) {}

  std::int64_t size() const { return static_cast<std::int64_t>(names_.size()); }
  const std::string& operator[](std::int64_t i) const {
    return names_[static_cast<std::size_t>(i)];
  }
  void rename(std::int64_t i, std::string name) {
    names_[static_cast<std::size_t>(i)] = std::move(name);
  }

  /// The column called `wanted`, -1 if there is none.
  std::int64_t find(std::string_view wanted) const;
  /// The same, upper and lower case equal; the exact spelling first.
  std::int64_t find_any_case(std::string_view wanted) const;
  /// Like find(), but throws Error if there is none; `who` asked for it.
  std::int64_t demand(const std::string& wanted, const char* who) const;
  /// Throws Error: no column `wanted`, the nearest name, the names there are.
  [[noreturn]] void missing(const std::string& wanted, const char* who) const;

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    fail_at(path_, line_, what...);
  }

 private:
  std::string path_;
  std::int64_t line_;
  std::vector<std::string> names_;
};

}  // namespace explainn::data
