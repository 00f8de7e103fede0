#include "kernels/unit_pass/window_moments.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kWordRows = 64;

// For every base and position one bit a row: planes [4][L][words], so that the positions that an
// offset of the windows passes are neighbours.
struct BitPlanes {
  std::int64_t words;
  std::int64_t size;  // of one base's
  Buffer<std::uint64_t> bits;

  const std::uint64_t* at(std::int64_t position) const { return bits.data() + position * words; }
};

// Bit k of the bases at eight positions: byte j of the result has one bit a row for position j.
// rows [8] holds eight bases, a byte each.
std::uint64_t bit_of_bases(const std::uint64_t* rows, int k) {
  std::uint64_t bits = 0;
  for (int row = 0; row < 8; ++row) {
    bits |= ((rows[row] >> k) & 0x0101010101010101U) << row;
  }
  return bits;
}

// Words of all bases of up to 64 rows at up to eight positions, from the bits of their codes.
void planes_of(const std::uint8_t* bases, std::int64_t rows, std::int64_t positions,
               std::int64_t length, std::uint64_t (*words)[4]) {
  std::uint64_t low[8] = {};
  std::uint64_t high[8] = {};
  std::uint64_t known[8] = {};
  for (std::int64_t first = 0; first < rows; first += 8) {
    std::uint64_t codes[8];
    for (std::int64_t row = 0; row < 8; ++row) {
      codes[row] = 0x0404040404040404U;  // unknown, where there is none
      if (first + row >= rows) continue;
      std::memcpy(&codes[row], bases + (first + row) * length,
                  static_cast<std::size_t>(positions));  // little-endian
    }
    const std::uint64_t bits[3] = {bit_of_bases(codes, 0), bit_of_bases(codes, 1),
                                   ~bit_of_bases(codes, 2)};
    for (int position = 0; position < 8; ++position) {
      const auto of_rows = [&](int k) { return (bits[k] >> (8 * position) & 0xFF) << first; };
      low[position] |= of_rows(0);
      high[position] |= of_rows(1);
      known[position] |= of_rows(2);
    }
  }
  for (std::int64_t i = 0; i < positions; ++i) {
    words[i][0] = known[i] & ~high[i] & ~low[i];
    words[i][1] = known[i] & ~high[i] & low[i];
    words[i][2] = known[i] & high[i] & ~low[i];
    words[i][3] = known[i] & high[i] & low[i];
  }
}

BitPlanes bit_planes(const std::uint8_t* bases, std::int64_t rows, std::int64_t length) {
  constexpr std::int64_t kPositions = 8;
  const std::int64_t words = (rows + kWordRows - 1) / kWordRows;
  const std::int64_t size = length * words;
  BitPlanes planes{words, size, Buffer<std::uint64_t>(4 * size)};
  parallel_for(words, [&](std::int64_t word) {
    const std::int64_t first = word * kWordRows;
    for (std::int64_t t = 0; t < length; t += kPositions) {
      const std::int64_t positions = std::min(kPositions, length - t);
      std::uint64_t of_bases[kPositions][4];
      planes_of(bases + first * length + t, std::min(kWordRows, rows - first), positions, length,
                of_bases);
      for (std::int64_t base = 0; base < 4; ++base) {
        for (std::int64_t i = 0; i < positions; ++i) {
          planes.bits[base * size + (t + i) * words + word] = of_bases[i][base];
        }
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
  // Rows with base a at t and base b at t + lag, for some t: offset j of the windows passes the
  // positions j .. j + n - 1.
  const auto add = [&](PairCounts& sums, std::int64_t t, std::int64_t lag, std::int64_t sign,
                       std::int64_t positions = 1) {
    of_set.add_pair_counts(positions * planes.words, planes.at(t), planes.at(t + lag), planes.size,
                           sign, sums.data());
  };
  PairCounts same{};  // lag 0: a base shares its ones with itself alone
  add(same, 0, 0, 1, n);
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
    add(sums, 0, lag, 1, n);
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
