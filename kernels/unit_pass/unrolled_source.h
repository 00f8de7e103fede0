// Loops whose numbers are constants. Included by loops_source.h alone.
#pragma once

#include <cstdint>
#include <utility>

namespace explainn::kernels {
namespace {

// body(0), .., body(N - 1), each with its number as a constant: what it keeps in an array stays in
// registers.
template <int N, typename Body>
[[gnu::always_inline]] inline void unrolled(const Body& body) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    (body(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

// body(i, n) for n = 0 .. count - 1, i being n modulo Ways, a constant: several sums side by side.
template <int Ways, typename Body>
[[gnu::always_inline]] inline void in_turn(std::int64_t count, const Body& body) {
  std::int64_t n = 0;
  for (; n + Ways <= count; n += Ways) {
    unrolled<Ways>([&](auto i) __attribute__((always_inline)) { body(i, n + i); });
  }
  for (; n < count; ++n) body(std::integral_constant<int, 0>{}, n);
}

}  // namespace
}  // namespace explainn::kernels
