// Transposition by square blocks. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// Rows of a square block: a vector each.
template <typename T>
struct BlockRows {
  static constexpr int kSide = sizeof(T) == 2 ? 8 : 4;
  typedef T Row __attribute__((vector_size(kSide * sizeof(T))));  // NOLINT
  typedef T InMemory
      __attribute__((vector_size(kSide * sizeof(T)), aligned(sizeof(T)), may_alias));  // NOLINT
  using Number = std::conditional_t<sizeof(T) == 2, std::int16_t,
                                    std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>;
  typedef Number Index __attribute__((vector_size(kSide * sizeof(T))));  // NOLINT

  // The first halves of a and b, elements in turn, and the second ones.
  [[gnu::always_inline]] static Row low(Row a, Row b) {
    if constexpr (kSide == 8) {
      return __builtin_shuffle(a, b, Index{0, 8, 1, 9, 2, 10, 3, 11});
    } else {
      return __builtin_shuffle(a, b, Index{0, 4, 1, 5});
    }
  }
  [[gnu::always_inline]] static Row high(Row a, Row b) {
    if constexpr (kSide == 8) {
      return __builtin_shuffle(a, b, Index{4, 12, 5, 13, 6, 14, 7, 15});
    } else {
      return __builtin_shuffle(a, b, Index{2, 6, 3, 7});
    }
  }

  // Rows become columns: after log2(kSide) shuffles of the rows, as of cards.
  [[gnu::always_inline]] static void transpose(Row (&rows)[kSide]) {
    for (int done = 1; done < kSide; done *= 2) {
      Row next[kSide];
      for (int i = 0; i < kSide / 2; ++i) {
        next[2 * i] = low(rows[i], rows[i + kSide / 2]);
        next[2 * i + 1] = high(rows[i], rows[i + kSide / 2]);
      }
      for (int i = 0; i < kSide; ++i) rows[i] = next[i];
    }
  }
};

// to [columns][to_stride] from from [rows][from_stride]. columns is a multiple of the block's side;
// rows are made up to one by zeros, for which `to` must have room.
template <typename T>
[[gnu::always_inline]] inline void transpose(std::int64_t rows, std::int64_t columns, const T* from,
                                             std::int64_t from_stride, T* to,
                                             std::int64_t to_stride) {
  using B = BlockRows<T>;
  for (std::int64_t row = 0; row < rows; row += B::kSide) {
    for (std::int64_t column = 0; column < columns; column += B::kSide) {
      typename B::Row block[B::kSide];
      for (int i = 0; i < B::kSide; ++i) {
        const T* const at = from + (row + i) * from_stride + column;
        block[i] =
            row + i < rows ? *reinterpret_cast<const typename B::InMemory*>(at) : typename B::Row{};
      }
      B::transpose(block);
      for (int i = 0; i < B::kSide; ++i) {
        T* const at = to + (column + i) * to_stride + row;
        *reinterpret_cast<typename B::InMemory*>(at) = block[i];
      }
    }
  }
}

// The same with zeros behind the rows, up to to_stride.
template <typename T>
void transpose_padded(std::int64_t rows, std::int64_t columns, const T* from,
                      std::int64_t from_stride, T* to, std::int64_t to_stride) {
  for (std::int64_t column = 0; column < columns; ++column) {
    for (std::int64_t row = rows / 4 * 4; row < to_stride; ++row) to[column * to_stride + row] = 0;
  }
  transpose(rows, columns, from, from_stride, to, to_stride);
}

}  // namespace
}  // namespace explainn::kernels
