#include "data/result_table.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "data/fields.h"

namespace explainn::data {

ResultTable::ResultTable(const std::string& path, std::string hint)
    : input_(path), hint_(std::move(hint)) {
  if (!next()) input_.fail(0, "is empty; ", hint_);
  header_ = fields_;
  for (std::size_t i = 0; i < header_.size(); ++i) columns_.try_emplace(header_[i], i);
}

bool ResultTable::next() {
  std::string_view line;
  do {
    if (!input_.line(line)) return false;
  } while (line.empty() || line.front() == '#');
  fields_.clear();
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find('\t', at), line.size());
    fields_.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  if (!header_.empty() && fields_.size() != header_.size()) {
    fail(fields_.size(), " fields under a header of ", header_.size());
  }
  return true;
}

const std::string& ResultTable::text(const std::string& column) const {
  const auto found = columns_.find(column);
  if (found == columns_.end()) fail("no column ", shown(column), "; ", hint_);
  return fields_[found->second];
}

const std::string& ResultTable::far_number(const std::string& column) const {
  const std::string& field = text(column);
  const std::size_t end = std::min(field.find('e'), field.size());
  const bool whole = end == field.size() || parse_number(field.substr(end + 1));
  if (!whole || !parse_number(field.substr(0, end))) {
    fail("the number ", shown(field), " is none");
  }
  return field;
}

Number ResultTable::parsed(const std::string& field) const {
  if (field.empty()) return {field, std::numeric_limits<double>::quiet_NaN()};
  const std::optional<double> value = parse_number(field);
  if (!value) fail("the number ", shown(field), " is none");
  return {field, *value};
}

}  // namespace explainn::data
