// Transposition by square blocks. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/unrolled_source.h"
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

// A block's rows, those from `rows` on zero, to its columns.
template <typename T, int Rows>
[[gnu::always_inline]] inline void transpose_block(const T* from, std::int64_t from_stride, T* to,
                                                   std::int64_t to_stride) {
  using B = BlockRows<T>;
  typename B::Row block[B::kSide] = {};
  unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
    block[i] = *reinterpret_cast<const typename B::InMemory*>(from + i * from_stride);
  });
  B::transpose(block);
  for (int i = 0; i < B::kSide; ++i) {
    *reinterpret_cast<typename B::InMemory*>(to + i * to_stride) = block[i];
  }
}

// to [columns][to_stride] from from [rows][from_stride]. columns is a multiple of the block's side;
// rows are made up to one by zeros, for which `to` must have room.
template <typename T>
[[gnu::always_inline]] inline void transpose(std::int64_t rows, std::int64_t columns, const T* from,
                                             std::int64_t from_stride, T* to,
                                             std::int64_t to_stride) {
  constexpr int kSide = BlockRows<T>::kSide;
  for (std::int64_t row = 0; row < rows; row += kSide) {
    const auto strip = [&](auto count) __attribute__((always_inline)) {
      for (std::int64_t column = 0; column < columns; column += kSide) {
        transpose_block<T, count>(from + row * from_stride + column, from_stride,
                                  to + column * to_stride + row, to_stride);
      }
    };
    unrolled<kSide>([&](auto index) __attribute__((always_inline)) {
      constexpr int kCount = index + 1;
      const std::int64_t left = rows - row;
      if (kCount == kSide ? left >= kSide : left == kCount) {
        strip(std::integral_constant<int, kCount>{});
      }
    });
  }
}

// The same with zeros behind the rows, up to to_stride, a multiple of the block's side.
template <typename T>
void transpose_padded(std::int64_t rows, std::int64_t columns, const T* from,
                      std::int64_t from_stride, T* to, std::int64_t to_stride) {
  using B = BlockRows<T>;
  for (std::int64_t row = (rows + B::kSide - 1) / B::kSide * B::kSide; row < to_stride;
       row += B::kSide) {
    for (std::int64_t column = 0; column < columns; ++column) {
      *reinterpret_cast<typename B::InMemory*>(to + column * to_stride + row) = typename B::Row{};
    }
  }
  transpose(rows, columns, from, from_stride, to, to_stride);
}

}  // namespace
}  // namespace explainn::kernels
