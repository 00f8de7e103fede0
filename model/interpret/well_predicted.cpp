// Which sequences a model understands well enough to learn from what it does with them.
#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "kernels/base/philox.h"
#include "model/interpret/interpretation.h"
#include "model/metrics.h"

namespace explainn::model {
namespace {

using Rule = WellPredicted::Rule;

// The option and its value, as a user would type them.
std::string option_text(const WellPredicted& rule) {
  switch (rule.rule) {
    case Rule::exact_match:
      return "--exact-match";
    case Rule::correlation:
      return cat("--correlation ", rule.value);
    case Rule::percentile_top:
      return cat("--percentile-top ", rule.value);
    case Rule::percentile_bottom:
      return cat("--percentile-bottom ", rule.value);
  }
  throw std::invalid_argument("[well_predicted] unknown rule");
}

void check_exact_match(Criterion criterion) {
  if (criterion == Criterion::bce_with_logits || criterion == Criterion::cross_entropy) return;
  throw UsageError(
      cat("--exact-match needs binary labels or classes, and this model was trained with ",
          to_string(criterion), ": use --correlation (3 tasks or more) or --percentile-top"));
}

void check_correlation(const WellPredicted& rule, Criterion criterion, std::int64_t tasks) {
  if (criterion == Criterion::cross_entropy) {
    throw UsageError(
        "--correlation compares numbers, and this model predicts classes: use --exact-match");
  }
  if (tasks < 3) {
    throw UsageError(
        cat("--correlation is taken over the tasks of a sequence and needs at least 3, this "
            "model has ",
            tasks, ": use --percentile-top or --percentile-bottom"));
  }
  if (!(rule.value >= -1 && rule.value < 1)) {
    throw UsageError(cat("--correlation ", rule.value, ": must be at least -1 and less than 1"));
  }
}

void check_percentile(const WellPredicted& rule, Criterion criterion) {
  if (criterion == Criterion::cross_entropy) {
    throw UsageError(cat(option_text(rule),
                         " ranks numbers, and this model predicts classes: use --exact-match"));
  }
  if (!(rule.value > 0 && rule.value <= 100)) {
    throw UsageError(cat(option_text(rule), ": must be more than 0 and at most 100 (per cent)"));
  }
}

// Returns the criterion of a model that `rule` suits.
Criterion check(const WellPredicted& rule, const Config& config) {
  if (!config.criterion) {
    throw UsageError(
        "the model does not say what it was trained on, so nobody can tell which sequences it "
        "predicts "
        "well: convert it again with --criterion");
  }
  switch (rule.rule) {
    case Rule::exact_match:
      check_exact_match(*config.criterion);
      break;
    case Rule::correlation:
      check_correlation(rule, *config.criterion, config.sizes.num_tasks);
      break;
    case Rule::percentile_top:
    case Rule::percentile_bottom:
      check_percentile(rule, *config.criterion);
      break;
  }
  if (rule.at_most && *rule.at_most < 1) {
    throw UsageError(cat("--num-well-pred-seqs ", *rule.at_most, ": must be at least 1"));
  }
  return *config.criterion;
}

bool exact_match(std::span<const float> predictions, std::span<const float> labels) {
  bool any = false;
  for (std::size_t t = 0; t < labels.size(); ++t) {
    if (std::isnan(labels[t])) continue;
    any = true;
    if (labels[t] != (predictions[t] >= 0.5F ? 1.0F : 0.0F)) return false;
  }
  return any;
}

bool right_class(std::span<const float> predictions, float label) {
  const auto best = std::max_element(predictions.begin(), predictions.end()) - predictions.begin();
  return static_cast<float>(best) == label;
}

// Calls `judge(row, predictions [T], labels)` for every row, in order.
template <typename Judge>
void each_prediction(Predictor& predictor, const data::Dataset& dataset,
                     std::span<const std::uint32_t> rows, Criterion criterion, const Judge& judge) {
  const Config& config = predictor.model().config;
  const Strands strands = config.rev_complement ? Strands::both : Strands::one;
  const auto tasks = static_cast<std::size_t>(config.sizes.num_tasks);
  std::vector<std::span<const data::Base>> sequences;
  const auto most = static_cast<std::size_t>(predictor.batch_rows());
  for (std::size_t first = 0; first < rows.size(); first += most) {
    const auto batch = rows.subspan(first, std::min(rows.size() - first, most));
    sequences.clear();
    for (const std::uint32_t row : batch) sequences.push_back(dataset.sequences[row]);
    Predictions predictions = predictor.predict(sequences, strands);
    // The arg max of classes is that of the logits, which have fewer ties after rounding.
    if (criterion != Criterion::cross_entropy) {
      apply_link(criterion, config.sizes.num_tasks, predictions.logits);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      judge(batch[i], std::span<const float>(predictions.logits).subspan(i * tasks, tasks),
            dataset.row_labels(batch[i]));
    }
  }
}

// A sequence as percentiles see it: means over its labelled tasks.
struct Ranked {
  std::uint32_t row;
  double label;
  double prediction;
};

std::optional<Ranked> ranked(std::uint32_t row, std::span<const float> predictions,
                             std::span<const float> labels) {
  Ranked mean{row, 0, 0};
  int count = 0;
  for (std::size_t t = 0; t < labels.size(); ++t) {
    if (std::isnan(labels[t])) continue;
    mean.label += labels[t];
    mean.prediction += predictions[t];
    ++count;
  }
  mean.label /= count;
  mean.prediction /= count;
  if (count == 0 || std::isnan(mean.label) || std::isnan(mean.prediction)) return std::nullopt;
  return mean;
}

// The value of `side` that the largest `count` of all reach.
double reached_by(const std::vector<Ranked>& all, double Ranked::*side, std::size_t count) {
  std::vector<double> values;
  values.reserve(all.size());
  for (const Ranked& one : all) values.push_back(one.*side);
  const auto last = values.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::nth_element(values.begin(), last, values.end(), std::greater<>());
  return *last;
}

// Rows among the extreme `percent` % by label and by prediction.
std::vector<std::uint32_t> extreme(std::vector<Ranked> all, Rule rule, double percent) {
  if (all.empty()) return {};
  if (rule == Rule::percentile_bottom) {
    for (Ranked& one : all) {
      one.label = -one.label;
      one.prediction = -one.prediction;
    }
  }
  const double share = std::floor(static_cast<double>(all.size()) * percent / 100);
  const auto count = static_cast<std::size_t>(std::max(share, 1.0));
  const double label = reached_by(all, &Ranked::label, count);
  const double prediction = reached_by(all, &Ranked::prediction, count);
  std::vector<std::uint32_t> kept;
  for (const Ranked& one : all) {
    if (one.label >= label && one.prediction >= prediction) kept.push_back(one.row);
  }
  return kept;
}

// `count` of `rows`, each set equally likely, in their order (selection sampling: Knuth, The Art of
// Computer Programming, volume 2, 3.4.2, algorithm S).
std::vector<std::uint32_t> sample(const std::vector<std::uint32_t>& rows, std::size_t count,
                                  std::uint64_t seed) {
  std::vector<std::uint32_t> kept;
  kept.reserve(count);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t word = philox(seed, i, 0, static_cast<std::uint32_t>(Stream::sampling))[0];
    const bool keep = (word * (rows.size() - i)) >> 32 < count - kept.size();
    if (keep) kept.push_back(rows[i]);
  }
  return kept;
}

}  // namespace

