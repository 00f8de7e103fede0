#include "model/interpret/exact_median.h"

#include <algorithm>
#include <bit>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

constexpr int kHalf = 16;
constexpr std::uint32_t kLowMask = (1U << kHalf) - 1;
constexpr std::int64_t kBins = std::int64_t{1} << kHalf;
constexpr std::uint32_t kSign = 0x80000000U;

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

}  // namespace

ExactMedian::ExactMedian(std::int64_t streams)
    : streams_(static_cast<std::size_t>(streams)),
      counts_(static_cast<std::size_t>(streams * kBins)) {}

std::uint32_t* ExactMedian::bins(std::int64_t stream) {
  return counts_.data() + stream * kBins;
}

const std::uint32_t* ExactMedian::bins(std::int64_t stream) const {
  return counts_.data() + stream * kBins;
}

void ExactMedian::add(std::int64_t stream, float value) {
  Stream& state = streams_[static_cast<std::size_t>(stream)];
  const std::uint32_t key = key_of(value);
  const std::uint32_t bin = key >> kHalf;
  ++state.size;
  if (!second_pass_) {
    ++bins(stream)[bin];
    return;
  }
  if (bin == state.lower_bin) {
    ++bins(stream)[key & kLowMask];
    state.last_of_lower = std::max(state.last_of_lower, key);
  }
  if (bin == state.upper_bin) state.first_of_upper = std::min(state.first_of_upper, key);
}

void ExactMedian::begin_second_pass() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& state = streams_[i];
    if (state.size > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(cat("a median of ", state.size, " values: at most 2^32 - 1 can be counted"));
    }
    state.total = state.size;
    state.size = 0;
    if (state.total == 0) continue;
    const std::uint32_t* counts = bins(static_cast<std::int64_t>(i));
    const Place lower = find_rank(counts, (state.total - 1) / 2);
    state.lower_bin = lower.bin;
    state.before = lower.before;
    state.upper_bin = find_rank(counts, state.total / 2).bin;
  }
  std::fill(counts_.begin(), counts_.end(), 0U);
  second_pass_ = true;
}

double ExactMedian::median(std::int64_t stream) const {
  const Stream& state = streams_[static_cast<std::size_t>(stream)];
  require(second_pass_ && state.size == state.total, "median", "the first pass had ", state.total,
          " values, the second one ", state.size);
  if (state.total == 0) return std::numeric_limits<double>::quiet_NaN();
  std::uint32_t lower = state.last_of_lower;
  std::uint32_t upper = state.first_of_upper;
  if (state.lower_bin == state.upper_bin) {
    const auto key_at = [&](std::uint64_t rank) {
      return (state.lower_bin << kHalf) | find_rank(bins(stream), rank - state.before).bin;
    };
    lower = key_at((state.total - 1) / 2);
    upper = key_at(state.total / 2);
  }
  return (static_cast<double>(value_of(lower)) + static_cast<double>(value_of(upper))) / 2;
}

}  // namespace explainn::model
