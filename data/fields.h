// A row of a table: its fields, and a field as a number.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace explainn::data {

/// Cuts rows at tabs or commas. Blanks around a field and quotes around all of it are taken off. In
/// rows cut at commas, a quoted field may hold commas and doubled quotes.
class FieldSplitter {
 public:
  explicit FieldSplitter(char separator = '\t') : separator_(separator) {}
  char separator() const { return separator_; }

  /// The fields of `row`; views into it (or into this object, where quotes were doubled) that hold
  /// until the next call. Null if a quote is opened and never closed.
  const std::vector<std::string_view>* split(std::string_view row);

 private:
  bool split_quoted(std::string_view row);

  char separator_;
  std::vector<std::string_view> fields_;
  std::vector<char> unquoted_;
};

/// Tab if the line has one, else comma if it has one, else tab (a single column).
char guess_separator(std::string_view line);

/// parse_label() for fields that are neither one digit nor `nan`.
std::optional<float> parse_other_label(std::string_view field);

/// What a label field holds: a finite number, NaN for the unresolved (empty, NA, nan in any case),
/// an infinity for what is infinite or beyond a float, nothing for what is no number.
inline std::optional<float> parse_label(std::string_view field) {
  // Nearly all labels of a binary matrix are one of these.
  if (field.size() == 1 && field[0] >= '0' && field[0] <= '9') {
    return static_cast<float>(field[0] - '0');
  }
  if (field.size() == 3 && field[0] == 'n' && field[1] == 'a' && field[2] == 'n') {
    return std::numeric_limits<float>::quiet_NaN();
  }
  return parse_other_label(field);
}

/// A field of digits alone as their number; nothing for another, or one beyond 64 bits.
std::optional<std::int64_t> whole_number(std::string_view field);

/// A number, infinite where it is beyond a double, 0 where it is too small for one; nothing for
/// what is no number. NaN is one. Does not depend on the locale.
std::optional<double> parse_number(std::string_view field);

/// Appends `value` as printf's %.<digits>g prints it, whatever the locale.
void append_number(double value, int digits, std::string& text);

/// The words of a line with blanks or tabs between them; views into it.
void split_words(std::string_view text, std::vector<std::string_view>& words);

/// True for the marks of an unresolved label: empty, NA, nan in any case.
bool is_unresolved(std::string_view field);

/// Equal but for upper and lower case (ASCII).
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace explainn::data
