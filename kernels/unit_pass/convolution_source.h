// The table convolution of a block of units, and its pool. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/vectors.h"

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

}  // namespace
}  // namespace explainn::kernels
