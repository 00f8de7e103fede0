#include "data/sequences.h"

#include <algorithm>
#include <unordered_map>

namespace explainn::data {

std::int64_t fitted_start(std::int64_t have, std::int64_t want) {
  if (have >= want) return (have - want) / 2;
  const std::int64_t pad = want - have;
  return -(pad / 2 + (pad & want & 1));
}

void fit_sequence(std::span<const Base> sequence, Strand strand, std::span<Base> out) {
  const auto have = static_cast<std::int64_t>(sequence.size());
  const auto want = static_cast<std::int64_t>(out.size());
  const std::int64_t start = fitted_start(have, want);
  const std::int64_t left = std::max<std::int64_t>(0, -start);
  const auto after =
      std::copy_n(sequence.begin() + std::max<std::int64_t>(0, start), std::min(have, want),
                  std::fill_n(out.begin(), left, kUnknownBase));
  std::fill(after, out.end(), kUnknownBase);
  if (strand == Strand::reverse) {
    std::reverse(out.begin(), out.end());
    std::transform(out.begin(), out.end(), out.begin(), complement);
  }
}

void SequenceSet::add(std::span<const Base> bases) {
  bases_.insert(bases_.end(), bases.begin(), bases.end());
  ends_.push_back(bases_.size());
}

void SequenceSet::reserve(std::size_t sequences, std::size_t bases) {
  ends_.reserve(sequences);
  bases_.reserve(bases);
}

std::span<const Base> SequenceSet::operator[](std::int64_t i) const {
  const auto at = static_cast<std::size_t>(i);
  const std::uint64_t begin = at == 0 ? 0 : ends_[at - 1];
  return {bases_.data() + begin, ends_[at] - begin};
}

std::int64_t SequenceSet::most_frequent_length() const {
  std::unordered_map<std::int64_t, std::int64_t> counts;
  std::int64_t best = 0;
  std::int64_t most = 0;
  for (std::int64_t i = 0; i < size(); ++i) ++counts[length(i)];
  for (const auto& [here, count] : counts) {
    if (count > most || (count == most && here > best)) {
      best = here;
      most = count;
    }
  }
  return best;
}

}  // namespace explainn::data
