#include "data/column_names.h"

#include <algorithm>

#include "data/fields.h"
#include "data/input_stream.h"
#include "kernels/base/nearest.h"

namespace explainn::data {

std::int64_t ColumnNames::find(std::string_view wanted) const {
  const auto found = std::find(names_.begin(), names_.end(), wanted);
  return found == names_.end() ? -1 : found - names_.begin();
}

std::int64_t ColumnNames::find_any_case(std::string_view wanted) const {
  const std::int64_t exact = find(wanted);
  if (exact >= 0) return exact;
  const auto found = std::find_if(names_.begin(), names_.end(), [&](const std::string& name) {
    return equal_ignoring_case(name, wanted);
  });
  return found == names_.end() ? -1 : found - names_.begin();
}

std::int64_t ColumnNames::demand(const std::string& wanted, const char* who) const {
  const std::int64_t column = find(wanted);
  if (column < 0) missing(wanted, who);
  return column;
}

void ColumnNames::missing(const std::string& wanted, const char* who) const {
  constexpr std::int64_t kMost = 12;
  std::string listing;
  for (std::int64_t i = 0; i < std::min(kMost, size()); ++i) {
    listing += (i == 0 ? "" : ", ") + shown((*this)[i]);
  }
  if (size() > kMost) listing += cat(" .. (", size(), " in all)");
  const std::string nearest = nearest_name(wanted, names_);
  fail("no column ", shown(wanted), " (", who, ")",
       nearest.empty() ? "." : ", did you mean " + shown(nearest) + "?", " The columns are ",
       listing);
}

}  // namespace explainn::data
