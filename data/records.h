// Sequences as they stream from a file: one reader serves training, evaluation and prediction,
// whatever the file's form.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/alphabet.h"
#include "data/coordinates.h"

namespace explainn::data {

enum class Split : std::uint8_t { train, valid, test };

enum class LabelKind {
  numeric,  ///< one column a task, NaN where unresolved
  classes   ///< one column: the index of the class, NaN where there is none
};

/// What a label may be; checked while reading, so that the error names the line.
struct LabelRange {
  float least;
  float most;
  std::string reason;  ///< e.g. "the criterion bcewithlogits needs labels in [0, 1]"
};

struct ReadOptions {
  /// Task columns, in this order; empty: every column that is not taken otherwise. For a file
  /// without header: the names of its label columns. With `classes`: the class-name column, or one
  /// 0/1 column a class.
  std::vector<std::string> targets;
  std::vector<std::string> ignore;
  std::string sequence_column;  ///< empty: `seq` or `sequence`
  /// Empty: `id`, else an unnamed first column, else the number of the sequence, from 1.
  std::string id_column;
  LabelKind kind = LabelKind::numeric;
  /// The names a trained model knows, in its order: tasks are found by name (by position where the
  /// file has no header) and class names get the model's index. Empty while training.
  std::vector<std::string> model_targets;
  bool need_labels = true;    ///< false (predict): label columns are not read at all
  bool drop_unknown = false;  ///< leave out sequences that hold an unknown base (`--drop-n`)
  std::optional<LabelRange> range;
  std::set<std::string> valid_chroms;
  std::set<std::string> test_chroms;
  bool keep_places = false;  ///< Dataset: remember where in the genome the sequences lie
};

/// One sequence as the file has it. Views hold until the next call of next().
struct Record {
  std::string_view id;
  std::span<const Base> bases;
  std::span<const float> labels;
  std::optional<Split> split;
  /// From the columns chrom, start and end (as BED counts), else from the id; nothing where they do
  /// not fit the number of bases.
  std::optional<Place> place;
  std::int64_t line = 0;
};

/// Reads a file once, from front to back, in memory that does not grow with it.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// The next sequence; false at the end. Throws Error with file and line.
  virtual bool next(Record& record) = 0;
  /// Names of the tasks or, for a class-name column, of the classes met so far (order of first
  /// sight unless `model_targets` gave an order). Empty without labels.
  virtual const std::vector<std::string>& targets() const = 0;
  /// True if the file assigns sequences to train, valid and test.
  virtual bool has_splits() const = 0;
  /// Sequences left out by `drop_unknown` so far.
  virtual std::int64_t dropped() const = 0;
  /// 32 hexadecimal digits: XXH128 of the file's bytes (as `xxh128sum` prints it); complete after
  /// next() has returned false.
  virtual std::string content_hash() const = 0;
  /// Bytes read so far (as stored, before decompression); the file's size once complete.
  virtual std::int64_t content_bytes() const = 0;
  /// Size of the file on disk; 0 where it has none (a pipe).
  virtual std::int64_t total_bytes() const = 0;
};

/// Opens a table (.tsv, .csv, with or without header), FASTA or FASTQ, gzip or not, told apart by
/// content; "-" is standard input. FASTA and FASTQ have no labels: with `need_labels` they are
/// refused; with `valid_chroms` or `test_chroms` their ids must look like chrom:start-end. Throws
/// Error for an empty file and for columns that do not fit the options.
std::unique_ptr<RecordReader> open_records(const std::string& path, const ReadOptions& options);

}  // namespace explainn::data
