// What the report shows and no table of its folder holds: report.json.
//
// Where everything in the report comes from:
//   filters.tsv, weights.tsv, effects.tsv, importances.tsv, filters.meme   as interpret writes them
//   tomtom.tsv                                                further matches, if there is one
//   report.json                                               the Facts below
// The page is made from these files alone, so that `explainn report DIR` gives the same bytes as
// the run that wrote them, and numbers in it are those of the tables.
//
// report.json, format 1: an object with the members of Facts under the names of their fields,
// nested as they are; what is undefined (NaN) is null, what is absent is left out. Points of curves
// are [x, y, x, y ..] in thousandths. Motifs are {"id", "name", "columns": [[A, C, G, T] ..]}.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/motif_file.h"
#include "model/curves.h"
#include "model/interpret/interpretation.h"
#include "model/metrics.h"
#include "model/trainer.h"

namespace explainn::model::report {

inline constexpr const char* kFactsFile = "report.json";
/// Known motifs that a filter looks like, as many as the report names.
inline constexpr std::size_t kMatchesOfFilter = 4;

/// A file that the results came from: its part ("model", "data", "known motifs"), its name without
/// folders, its hash.
struct Source {
  std::string part, name, xxh128;
};

/// A site of a filter, read on the strand where the filter finds its motif. The site itself is
/// between `left` and `right`, the letters around it.
struct Example {
  std::string sequence;  ///< its id
  std::string place;  ///< "chr1:101-119" as genome browsers count, or within the sequence "12-30"
  char strand = '+';
  std::string left, site, right;
  double activation = 0;
  double output = 0;  ///< of the unit; times a final weight: what it adds to a task
};

/// How good the model is on sequences that were not interpreted, if the data have such.
struct Performance {
  std::string split;  ///< "test", "train" ..; empty: the data have no splits
  std::int64_t sequences = 0;
  MetricTable metrics;
  std::vector<TaskCurves> curves;  ///< [T], or none where tasks are not binary
};

struct Facts {
  std::string program;  ///< "explainn 0.1.0"
  std::vector<Source> sources;
  std::string criterion;
  std::int64_t filter_size = 0;
  std::int64_t num_fc = 0;
  std::int64_t input_length = 0;
  bool both_strands = false;
  std::vector<std::string> tasks;

  std::string split;  ///< of the sequences interpreted; empty: the data have no splits
  std::int64_t sequences = 0;
  std::int64_t trusted = 0;  ///< of these, well predicted and so interpreted
  std::string rule;          ///< in words: which count as well predicted
  std::string distance;      ///< of the comparison with known motifs; empty: there was none
  double q_value = 0;

  std::vector<EpochResult> epochs;  ///< of the training; empty where losses.tsv was not found
  std::optional<Performance> performance;
  /// [U] quantiles of the outputs at kOutputFractions
  std::vector<std::array<double, kOutputFractions.size()>> outputs;
  std::vector<std::vector<Example>> examples;  ///< [U]
  std::vector<data::Motif> known;              ///< those that filters were named after, and others
};

/// The rule in words, to follow "sequences": "whose labels are all predicted ..".
std::string in_words(const WellPredicted& rule);

std::string facts_text(const Facts& facts);
/// Throws Error that names `path` and the member that is missing or has the wrong type.
Facts read_facts(const std::string& path);

}  // namespace explainn::model::report
