#include "kernels/unit_pass/window_moments.h"

#include <algorithm>
#include <array>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kWordRows = 64;

// For every position and base one bit a row: planes [L, 4, words].
struct BitPlanes {
  std::int64_t words;
  Buffer<std::uint64_t> bits;

  const std::uint64_t* at(std::int64_t position, std::int64_t base) const {
    return bits.data() + (position * 4 + base) * words;
  }
};

BitPlanes bit_planes(const std::uint8_t* bases, std::int64_t rows, std::int64_t length) {
  const std::int64_t words = (rows + kWordRows - 1) / kWordRows;
  BitPlanes planes{words, Buffer<std::uint64_t>(length * 4 * words)};
  parallel_for(words, [&](std::int64_t word) {
    const std::int64_t first = word * kWordRows;
    const std::int64_t count = std::min(kWordRows, rows - first);
    for (std::int64_t t = 0; t < length; ++t) {
      std::uint64_t plane[5] = {};  // the last takes unknown bases
      for (std::int64_t i = 0; i < count; ++i) {
        plane[std::min<int>(bases[(first + i) * length + t], 4)] |= std::uint64_t{1} << i;
      }
      for (std::int64_t base = 0; base < 4; ++base) {
        planes.bits[(t * 4 + base) * words + word] = plane[base];
      }
    }
  });
  return planes;
}

using PairCounts = std::array<std::int64_t, 16>;  // of (first base, second base)

}  // namespace

WindowMoments window_moments(const std::uint8_t* bases, std::int64_t rows, std::int64_t length,
                             std::int64_t filter, InstructionSet set) {
  require(filter >= 1 && filter <= length && rows >= 1, "window moments", rows, " rows of ", length,
          " bases have no windows of ", filter);
  const std::int64_t n = length - filter + 1;
  const std::int64_t entries = 4 * filter;
  const std::int64_t stride = padded(entries);
  WindowMoments m{rows * n, Buffer<double>(entries), Buffer<double>(entries * stride), stride};
  std::fill(m.covariance.begin(), m.covariance.end(), 0.0);
  const BitPlanes planes = bit_planes(bases, rows, length);
  const auto total = static_cast<double>(m.count);

  const Loops<float>& of_set = loops<float>(set);
  // Rows with base a at t and base b at t + lag, for every t in turn: offset j of the windows
  // passes the positions j .. j + n - 1.
  const auto add = [&](PairCounts& sums, std::int64_t t, std::int64_t lag, std::int64_t sign) {
    of_set.add_pair_counts(planes.words, planes.at(t, 0), planes.at(t + lag, 0), sign, sums.data());
  };
  PairCounts same{};  // lag 0: a base shares its ones with itself alone
  for (std::int64_t t = 0; t < n; ++t) add(same, t, 0, 1);
  for (std::int64_t k = 0;;) {
    for (std::int64_t base = 0; base < 4; ++base) {
      m.mean[k * 4 + base] = static_cast<double>(same[base * 5]) / total;
    }
    if (++k == filter) break;
    add(same, k - 1, 0, -1);
    add(same, k + n - 1, 0, 1);
  }
  parallel_for(filter, [&](std::int64_t lag) {
    PairCounts sums{};
    for (std::int64_t t = 0; t < n; ++t) add(sums, t, lag, 1);
    for (std::int64_t j = 0; j + lag < filter; ++j) {
      for (std::int64_t i = 0; i < 16; ++i) {
        const std::int64_t one = j * 4 + i / 4;
        const std::int64_t other = (j + lag) * 4 + i % 4;
        const double centred = static_cast<double>(sums[i]) / total - m.mean[one] * m.mean[other];
        m.covariance[one * stride + other] = centred;
        m.covariance[other * stride + one] = centred;
      }
      if (j + 1 + lag < filter) {
        add(sums, j, lag, -1);
        add(sums, j + n, lag, 1);
      }
    }
  });
  return m;
}

}  // namespace explainn::kernels
