#include "kernels/unit_pass/window_moments.h"

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/unit_pass/padding.h"

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

std::int64_t ones_at(const BitPlanes& planes, std::int64_t t, std::int64_t base) {
  std::int64_t count = 0;
  for (std::int64_t w = 0; w < planes.words; ++w) count += std::popcount(planes.at(t, base)[w]);
  return count;
}

using PairCounts = std::array<std::int64_t, 16>;  // of (first base, second base)

// How many rows have base a at `t` and base b at `t + lag`.
PairCounts pairs_at(const BitPlanes& planes, std::int64_t t, std::int64_t lag) {
  PairCounts counts{};
  for (std::int64_t a = 0; a < 4; ++a) {
    for (std::int64_t b = 0; b < 4; ++b) {
      const std::uint64_t* const one = planes.at(t, a);
      const std::uint64_t* const other = planes.at(t + lag, b);
      std::int64_t count = 0;
      for (std::int64_t w = 0; w < planes.words; ++w) count += std::popcount(one[w] & other[w]);
      counts[a * 4 + b] = count;
    }
  }
  return counts;
}

}  // namespace

WindowMoments window_moments(const std::uint8_t* bases, std::int64_t rows, std::int64_t length,
                             std::int64_t filter) {
  require(filter >= 1 && filter <= length && rows >= 1, "window moments", rows, " rows of ", length,
          " bases have no windows of ", filter);
  const std::int64_t n = length - filter + 1;
  const std::int64_t entries = 4 * filter;
  const std::int64_t stride = padded(entries);
  WindowMoments m{rows * n, Buffer<double>(entries), Buffer<double>(entries * stride), stride};
  std::fill(m.covariance.begin(), m.covariance.end(), 0.0);
  const BitPlanes planes = bit_planes(bases, rows, length);
  const auto total = static_cast<double>(m.count);

  // Offset k of the windows passes the positions k .. k + n - 1.
  for (std::int64_t base = 0; base < 4; ++base) {
    std::int64_t sum = 0;
    for (std::int64_t t = 0; t < n; ++t) sum += ones_at(planes, t, base);
    for (std::int64_t k = 0;;) {
      m.mean[k * 4 + base] = static_cast<double>(sum) / total;
      if (++k == filter) break;
      sum += ones_at(planes, k + n - 1, base) - ones_at(planes, k - 1, base);
    }
  }
  parallel_for(filter, [&](std::int64_t lag) {
    PairCounts sums{};
    const auto add = [&](std::int64_t t, std::int64_t sign) {
      const PairCounts at = pairs_at(planes, t, lag);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += sign * at[i];
    };
    for (std::int64_t t = 0; t < n; ++t) add(t, 1);
    for (std::int64_t j = 0; j + lag < filter; ++j) {
      for (std::int64_t i = 0; i < 16; ++i) {
        const std::int64_t one = j * 4 + i / 4;
        const std::int64_t other = (j + lag) * 4 + i % 4;
        const double centred = static_cast<double>(sums[i]) / total - m.mean[one] * m.mean[other];
        m.covariance[one * stride + other] = centred;
        m.covariance[other * stride + one] = centred;
      }
      if (j + 1 + lag < filter) {
        add(j, -1);
        add(j + n, 1);
      }
    }
  });
  return m;
}

}  // namespace explainn::kernels
