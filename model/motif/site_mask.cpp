#include "model/motif/site_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/motif/matrix.h"

namespace explainn::model {

MotifCore motif_core(const data::Motif& motif) {
  constexpr double kSays = 0.25;
  const std::vector<double> bits = information_content(motif, {0.25, 0.25, 0.25, 0.25});
  const auto says = [](double column) { return column >= kSays; };
  const auto first = std::find_if(bits.begin(), bits.end(), says);
  if (first == bits.end()) return {0, bits.size()};
  const auto end = std::find_if(bits.rbegin(), bits.rend(), says).base();
  return {static_cast<std::size_t>(first - bits.begin()), static_cast<std::size_t>(end - first)};
}

std::vector<MotifHit> all_hits(const ScoreColumns& motif, float threshold, Sequences sequences,
                               ScanStrands strands) {
  // No score is beyond a million.
  constexpr double kBeyond = 1 << 21;
  const double least = std::ceil(static_cast<double>(threshold) * engine::kScoresPerBit);
  if (least > kBeyond) return {};
  const std::int32_t thresholds[] = {static_cast<std::int32_t>(std::max(least, -kBeyond))};
  const MotifScanner scanner(std::span(&motif, 1), thresholds, strands);
  const std::vector<MotifScanner::Piece> pieces = scanner.cut(sequences);
  std::vector<std::vector<MotifHit>> found(pieces.size());
  parallel_for(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t at) {
    const auto i = static_cast<std::size_t>(at);
    found[i] = scanner.find(sequences, pieces[i]).hits;
  });
  std::vector<MotifHit> hits;
  for (const std::vector<MotifHit>& some : found) hits.insert(hits.end(), some.begin(), some.end());
  return hits;
}

SiteMask::SiteMask(Sequences sequences) {
  std::size_t size = 0;
  for (const auto bases : sequences) size += bases.size();
  bases_.reserve(size);
  for (const auto bases : sequences) bases_.insert(bases_.end(), bases.begin(), bases.end());
  takers_.resize(size);
  std::size_t begin = 0;
  for (const auto bases : sequences) {
    views_.emplace_back(bases_.data() + begin, bases.size());
    begin += bases.size();
  }
}

void SiteMask::take(const ScoreColumns& core, float threshold, ScanStrands strands,
                    std::size_t name) {
  require(name < std::numeric_limits<std::uint16_t>::max(), "SiteMask", "name ", name);
  for (const MotifHit& hit : all_hits(core, threshold, views_, strands)) {
    const auto view = views_[static_cast<std::size_t>(hit.sequence)];
    const auto begin = view.data() - bases_.data() + hit.begin;
    std::fill_n(bases_.begin() + begin, core.size(), data::kUnknownBase);
    std::fill_n(takers_.begin() + begin, core.size(), static_cast<std::uint16_t>(name + 1));
  }
}

std::optional<std::size_t> SiteMask::taker(std::int64_t sequence, std::int64_t begin,
                                           std::size_t width) const {
  const auto view = views_[static_cast<std::size_t>(sequence)];
  const auto first = takers_.begin() + (view.data() - bases_.data() + begin);
  std::vector<std::uint16_t> names(first, first + static_cast<std::ptrdiff_t>(width));
  std::erase(names, 0);
  std::sort(names.begin(), names.end());
  std::size_t most = 0;
  std::optional<std::size_t> taker;
  for (auto at = names.begin(); at != names.end();) {
    const auto end = std::upper_bound(at, names.end(), *at);
    const auto count = static_cast<std::size_t>(end - at);
    if (count > most) {
      most = count;
      taker = static_cast<std::size_t>(*at - 1);
    }
    at = end;
  }
  return taker;
}

}  // namespace explainn::model
