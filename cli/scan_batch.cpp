#include "cli/scan_batch.h"

namespace explainn::cli {
namespace {

constexpr std::size_t kBases = std::size_t{1} << 20;

}  // namespace

bool ScanBatch::read(data::RecordReader& reader, std::size_t most) {
  rows_.clear();
  bases_.clear();
  sequences_.clear();
  data::Record record;
  while (rows_.size() < most && bases_.size() < kBases && reader.next(record)) {
    bases_.insert(bases_.end(), record.bases.begin(), record.bases.end());
    rows_.push_back({std::string(record.id), record.place,
                     std::string(record.place ? record.place->chrom : ""), bases_.size()});
  }
  std::size_t begin = 0;
  for (const Row& row : rows_) {
    sequences_.emplace_back(bases_.data() + begin, row.end - begin);
    begin = row.end;
  }
  return !rows_.empty();
}

std::optional<data::Place> ScanBatch::place(std::int64_t sequence) const {
  const Row& row = at(sequence);
  if (!row.place) return std::nullopt;
  data::Place place = *row.place;
  place.chrom = row.chrom;
  return place;
}

void say_dropped(const data::RecordReader& reader, const RunLog& log) {
  if (reader.dropped() == 0) return;
  log.say(counted(reader.dropped(), "sequence") + " with an unknown base left out (--drop-n)");
}

}  // namespace explainn::cli
