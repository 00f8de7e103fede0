#include "model/motif/rank_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace explainn::model {
namespace {

constexpr std::int64_t kFew = 64;
constexpr std::int64_t kSample = 128;
// How many standard deviations of what is expected a bracket is wide, on both sides.
constexpr double kDeviations = 3;

}  // namespace

struct RankSearch::Narrowed {
  const float* values;
  std::int64_t count, rank;
  RankBracket bracket;
  std::int64_t below_low;   // values less than bracket.low: at most `rank`
  std::int64_t below_high;  // less than bracket.high: more than `rank`

  std::int64_t inside() const { return below_high - below_low; }
};

RankSearch::RankSearch() : loops_(engine::comparison_loops(chosen_instruction_set())) {}

void RankSearch::narrow(double from, double to, Narrowed& s) const {
  const float low = std::clamp(static_cast<float>(from), s.bracket.low, s.bracket.high);
  const float high = std::clamp(static_cast<float>(to), s.bracket.low, s.bracket.high);
  const engine::CountsBelow counts =
      loops_.count_below({.count = s.count, .values = s.values, .low = low, .high = high});
  for (const auto& [bound, below] : {std::pair(low, counts.low), std::pair(high, counts.high)}) {
    if (below <= s.rank && below >= s.below_low) {
      s.bracket.low = bound;
      s.below_low = below;
    }
    if (below > s.rank && below <= s.below_high) {
      s.bracket.high = bound;
      s.below_high = below;
    }
  }
}

void RankSearch::narrow_by_sample(Narrowed& s) {
  if (s.count < 4 * kSample) return;
  sample_.resize(kSample);
  for (std::int64_t i = 0; i < kSample; ++i) {
    sample_[static_cast<std::size_t>(i)] = s.values[i * s.count / kSample];
  }
  std::sort(sample_.begin(), sample_.end());
  const auto at = [&](double place) {
    const auto whole = std::clamp<std::int64_t>(std::llround(place), 0, kSample - 1);
    return static_cast<double>(sample_[static_cast<std::size_t>(whole)]);
  };
  const double part = static_cast<double>(s.rank) / static_cast<double>(s.count);
  const double deviation = std::sqrt(part * (1 - part) * kSample) * kDeviations;
  narrow(at(part * kSample - deviation), at(part * kSample + deviation), s);
}

RankBracket RankSearch::find(const float* values, std::int64_t count, std::int64_t rank,
                             float least, float most, double width) {
  Narrowed s{
      .values = values,
      .count = count,
      .rank = rank,
      .bracket = {.low = least, .high = std::nextafter(most, std::numeric_limits<float>::max())},
      .below_low = 0,
      .below_high = count};
  narrow_by_sample(s);
  bool halve = false;
  while (s.inside() > kFew) {
    const double low = s.bracket.low;
    const double whole = s.bracket.high - low;
    if (whole <= width) break;
    const std::int64_t before = s.inside();
    if (halve) {
      narrow(low + whole / 2, low + whole / 2, s);
      halve = false;
      continue;
    }
    // Where the rank is if the values in the bracket are spread evenly.
    const double part =
        (static_cast<double>(rank - s.below_low) + 0.5) / static_cast<double>(before);
    const double deviation =
        std::sqrt(part * (1 - part) / static_cast<double>(before)) * kDeviations;
    narrow(low + (part - deviation) * whole, low + (part + deviation) * whole, s);
    halve = s.inside() > before / 2;  // they are not
  }
  return s.bracket;
}

}  // namespace explainn::model
