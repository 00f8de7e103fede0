// The bodies of Loops. Included by loops_<set>.cpp alone. Everything has internal linkage: were it
// shared, the linker could give one set's code to another.
#pragma once

#include "kernels/unit_pass/chosen_sums_source.h"
#include "kernels/unit_pass/gated_layer_source.h"
#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/product_source.h"
#include "kernels/unit_pass/vectors.h"
#include "kernels/unit_pass/window_sums_source.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes>
void make_tables(std::int64_t filter, const T* letters, const T* shift, T* tables) {
  for (std::int64_t c = 0; c < table_count(filter); ++c) {
    const std::int64_t first = c * kMer;
    const std::int64_t bases = filter - first < kMer ? filter - first : kMer;
    T* const table = tables + c * kMerRows * kBlockUnits;
    for (std::int64_t u = 0; u < kBlockUnits; ++u) table[u] = c == 0 ? shift[u] : T{0};
    // Rows of one base more from those there are. Going down, row 0 is overwritten last.
    std::int64_t rows = 1;
    for (std::int64_t k = 0; k < kMer; ++k, rows *= 4) {
      for (std::int64_t base = 3; base >= 0; --base) {
        const T* const w = letters + ((first + k) * 4 + base) * kBlockUnits;
        for (std::int64_t row = 0; row < rows; ++row) {
          const T* const from = table + row * kBlockUnits;
          T* const to = table + (base * rows + row) * kBlockUnits;
          for (std::int64_t u = 0; u < kBlockUnits; ++u) to[u] = from[u] + (k < bases ? w[u] : 0);
        }
      }
    }
  }
}

// Scores of all units of the block for the window at t, which has known bases only.
template <typename T, int Bytes, int Part>
[[gnu::always_inline]] inline typename BlockVectors<T, Bytes>::Real known_score(
    const ConvolutionParams<T>& p, std::int64_t tables, const std::uint8_t* mers) {
  using V = BlockVectors<T, Bytes>;
  const T* table = p.tables + Part * V::kLanes;
  typename V::Real sum = V::load(table + mers[0] * kBlockUnits);
  for (std::int64_t c = 1; c < tables; ++c) {
    table += kMerRows * kBlockUnits;
    sum += V::load(table + mers[c * kMer] * kBlockUnits);
  }
  return sum;
}

template <typename T, int Bytes, int Part>
[[gnu::always_inline]] inline typename BlockVectors<T, Bytes>::Real any_score(
    const ConvolutionParams<T>& p, std::int64_t tables, const EncodedSequence& s, std::int64_t t) {
  using V = BlockVectors<T, Bytes>;
  if (s.unknown == nullptr || s.unknown[t] == s.unknown[t + p.filter]) {
    return known_score<T, Bytes, Part>(p, tables, s.mers + t);
  }
  typename V::Real sum = V::load(p.shift + Part * V::kLanes);
  for (std::int64_t k = 0; k < p.filter; ++k) {
    const std::int64_t base = s.bases[t + k];
    if (base < 4) sum += V::load(p.letters + (k * 4 + base) * kBlockUnits + Part * V::kLanes);
  }
  return sum;
}

template <typename T, int Bytes, int Part = 0>
void convolve(const ConvolutionParams<T>& p, const EncodedSequence& s, T* scores) {
  using V = BlockVectors<T, Bytes>;
  const std::int64_t tables = table_count(p.filter);
  for (std::int64_t t = 0; t < p.positions(); ++t) {
    V::store(scores + t * kBlockUnits + Part * V::kLanes,
             any_score<T, Bytes, Part>(p, tables, s, t));
  }
  if constexpr (Part + 1 < kBlockParts<T, Bytes>) convolve<T, Bytes, Part + 1>(p, s, scores);
}

// `Tables`: their number where it is known when compiling, 0 where it is not. `places` [Q][units]:
// where each maximum stands, the first of equals; null: not wanted.
template <typename T, int Bytes, int Tables, bool Places, int Part = 0>
void pool_known(const ConvolutionParams<T>& p, const EncodedSequence& s, T* maxima,
                std::int32_t* places) {
  using V = BlockVectors<T, Bytes>;
  const std::int64_t tables = Tables > 0 ? Tables : table_count(p.filter);
  for (std::int64_t q = 0; q < p.pooled; ++q) {
    const std::int64_t first = q * p.stride;
    const std::uint8_t* const mers = s.mers + first;
    typename V::Real best = known_score<T, Bytes, Part>(p, tables, mers);
    typename V::Int place{};
    for (std::int64_t i = 1; i < p.pool; ++i) {
      const typename V::Real score = known_score<T, Bytes, Part>(p, tables, mers + i);
      if constexpr (Places) {
        place = best < score ? typename V::Int{} + static_cast<typename V::Integer>(i) : place;
      }
      best = V::larger(best, score);
    }
    V::store(maxima + q * kBlockUnits + Part * V::kLanes, best);
    if constexpr (Places) {
      for (int lane = 0; lane < V::kLanes; ++lane) {
        places[q * kBlockUnits + Part * V::kLanes + lane] =
            static_cast<std::int32_t>(first + place[lane]);
      }
    }
  }
  if constexpr (Part + 1 < kBlockParts<T, Bytes>) {
    pool_known<T, Bytes, Tables, Places, Part + 1>(p, s, maxima, places);
  }
}

