#include "model/interpret/exact_quantiles.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

constexpr int kHalf = 16;
constexpr std::uint32_t kLowMask = (1U << kHalf) - 1;
constexpr std::int64_t kBins = std::int64_t{1} << kHalf;
constexpr std::uint32_t kSign = 0x80000000U;
// Low halves take two bytes each, counts of them 4 * 2^16 bytes.
constexpr std::uint32_t kFewLows = 2 * kBins;

// Keys order like the floats: all bits of a negative one flipped, the sign bit of others.
std::uint32_t key_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

float value_of(std::uint32_t key) {
  return std::bit_cast<float>((key & kSign) != 0 ? key & ~kSign : ~key);
}

struct Place {
  std::uint32_t bin;
  std::uint64_t before;  // values in the bins before it
};

// The bin of the value with `rank` (from 0). Requires rank < the sum of all counts.
Place find_rank(const std::uint32_t* counts, std::uint64_t rank) {
  Place place{0, 0};
  while (place.before + counts[place.bin] <= rank) place.before += counts[place.bin++];
  return place;
}

// Between which of n sorted values a quantile lies.
struct Ranks {
  std::uint64_t lower, upper;
  double part;  // of the way from the lower to the upper
};

Ranks ranks_of(double fraction, std::uint64_t n) {
  const double at = static_cast<double>(n - 1) * fraction;
  const double lower = std::floor(at);
  const auto rank = static_cast<std::uint64_t>(lower);
  return {rank, at > lower ? rank + 1 : rank, at - lower};
}

}  // namespace

ExactQuantiles::ExactQuantiles(std::int64_t streams, std::vector<double> fractions)
    : fractions_(std::move(fractions)),
      streams_(static_cast<std::size_t>(streams)),
      counts_(static_cast<std::size_t>(streams * kBins)) {
  for (const double fraction : fractions_) {
    require(fraction >= 0 && fraction <= 1, "quantiles", "a fraction of ", fraction);
  }
}

void ExactQuantiles::add_low(Part& part, std::uint16_t low) {
  if (part.first_only) {
    part.first = std::min(part.first, low);
  } else if (!part.counts.empty()) {
    ++part.counts[low];
  } else if (part.lows.size() < part.size) {
    part.lows.push_back(low);
  }
}

void ExactQuantiles::add(std::int64_t stream, float value) {
  Stream& state = streams_[static_cast<std::size_t>(stream)];
  const std::uint32_t key = key_of(value);
  const std::uint32_t bin = key >> kHalf;
  ++state.size;
  if (!second_pass_) {
    ++counts_[static_cast<std::size_t>(stream * kBins + bin)];
    return;
  }
  for (Part& part : state.parts) {
    if (part.bin == bin) add_low(part, static_cast<std::uint16_t>(key & kLowMask));
  }
}

// The part that holds the value with `rank`.
void ExactQuantiles::add_part(Stream& stream, const std::uint32_t* bins, std::uint64_t rank) {
  const Place place = find_rank(bins, rank);
  const bool first = rank == place.before;
  for (Part& part : stream.parts) {
    if (part.bin != place.bin) continue;
    part.first_only = part.first_only && first;
    return;
  }
  stream.parts.push_back({place.bin, place.before, bins[place.bin], first, 0xffff, {}, {}});
}

void ExactQuantiles::begin_second_pass() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& state = streams_[i];
    if (state.size > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(cat("quantiles of ", state.size, " values: at most 2^32 - 1 can be counted"));
    }
    state.total = std::exchange(state.size, 0);
    if (state.total == 0) continue;
    const std::uint32_t* const bins = counts_.data() + static_cast<std::int64_t>(i) * kBins;
    for (const double fraction : fractions_) {
      const Ranks ranks = ranks_of(fraction, state.total);
      add_part(state, bins, ranks.lower);
      add_part(state, bins, ranks.upper);
    }
    for (Part& part : state.parts) {
      if (!part.first_only && part.size > kFewLows) part.counts.resize(kBins);
    }
  }
  counts_ = {};
  second_pass_ = true;
}

double ExactQuantiles::value_at(const Stream& stream, std::uint64_t rank) {
  const auto holds = [rank](const Part& part) {
    return part.before <= rank && rank - part.before < part.size;
  };
  const Part& part = *std::find_if(stream.parts.begin(), stream.parts.end(), holds);
  const std::uint64_t within = rank - part.before;
  std::uint32_t low = part.first;
  if (!part.counts.empty()) {
    low = find_rank(part.counts.data(), within).bin;
  } else if (!part.first_only) {
    std::vector<std::uint16_t> lows = part.lows;
    const auto at = lows.begin() + static_cast<std::ptrdiff_t>(within);
    std::nth_element(lows.begin(), at, lows.end());
    low = *at;
  }
  return value_of((part.bin << kHalf) | low);
}

double ExactQuantiles::quantile(std::int64_t stream, std::size_t which) const {
  const Stream& state = streams_[static_cast<std::size_t>(stream)];
  require(second_pass_ && state.size == state.total, "quantiles", "the first pass had ",
          state.total, " values, the second one ", state.size);
  if (state.total == 0) return std::numeric_limits<double>::quiet_NaN();
  const Ranks ranks = ranks_of(fractions_.at(which), state.total);
  const double lower = value_at(state, ranks.lower);
  if (ranks.upper == ranks.lower) return lower;
  return (1 - ranks.part) * lower + ranks.part * value_at(state, ranks.upper);
}

}  // namespace explainn::model
