// The tables of explainn interpret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cli/table_writer.h"
#include "model/interpret/annotation.h"
#include "model/predictor.h"

namespace explainn::cli {

inline constexpr const char* kAllImportances = "importances.tsv.gz";
inline constexpr const char* kEffects = "effects.tsv";
inline constexpr const char* kInstances = "instances.bed.gz";
inline constexpr const char* kMatches = "tomtom.tsv";

/// "filter7": unit 7 in tables and motif files.
std::string filter_name(std::size_t unit);

/// What was found, and who asked.
struct InterpretTables {
  const std::string& folder;
  model::Predictor& predictor;
  const data::Dataset& dataset;
  std::span<const std::uint32_t> rows;  ///< the well-predicted ones
  const model::Interpretation& result;
  /// [U] names of the filters, a column `annotation` in every table; empty without known motifs.
  std::span<const model::Annotation> annotations;
  const data::MotifFile& known;
  const Invocation& invocation;

  /// filters.meme, filters.tsv (a row a filter: what it found and matters for), weights.tsv and
  /// importances.tsv (`filter <tasks>`).
  void write_filters() const;
  /// effects.tsv (`filter <tasks>`): effects [U, T] of model/interpret/effects.h.
  void write_effects(std::span<const double> effects) const;
  /// tomtom.tsv: what explainn tomtom says about filters.meme and the known motifs.
  void write_matches(const std::vector<model::MotifMatch>& matches,
                     const model::ComparisonOptions& comparison) const;
  /// importances.tsv.gz: `filter sequence strand <tasks>`, a row a filter, sequence and strand.
  void write_all_importances() const;
  /// instances.bed.gz: BED6 (genome coordinates where the data have them, else of the sequence; the
  /// score is the activation in thousandths of the filter's largest), sequence, activation, tasks.
  void write_instances() const;
};

/// The motifs of the filters over `rows`, with a progress bar unless `quiet`.
model::Interpretation interpret_rows(model::Predictor& predictor, const data::Dataset& dataset,
                                     std::span<const std::uint32_t> rows, bool quiet);

}  // namespace explainn::cli
