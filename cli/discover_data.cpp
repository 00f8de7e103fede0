// Where the sequences of explainn discover come from.
#include <algorithm>
#include <cmath>

#include "cli/discover.h"
#include "data/row_choice.h"
#include "data/shuffled_negatives.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

constexpr const char* kTask = "bound";

// Leaves out what would teach nothing or take too long.
void thin_out(const DiscoverArguments& a, const RunLog& log, data::Dataset& dataset) {
  const std::int64_t before = dataset.size();
  const auto unlabelled = std::count_if(dataset.labels.begin(), dataset.labels.end(),
                                        [](float label) { return std::isnan(label); });
  data::keep_rows(dataset, data::drawn_rows(dataset, a.max_sequences, a.common.seed));
  if (unlabelled > 0) log.say(counted(unlabelled, "sequence") + " without a label left out");
  const std::int64_t drawn = before - unlabelled;
  if (dataset.size() == drawn) return;
  log.say(cat("a random ", dataset.size(), " of ", counted(drawn, "sequence"), ": at most ",
              a.max_sequences, " of each class (--max-sequences)"));
}

// Two files, one with a column of labels, or one of which all are positives.
data::Dataset read_sequences(const DiscoverArguments& a, const RunLog& log) {
  data::ReadOptions reading = read_options(a.data, model::Criterion::bce_with_logits, {});
  reading.keep_places = true;
  if (!a.negatives.empty()) {
    data::Dataset dataset =
        data::read_positives_negatives(a.positives, a.negatives, kTask, reading);
    thin_out(a, log, dataset);
    return dataset;
  }
  if (!a.data.targets.empty()) {
    data::Dataset dataset = data::read_dataset(a.positives, reading);
    if (dataset.targets.size() != 1) {
      throw UsageError("--targets " + a.data.targets + ": name one column, motifs are of one task");
    }
    thin_out(a, log, dataset);
    return dataset;
  }
  reading.need_labels = false;
  data::Dataset dataset = data::read_dataset(a.positives, reading);
  thin_out(a, log, dataset);
  data::add_shuffled_negatives(dataset, kTask, a.common.seed);
  return dataset;
}

}  // namespace

data::Dataset discovery_data(const DiscoverArguments& a, const RunLog& log) {
  data::Dataset dataset = read_sequences(a, log);
  const bool shuffled = a.negatives.empty() && a.data.targets.empty();
  if (dataset.splits.empty()) {
    data::assign_parts(dataset, shuffled ? dataset.size() / 2 : dataset.size(), a.common.seed);
  }
  const auto count = [&](data::Split split) {
    return static_cast<std::int64_t>(dataset.rows(split).size());
  };
  const std::int64_t valid = count(data::Split::valid);
  const std::int64_t test = count(data::Split::test);
  if (valid == 0 || test == 0) {
    throw Error(a.positives + ": its column of splits has no " + (valid == 0 ? "valid" : "test") +
                " sequences; motifs are chosen on valid and judged on test (leave the column out "
                "to have a tenth drawn for each)");
  }
  const auto train = dataset.rows(data::Split::train);
  data::check_trainable(dataset, train);
  log.say(counted(static_cast<std::int64_t>(train.size()), "training sequence") + ", " +
          std::to_string(valid) + " for validation, " + std::to_string(test) + " for the test" +
          (shuffled ? "; half of them shuffles that keep all dinucleotides" : ""));
  return dataset;
}

}  // namespace explainn::cli