// Windows that overlap share their scores; those with unknown bases are computed by letters.
template <typename T, int Bytes>
void pool_any(const ConvolutionParams<T>& p, const EncodedSequence& s, T* row_scratch, T* maxima,
              std::int32_t* places) {
  convolve<T, Bytes>(p, s, row_scratch);
  for (std::int64_t q = 0; q < p.pooled; ++q) {
    for (std::int64_t u = 0; u < kBlockUnits; ++u) {
      std::int64_t place = q * p.stride;
      T best = row_scratch[place * kBlockUnits + u];
      for (std::int64_t t = place + 1; t < q * p.stride + p.pool; ++t) {
        const T score = row_scratch[t * kBlockUnits + u];
        if (best < score) {
          best = score;
          place = t;
        }
      }
      maxima[q * kBlockUnits + u] = best;
      if (places != nullptr) places[q * kBlockUnits + u] = static_cast<std::int32_t>(place);
    }
  }
}

template <typename T, int Bytes>
void convolve_and_pool(const ConvolutionParams<T>& p, const EncodedSequence& s, T* row_scratch,
                       T* maxima, std::int32_t* places) {
  const bool paper = table_count(p.filter) == 5;
  if (s.unknown != nullptr || p.stride < p.pool) {
    pool_any<T, Bytes>(p, s, row_scratch, maxima, places);
  } else if (places == nullptr) {
    (paper ? pool_known<T, Bytes, 5, false> : pool_known<T, Bytes, 0, false>)(p, s, maxima, places);
  } else {
    (paper ? pool_known<T, Bytes, 5, true> : pool_known<T, Bytes, 0, true>)(p, s, maxima, places);
  }
}

// The function of functors.h, a vector at a time.
template <int Bytes>
[[gnu::always_inline]] inline typename Vectors<float, Bytes>::Real exponential_of(
    typename Vectors<float, Bytes>::Real x) {
  using Float = typename Vectors<float, Bytes>::Real;
  using Int = typename Vectors<float, Bytes>::Int;
  const Float low = Float{} - 104.0F;
  const Float high = Float{} + 89.0F;
  x = x < low ? low : x;
  x = x > high ? high : x;
  constexpr float kRounder = 12582912.0F;
  const Float shifted = x * 1.44269504F + kRounder;
  const Float k = shifted - kRounder;
  const Int exponent = reinterpret_cast<Int>(shifted) - 0x4B400000;
  const Float r = (x - k * 0.693359375F) - k * -2.12194440e-4F;
  Float sum = Float{} + 1.0F / 5040;
  sum = sum * r + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const Int half = exponent >> 1;
  const Int first = (half + 127) << 23;
  const Int second = (exponent - half + 127) << 23;
  return sum * reinterpret_cast<Float>(first) * reinterpret_cast<Float>(second);
}

template <typename T, int Bytes>
void exponentials(std::int64_t size, T* values) {
  if constexpr (std::is_same_v<T, double>) {
    for (std::int64_t i = 0; i < size; ++i) values[i] = __builtin_exp(values[i]);
  } else {
    using V = Vectors<T, Bytes>;
    std::int64_t i = 0;
    for (; i + V::kLanes <= size; i += V::kLanes) {
      V::store(values + i, exponential_of<Bytes>(V::load(values + i)));
    }
    T rest[V::kLanes] = {};
    for (std::int64_t j = i; j < size; ++j) rest[j - i] = values[j];
    V::store(rest, exponential_of<Bytes>(V::load(rest)));
    for (; i < size; ++i) values[i] = rest[i % V::kLanes];
  }
}

// Rows x Columns vectors of ReLU(bias + x w), held in registers over all inputs.
template <typename T, int Bytes, int Rows, int Columns>
struct Tile {
  using V = Vectors<T, Bytes>;
  typename V::Real sum[Rows][Columns];

