// Names for filters: the known motifs that theirs look like.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/interpret/interpretation.h"
#include "model/motif/binding_modes.h"
#include "model/motif/comparison.h"

namespace explainn::model {

/// What is known of a filter once its motif has been compared.
enum class FilterKind {
  named,          ///< it looks like a known motif
  unknown,        ///< it has a motif that looks like none
  uninformative,  ///< its motif says nothing, so what it looks like means nothing
  dead,           ///< it fired nowhere and has no motif
};

struct Annotation {
  FilterKind kind = FilterKind::dead;
  std::string name;                ///< of the best match (its id if it has no name), or the kind
  std::optional<MotifMatch> best;  ///< if named; its query counts among the motifs compared
  /// The known motif that stands for the binding mode of the best match, if that is in one.
  std::optional<std::size_t> known_mode;
};

struct AnnotatedFilters {
  std::vector<Annotation> filters;  ///< [U]
  std::vector<MotifMatch> matches;  ///< of all motifs, uninformative ones too, as compare_motifs()
};

/// The filters of `result` against `known` motifs, compared as data::meme_text() writes them, so
/// that the written file gives the same. A filter has the name of its best match within the
/// options' threshold, and the motifs of `result` take these names.
AnnotatedFilters annotate(Interpretation& result, const data::MotifFile& known,
                          const ComparisonOptions& options);

/// Which of the `modes` of the known motifs the filters found.
void name_modes(std::span<const BindingMode> modes, std::vector<Annotation>& filters);

/// Number of different known modes among them.
std::size_t known_modes_found(std::span<const Annotation> filters);

}  // namespace explainn::model
