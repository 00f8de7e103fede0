#include "data/sequences.h"

#include <algorithm>
#include <unordered_map>

namespace explainn::data {

void fit_sequence(std::span<const Base> sequence, Strand strand, std::span<Base> out) {
  const std::size_t have = sequence.size();
  const std::size_t want = out.size();
  if (have >= want) {
    const auto start = static_cast<std::ptrdiff_t>((have - want) / 2);
    std::copy_n(sequence.begin() + start, want, out.begin());
  } else {
    const std::size_t pad = want - have;
    const auto left = static_cast<std::ptrdiff_t>(pad / 2 + (pad & want & 1));
    const auto after =
        std::copy(sequence.begin(), sequence.end(), std::fill_n(out.begin(), left, kUnknownBase));
    std::fill(after, out.end(), kUnknownBase);
  }
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
