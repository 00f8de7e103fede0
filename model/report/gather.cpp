#include "model/report/gather.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>

#include "data/alphabet.h"
#include "data/fields.h"
#include "data/input_stream.h"
#include "kernels/base/error.h"
#include "model/interpret/instances.h"

namespace explainn::model::report {
namespace {

constexpr double kDecimals = 1e6;  // of a motif's probabilities, as in MEME files

// Letters begin .. end - 1 of a sequence (what lies beyond it left out), or of the other strand.
std::string letters(std::span<const data::Base> bases, std::int64_t begin, std::int64_t end,
                    data::Strand strand) {
  begin = std::max<std::int64_t>(begin, 0);
  end = std::min(end, static_cast<std::int64_t>(bases.size()));
  std::string text;
  if (begin < end) {
    data::append_letters(
        bases.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
        strand, text);
  }
  return text;
}

Example example_of(const data::Dataset& dataset, const ExampleSite& site) {
  const auto bases = dataset.sequences[site.row];
  Example example;
  example.sequence = dataset.id(site.row);
  example.left = letters(bases, site.start - kFlank, site.start, site.strand);
  example.site = letters(bases, site.start, site.end, site.strand);
  example.right = letters(bases, site.end, site.end + kFlank, site.strand);
  if (site.strand == data::Strand::reverse) std::swap(example.left, example.right);
  const auto whole = dataset.places[site.row];
  const data::Place place = data::part_of(whole, "", site.start, site.end, site.strand);
  example.place = cat(place.chrom, whole ? ":" : "", place.start + 1, "-", place.end);
  example.strand = data::sign(place.strand);
  example.activation = site.activation;
  example.output = site.output;
  return example;
}

// Labels of one task, or whether a sequence is of one class.
float label_of(std::span<const float> labels, TaskType type, std::size_t task) {
  if (type != TaskType::classes) return labels[task];
  if (std::isnan(labels[0])) return labels[0];
  return labels[0] == static_cast<float>(task) ? 1.0F : 0.0F;
}

}  // namespace

void describe_model(const Config& config, Facts& facts) {
  facts.criterion = config.criterion ? to_string(*config.criterion) : "";
  facts.filter_size = config.sizes.filter_size;
  facts.num_fc = config.sizes.num_fc;
  facts.input_length = config.sizes.input_length;
  facts.both_strands = config.rev_complement;
  facts.tasks = config.targets;
}

std::vector<std::vector<Example>> examples(Predictor& predictor, const data::Dataset& dataset,
                                           std::span<const std::uint32_t> rows,
                                           const Interpretation& result) {
  std::vector<std::vector<Example>> found;
  for (const auto& sites : example_sites(predictor, dataset, rows, result.strongest)) {
    found.emplace_back();
    for (const ExampleSite& site : sites) found.back().push_back(example_of(dataset, site));
  }
  return found;
}

std::vector<data::Motif> matched_motifs(const std::vector<MotifMatch>& matches,
                                        const data::MotifFile& known) {
  std::set<std::size_t> targets;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    taken = i > 0 && matches[i].query == matches[i - 1].query ? taken + 1 : 1;
    if (taken <= kMatchesOfFilter) targets.insert(matches[i].target);
  }
  std::vector<data::Motif> motifs;
  for (const std::size_t target : targets) {
    motifs.push_back(known.motifs[target]);
    for (auto& column : motifs.back().columns) {
      for (double& share : column) share = std::round(share * kDecimals) / kDecimals;
    }
  }
  return motifs;
}

Judgement::Judgement(const Model& model, const data::Dataset& dataset)
    : model_(model),
      dataset_(dataset),
      effects_(model.config.sizes.num_units, model.config.sizes.num_tasks) {}

void Judgement::add(std::span<const std::uint32_t> rows, const Predictions& batch) {
  const auto tasks = static_cast<std::size_t>(model_.config.sizes.num_tasks);
  const TaskType type = task_type(model_.config.criterion.value());
  const std::size_t first = task_labels_.size();
  for (const std::uint32_t row : rows) {
    const auto labels = dataset_.row_labels(row);
    labels_.insert(labels_.end(), labels.begin(), labels.end());
    for (std::size_t t = 0; t < tasks; ++t) task_labels_.push_back(label_of(labels, type, t));
  }
  effects_.add(batch.unit_outputs, std::span(task_labels_).subspan(first));
  std::vector<float> values = batch.logits;
  apply_link(*model_.config.criterion, model_.config.sizes.num_tasks, values);
  predictions_.insert(predictions_.end(), values.begin(), values.end());
}

Performance Judgement::performance() const {
  const TaskType type = task_type(model_.config.criterion.value());
  const std::vector<std::string>& names = model_.config.targets;
  Performance performance;
  performance.metrics = evaluate(type, predictions_, labels_, names);
  const std::size_t rows = predictions_.size() / names.size();
  performance.sequences = static_cast<std::int64_t>(rows);
  if (type != TaskType::binary && type != TaskType::classes) return performance;
  std::vector<float> scores(rows);
  std::vector<float> labels(rows);
  for (std::size_t t = 0; t < names.size(); ++t) {
    for (std::size_t i = 0; i < rows; ++i) {
      scores[i] = predictions_[i * names.size() + t];
      labels[i] = task_labels_[i * names.size() + t];
    }
    performance.curves.push_back(task_curves(scores, labels));
  }
  return performance;
}

std::vector<double> Judgement::effects() const {
  return effects_.effects(model_.weights.at("final.weight"));
}

std::vector<EpochResult> losses_at(const std::string& path) {
  if (!std::filesystem::exists(path)) return {};
  data::InputStream input(path);
  std::string_view line;
  if (!input.line(line) || line != "Epoch\tTrain loss\tValidation loss") return {};
  std::vector<EpochResult> epochs;
  data::FieldSplitter splitter;
  while (input.line(line)) {
    if (line.empty() || line.front() == '#') continue;
    const auto* const fields = splitter.split(line);
    if (fields == nullptr || fields->size() != 3) return {};
    const auto epoch = data::whole_number((*fields)[0]);
    const auto train = data::parse_number((*fields)[1]);
    const auto valid = data::parse_number((*fields)[2]);
    if (!epoch || !train || !valid) return {};
    epochs.push_back({*epoch, *train, *valid, false});
  }
  return epochs;
}

}  // namespace explainn::model::report
