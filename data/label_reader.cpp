#include "data/label_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/fields.h"
#include "kernels/base/nearest.h"

namespace explainn::data {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
// More names than this are no classes but numbers or ids in the wrong column.
constexpr std::size_t kMostClasses = 4096;

}  // namespace

LabelReader::LabelReader(const TableLayout& layout, const ReadOptions& options,
                         const InputStream& input)
    : layout_(layout),
      options_(options),
      input_(input),
      targets_(layout.targets),
      values_(layout.class_names ? 1 : layout.labels.size()) {
  if (!layout.class_names) return;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    class_index_.emplace(targets_[i], static_cast<std::int64_t>(i));
  }
}

std::span<const float> LabelReader::read(const std::vector<std::string_view>& fields) {
  if (values_.empty()) return {};
  if (layout_.class_names) {
    values_[0] = class_of_name(fields[static_cast<std::size_t>(layout_.labels[0])]);
    return values_;
  }
  read_numbers(fields);
  if (options_.kind == LabelKind::numeric) return values_;
  values_[0] = class_of_columns();
  return std::span(values_).first(1);
}

void LabelReader::read_numbers(const std::vector<std::string_view>& fields) {
  for (std::size_t task = 0; task < values_.size(); ++task) {
    const std::string_view field = fields[static_cast<std::size_t>(layout_.labels[task])];
    const std::optional<float> value = parse_label(field);
    if (!value || std::isinf(*value)) fail_number(field, task);
    const std::optional<LabelRange>& range = options_.range;
    if (range && (*value < range->least || *value > range->most)) {
      fail("label ", shown(field), " in column ", shown(layout_.label_names[task]),
           " is out of range: ", range->reason);
    }
    values_[task] = *value;
  }
}

void LabelReader::fail_number(std::string_view field, std::size_t task) const {
  const std::string& column = layout_.label_names[task];
  if (parse_label(field)) {
    fail("label ", shown(field), " in column ", shown(column),
         " is infinite or beyond a float, mark unresolved labels as nan");
  }
  fail("label ", shown(field), " in column ", shown(column),
       " is no number; choose the label columns with --targets, or leave this one out with "
       "--ignore ",
       column);
}

float LabelReader::class_of_columns() const {
  float found = kNan;
  bool resolved = false;
  for (std::size_t task = 0; task < values_.size(); ++task) {
    const float value = values_[task];
    if (std::isnan(value)) continue;
    resolved = true;
    if (value != 0 && value != 1) {
      fail("label ", value, " in column ", shown(layout_.label_names[task]),
           " is neither 0 nor 1; classes are one 0/1 column each, or one column of names "
           "(--targets)");
    }
    if (value == 0) continue;
    if (!std::isnan(found)) fail("a sequence of two classes: exactly one class column may be 1");
    found = static_cast<float>(task);
  }
  if (resolved && std::isnan(found)) {
    fail("a sequence without a class: one class column must be 1 (or all nan, to leave it out)");
  }
  return found;
}

float LabelReader::class_of_name(std::string_view field) {
  if (is_unresolved(field)) return kNan;
  const auto known = class_index_.find(field);
  if (known != class_index_.end()) return static_cast<float>(known->second);
  if (!options_.model_targets.empty()) fail_class(field);
  if (targets_.size() == kMostClasses) {
    fail("more than ", kMostClasses, " classes in column ", shown(layout_.label_names[0]),
         "; name the column of the classes with --targets");
  }
  const auto index = static_cast<std::int64_t>(targets_.size());
  targets_.emplace_back(field);
  class_index_.emplace(targets_.back(), index);
  return static_cast<float>(index);
}

void LabelReader::fail_class(std::string_view field) const {
  const std::string nearest = nearest_name(field, targets_);
  fail("class ", shown(field), " is none of the model's ", targets_.size(), " classes",
       nearest.empty() ? "" : ", did you mean " + shown(nearest) + "?",
       "; mark sequences without a class as nan");
}

}  // namespace explainn::data
