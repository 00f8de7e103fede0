// Labelled sequences in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/place_list.h"
#include "data/records.h"
#include "data/sequences.h"

namespace explainn::data {

/// Text as it is kept in a SequenceSet; Dataset::id() gives it back.
inline std::span<const Base> as_bases(std::string_view text) {
  return {reinterpret_cast<const Base*>(text.data()), text.size()};
}

struct InputFile {
  std::string path;
  std::int64_t bytes = 0;
  std::string hash;
};

struct Dataset {
  SequenceSet sequences;
  SequenceSet id_bytes;            ///< ids as bytes (not bases); see id()
  std::vector<float> labels;       ///< [size, label_columns], row-major, NaN where unresolved
  std::int64_t label_columns = 0;  ///< T, or 1 for classes
  LabelKind kind = LabelKind::numeric;
  std::vector<std::string> targets;  ///< T task or class names
  std::vector<Split> splits;         ///< empty if the data have none
  PlaceList places;                  ///< empty unless asked for (ReadOptions::keep_places)
  std::vector<InputFile> inputs;
  std::int64_t dropped = 0;

  std::int64_t size() const { return sequences.size(); }
  std::string_view id(std::int64_t row) const;
  std::span<const float> row_labels(std::int64_t row) const {
    return {labels.data() + row * label_columns, static_cast<std::size_t>(label_columns)};
  }
  /// The rows of one split, in file order; all rows if the data have no splits.
  std::vector<std::uint32_t> rows(std::optional<Split> split) const;
};

/// Reads a whole file. Classes are sorted by name, unless the model or several `targets` gave an
/// order. Duplicate ids are an error that names both lines; so are data without a sequence, and
/// chromosomes asked for that hold none.
Dataset read_dataset(const std::string& path, const ReadOptions& options);

/// Two files without labels (FASTA, usually) as one task: `positives` labelled 1, `negatives` 0,
/// the task named `target`. An id may stand in both files, for shuffles often keep it.
Dataset read_positives_negatives(const std::string& positives, const std::string& negatives,
                                 const std::string& target, const ReadOptions& options);

/// 32 hexadecimal digits over sequences, labels and splits as they were read, whatever file and
/// options they came from.
std::string content_hash(const Dataset& dataset);

/// Adds VALID to TRAIN as its validation split (training rows keep or get Split::train). Targets
/// must agree by name; their order may differ, and VALID may lack classes. Throws UsageError if the
/// file of VALID assigns some of its rows to train or test.
void add_validation(Dataset& train, Dataset&& valid);

/// Makes round(fraction * n) of the n training rows (all rows if the data have no splits)
/// validation rows, drawn by `seed`. Throws UsageError when one part would be empty.
void assign_validation(Dataset& dataset, double fraction, std::uint64_t seed);

/// Throws Error if `rows` cannot teach: no row at all, a task without one resolved label or, for
/// classes, fewer than two classes. A binary task with only 0 or only 1 passes: the paper's matrix
/// has such columns in small parts, and they do no harm.
void check_trainable(const Dataset& dataset, std::span<const std::uint32_t> rows);

}  // namespace explainn::data