  [[gnu::always_inline]] void compute(std::int64_t inputs, std::int64_t columns, const T* x,
                                      std::int64_t x_stride, const T* w, const T* bias) {
    for (int c = 0; c < Columns; ++c) {
      const typename V::Real start = V::load(bias + c * V::kLanes);
      for (int r = 0; r < Rows; ++r) sum[r][c] = start;
    }
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (int c = 0; c < Columns; ++c) {
        const typename V::Real weight = V::load(w + i * columns + c * V::kLanes);
        for (int r = 0; r < Rows; ++r) sum[r][c] += x[r * x_stride + i] * weight;
      }
    }
    const typename V::Real zero{};
    for (int r = 0; r < Rows; ++r) {
      for (int c = 0; c < Columns; ++c) sum[r][c] = sum[r][c] < zero ? zero : sum[r][c];
    }
  }
};

// Calls at(row, column, tile) for tiles that cover everything. The widths leave registers for the
// operands: 16 of them in the smaller sets, 32 in AVX-512.
template <typename T, int Bytes, int Rows, int Columns, typename At>
[[gnu::always_inline]] inline void column_tiles(std::int64_t row, std::int64_t vectors,
                                                std::int64_t& column, const At& at) {
  for (; column + Columns <= vectors; column += Columns) {
    Tile<T, Bytes, Rows, Columns> tile;
    at(row, column * Vectors<T, Bytes>::kLanes, tile);
  }
}

template <typename T, int Bytes, int Rows, typename At>
[[gnu::always_inline]] inline void row_of_tiles(std::int64_t row, std::int64_t vectors,
                                                const At& at) {
  std::int64_t column = 0;
  if constexpr (Bytes == 64) {
    column_tiles<T, Bytes, Rows, 7>(row, vectors, column, at);
    column_tiles<T, Bytes, Rows, 4>(row, vectors, column, at);
  }
  column_tiles<T, Bytes, Rows, 3>(row, vectors, column, at);
  column_tiles<T, Bytes, Rows, 1>(row, vectors, column, at);
}

template <typename T, int Bytes, typename At>
[[gnu::always_inline]] inline void all_tiles(std::int64_t rows, std::int64_t columns,
                                             const At& at) {
  constexpr int kRows = Bytes == 64 ? 3 : 4;
  const std::int64_t vectors = columns / Vectors<T, Bytes>::kLanes;
  std::int64_t row = 0;
  for (; row + kRows <= rows; row += kRows) row_of_tiles<T, Bytes, kRows>(row, vectors, at);
  for (; row < rows; ++row) row_of_tiles<T, Bytes, 1>(row, vectors, at);
}

template <typename T, int Bytes>
void layer(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
           std::int64_t x_stride, const T* w, const T* bias, T* y) {
  using V = Vectors<T, Bytes>;
  all_tiles<T, Bytes>(
      rows, columns,
      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                 Tile<T, Bytes, Rows, Columns>& tile) {
        tile.compute(inputs, columns, x + row * x_stride, x_stride, w + column, bias + column);
        for (int r = 0; r < Rows; ++r) {
          for (int c = 0; c < Columns; ++c) {
            V::store(y + (row + r) * columns + column + c * V::kLanes, tile.sum[r][c]);
          }
        }
      });
}

template <typename T, int Bytes>
void layer_and_sum(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
                   std::int64_t x_stride, const T* w, const T* bias, const T* last, T* y) {
  using V = Vectors<T, Bytes>;
  for (std::int64_t row = 0; row < rows; ++row) y[row] = 0;
  all_tiles<T, Bytes>(rows, columns,
                      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                                 Tile<T, Bytes, Rows, Columns>& tile) {
                        tile.compute(inputs, columns, x + row * x_stride, x_stride, w + column,
                                     bias + column);
                        for (int r = 0; r < Rows; ++r) {
                          typename V::Real total{};
                          for (int c = 0; c < Columns; ++c) {
                            total += tile.sum[r][c] * V::load(last + column + c * V::kLanes);
                          }
                          T sum = 0;
                          for (int lane = 0; lane < V::kLanes; ++lane) sum += total[lane];
                          y[row + r] += sum;
                        }
                      });
}

template <typename T, int Bytes>
constexpr Loops<T> loops_with_vectors_of() {
  return {.make_tables = make_tables<T, Bytes>,
          .convolve_and_pool = convolve_and_pool<T, Bytes>,
          .convolve = convolve<T, Bytes>,
          .exponentials = exponentials<T, Bytes>,
          .window_sums = window_sums<T, Bytes>,
          .product = product<T, Bytes>,
          .gated_layer = gated_layer<T, Bytes>,
          .chosen_sums = chosen_sums<T, Bytes>,
          .transpose_bits = transpose_bits,
          .layer = layer<T, Bytes>,
          .layer_and_sum = layer_and_sum<T, Bytes>};
}

}  // namespace
}  // namespace explainn::kernels