WellPredicted default_rule(Criterion criterion, std::int64_t tasks) {
  switch (criterion) {
    case Criterion::bce_with_logits:
    case Criterion::cross_entropy:
      return {.rule = Rule::exact_match, .value = 0, .at_most = {}};
    case Criterion::mse:
    case Criterion::pearson:
      if (tasks >= 3) return {.rule = Rule::correlation, .value = kWellPredicted, .at_most = {}};
      break;
    case Criterion::poisson_nll:
      break;
  }
  return {.rule = Rule::percentile_top, .value = 10, .at_most = {}};
}

std::vector<std::uint32_t> well_predicted_rows(Predictor& predictor, const data::Dataset& dataset,
                                               std::span<const std::uint32_t> rows,
                                               const WellPredicted& rule, std::uint64_t seed) {
  const Criterion criterion = check(rule, predictor.model().config);
  const std::int64_t columns =
      criterion == Criterion::cross_entropy ? 1 : predictor.model().config.sizes.num_tasks;
  require(dataset.label_columns == columns, "well_predicted", "the data have ",
          dataset.label_columns, " label columns, the model needs ", columns);

  const bool by_rank = rule.rule == Rule::percentile_top || rule.rule == Rule::percentile_bottom;
  std::vector<std::uint32_t> kept;
  std::vector<Ranked> to_rank;
  each_prediction(
      predictor, dataset, rows, criterion,
      [&](std::uint32_t row, std::span<const float> predictions, std::span<const float> labels) {
        if (by_rank) {
          if (const auto one = ranked(row, predictions, labels)) to_rank.push_back(*one);
        } else if (rule.rule == Rule::correlation) {
          if (pearson(predictions, labels) > rule.value) kept.push_back(row);
        } else if (criterion == Criterion::cross_entropy ? right_class(predictions, labels[0])
                                                         : exact_match(predictions, labels)) {
          kept.push_back(row);
        }
      });
  if (by_rank) kept = extreme(std::move(to_rank), rule.rule, rule.value);
  if (kept.empty()) {
    throw UsageError(cat("none of ", rows.size(), " sequences is well predicted by ",
                         option_text(rule),
                         ": loosen it or choose another of --exact-match, --correlation, "
                         "--percentile-top, --percentile-bottom"));
  }
  if (rule.at_most && static_cast<std::size_t>(*rule.at_most) < kept.size()) {
    kept = sample(kept, static_cast<std::size_t>(*rule.at_most), seed);
  }
  return kept;
}

}  // namespace explainn::model
