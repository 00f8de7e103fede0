#include "data/id_index.h"

#include <xxhash.h>

#include <algorithm>

namespace explainn::data {

std::optional<std::int64_t> IdIndex::insert(const SequenceSet& ids, std::int64_t line) {
  if (4 * (used_ + 1) > 3 * entries_.size()) grow();
  const std::int64_t row = ids.size() - 1;
  const std::span<const Base> id = ids[row];
  const std::uint64_t hash = XXH3_64bits(id.data(), id.size());
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = hash & mask;
  for (; entries_[at].row_plus_one != 0; at = (at + 1) & mask) {
    if (entries_[at].hash != hash) continue;
    const std::span<const Base> other = ids[std::int64_t{entries_[at].row_plus_one} - 1];
    if (std::equal(id.begin(), id.end(), other.begin(), other.end())) return entries_[at].line;
  }
  entries_[at] = {hash, static_cast<std::uint32_t>(row + 1), static_cast<std::uint32_t>(line)};
  ++used_;
  return std::nullopt;
}

void IdIndex::grow() {
  std::vector<Entry> old(std::max<std::size_t>(1024, 2 * entries_.size()));
  old.swap(entries_);
  const std::size_t mask = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.row_plus_one == 0) continue;
    std::size_t at = entry.hash & mask;
    while (entries_[at].row_plus_one != 0) at = (at + 1) & mask;
    entries_[at] = entry;
  }
}

}  // namespace explainn::data
