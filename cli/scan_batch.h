// Sequences of explainn scan, many at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "cli/run_log.h"
#include "data/records.h"

namespace explainn::cli {

/// Sequences with what is written about them.
class ScanBatch {
 public:
  /// Replaces the batch by the next sequences of `reader`, until there are `most` or a few million
  /// bases; false if there are none left.
  bool read(data::RecordReader& reader, std::size_t most);

  const std::vector<std::span<const data::Base>>& sequences() const { return sequences_; }
  const std::string& id(std::int64_t sequence) const { return at(sequence).id; }
  /// Where it lies in a genome, if its file tells.
  std::optional<data::Place> place(std::int64_t sequence) const;

 private:
  struct Row {
    std::string id;
    std::optional<data::Place> place;
    std::string chrom;  // what `place` refers to
    std::size_t end;    // in bases_
  };
  const Row& at(std::int64_t sequence) const { return rows_[static_cast<std::size_t>(sequence)]; }

  std::vector<Row> rows_;
  std::vector<data::Base> bases_;
  std::vector<std::span<const data::Base>> sequences_;
};

/// Hands the sequences of `reader` to `take`, batch by batch, and returns their number. Shows
/// progress.
template <typename Take>
std::int64_t each_batch(data::RecordReader& reader, std::size_t most, bool quiet,
                        const Take& take) {
  Progress progress(quiet);
  progress.start("scanning", reader.total_bytes() > 0 ? "bytes" : "sequences");
  ScanBatch batch;
  std::int64_t sequences = 0;
  while (batch.read(reader, most)) {
    take(batch);
    sequences += static_cast<std::int64_t>(batch.sequences().size());
    const bool known = reader.total_bytes() > 0;
    progress.update(known ? reader.content_bytes() : sequences, reader.total_bytes());
  }
  return sequences;
}

/// Says how many sequences --drop-n left out, if any.
void say_dropped(const data::RecordReader& reader, const RunLog& log);

}  // namespace explainn::cli
