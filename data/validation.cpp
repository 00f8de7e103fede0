// Validation sets, and whether data can teach: the part of dataset.h that looks at whole data sets.
#include <algorithm>
#include <cmath>

#include "data/dataset.h"
#include "data/draws.h"
#include "data/input_stream.h"
#include "kernels/base/error.h"
#include "kernels/base/nearest.h"
#include "kernels/base/permutation.h"

namespace explainn::data {
namespace {

std::string place(const Dataset& data) {
  return data.inputs.empty() ? "the data" : data.inputs.front().path;
}

/// For every target of `to`, its place in `from`; -1 where `from` lacks it.
std::vector<std::int64_t> match_targets(const std::vector<std::string>& to,
                                        const std::vector<std::string>& from) {
  std::vector<std::int64_t> places;
  for (const std::string& name : to) {
    const auto found = std::find(from.begin(), from.end(), name);
    places.push_back(found == from.end() ? -1 : found - from.begin());
  }
  return places;
}

void check_targets_agree(const Dataset& train, const Dataset& valid) {
  if (train.kind != valid.kind || (train.label_columns == 0) != (valid.label_columns == 0)) {
    fail_at(place(valid), 0, "its labels are of another kind than those of ", place(train));
  }
  for (const std::string& name : valid.targets) {
    if (std::find(train.targets.begin(), train.targets.end(), name) != train.targets.end())
      continue;
    const std::string nearest = nearest_name(name, train.targets);
    fail_at(place(valid), 0, shown(name), " is no target of ", place(train),
            nearest.empty() ? "" : ", which has " + shown(nearest),
            "; the targets must have the same names (--targets, --ignore)");
  }
  if (train.kind == LabelKind::classes) return;
  for (const std::string& name : train.targets) {
    if (std::find(valid.targets.begin(), valid.targets.end(), name) != valid.targets.end())
      continue;
    fail_at(place(valid), 0, "lacks the target ", shown(name), " of ", place(train),
            "; the targets must have the same names (--targets, --ignore)");
  }
}

/// Labels of `valid` in the order of the targets of `train`. Requires agreeing targets.
void reorder_labels(Dataset& valid, const std::vector<std::string>& targets) {
  if (valid.targets == targets) return;
  if (valid.kind == LabelKind::classes) {
    const std::vector<std::int64_t> new_index = match_targets(valid.targets, targets);
    for (float& label : valid.labels) {
      if (!std::isnan(label)) {
        label = static_cast<float>(new_index[static_cast<std::size_t>(label)]);
      }
    }
    return;
  }
  const std::vector<std::int64_t> source = match_targets(targets, valid.targets);
  std::vector<float> row(targets.size());
  for (std::int64_t i = 0; i < valid.size(); ++i) {
    float* const labels = valid.labels.data() + i * valid.label_columns;
    for (std::size_t t = 0; t < row.size(); ++t) row[t] = labels[source[t]];
    std::copy(row.begin(), row.end(), labels);
  }
}

}  // namespace

void add_validation(Dataset& train, Dataset&& valid) {
  check_targets_agree(train, valid);
  for (const Split split : valid.splits) {
    if (split == Split::valid) continue;
    throw UsageError(
        place(valid) + ": assigns some sequences to train or test, so it is no " +
        "validation set; give it alone as TRAIN, or leave the column out with --ignore");
  }
  reorder_labels(valid, train.targets);
  if (train.splits.empty())
    train.splits.assign(static_cast<std::size_t>(train.size()), Split::train);
  train.sequences.reserve(static_cast<std::size_t>(train.size() + valid.size()),
                          train.sequences.total_length() + valid.sequences.total_length());
  train.id_bytes.reserve(static_cast<std::size_t>(train.size() + valid.size()),
                         train.id_bytes.total_length() + valid.id_bytes.total_length());
  for (std::int64_t i = 0; i < valid.size(); ++i) {
    train.sequences.add(valid.sequences[i]);
    train.id_bytes.add(valid.id_bytes[i]);
  }
  train.labels.insert(train.labels.end(), valid.labels.begin(), valid.labels.end());
  train.splits.resize(static_cast<std::size_t>(train.size()), Split::valid);
  train.inputs.insert(train.inputs.end(), valid.inputs.begin(), valid.inputs.end());
  train.dropped += valid.dropped;
}

void assign_validation(Dataset& dataset, double fraction, std::uint64_t seed) {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw UsageError(cat("the fraction of validation sequences is ", fraction, ", give 0 to 1"));
  }
  const std::vector<std::uint32_t> rows = dataset.rows(Split::train);
  const auto count =
      static_cast<std::size_t>(std::llround(fraction * static_cast<double>(rows.size())));
  if (count == 0 || count >= rows.size()) {
    throw UsageError(cat(place(dataset), ": a fraction of ", fraction, " of ", rows.size(),
                         " training sequences leaves no sequence for ",
                         count == 0 ? "validation" : "training",
                         "; change --valid-fraction or give a validation set"));
  }
  if (dataset.splits.empty()) {
    dataset.splits.assign(static_cast<std::size_t>(dataset.size()), Split::train);
  }
  const Permutation drawn(rows.size(), seed, kValidationDraw);
  for (std::size_t i = 0; i < count; ++i) dataset.splits[rows[drawn(i)]] = Split::valid;
}

void check_trainable(const Dataset& dataset, std::span<const std::uint32_t> rows) {
  if (rows.empty()) fail_at(place(dataset), 0, "no training sequence, check the column 'set'");
  const bool classes = dataset.kind == LabelKind::classes;
  std::vector<char> seen(dataset.targets.size(), 0);
  for (const std::uint32_t row : rows) {
    const std::span<const float> labels = dataset.row_labels(row);
    for (std::size_t t = 0; t < labels.size(); ++t) {
      if (!std::isnan(labels[t])) seen[classes ? static_cast<std::size_t>(labels[t]) : t] = 1;
    }
  }
  if (classes) {
    const auto count = std::count(seen.begin(), seen.end(), 1);
    if (count >= 2) return;
    const auto only =
        static_cast<std::size_t>(std::find(seen.begin(), seen.end(), 1) - seen.begin());
    fail_at(place(dataset), 0, count == 0 ? "no sequence of the " : "all of the ", rows.size(),
            " training sequences ", count == 0 ? "has a class" : "are of class ",
            count == 0 ? "" : shown(dataset.targets[only]),
            ", training needs two classes or more; choose their column with --targets or --ignore");
  }
  for (std::size_t t = 0; t < seen.size(); ++t) {
    if (seen[t] != 0) continue;
    fail_at(place(dataset), 0, "the task ", shown(dataset.targets[t]), " has no label in the ",
            rows.size(), " training sequences, leave it out with --ignore ", dataset.targets[t]);
  }
}

}  // namespace explainn::data
