// The losses of one entry, each with its derivative next to it.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/base/host_device.h"
#include "kernels/base/polynomial.h"

namespace explainn::kernels {

/// One entry's loss and derivative with respect to the output.
struct LossTerm {
  double loss;
  double slope;
};

/// exp(x) for x <= 0 without the C library, so that compilers vectorise loops over it: x = k ln 2 +
/// r with |r| <= ln(2) / 2, the Taylor series of exp(r) to r^13 (its remainder is below 5e-18),
/// times 2^k. 0 below -700; NaN stays NaN.
EXPLAINN_HOST_DEVICE inline double exp_of_negative(double x) {
  // Adding 1.5 * 2^52 rounds to an integer, which then stands in the low bits.
  constexpr double kRounder = 6755399441055744.0;
  const double shifted = x * 1.4426950408889634 + kRounder;
  const double k = shifted - kRounder;
  // ln 2 in two pieces: the first has few bits, so that k times it is exact.
  const double r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
  // Even and odd powers on their own: two short chains instead of a long one.
  const double square = r * r;
  const double even = polynomial(square, 1.0, 0.5, 1.0 / 24, 1.0 / 720, 1.0 / 40320, 1.0 / 3628800,
                                 1.0 / 479001600);
  const double odd = polynomial(square, 1.0, 1.0 / 6, 1.0 / 120, 1.0 / 5040, 1.0 / 362880,
                                1.0 / 39916800, 1.0 / 6227020800);
  const double sum = even + odd * r;
  const double power = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
  return x < -700 ? 0 : sum * power;
}

/// log(1 + u) for u in [0, 1], likewise: with s = u / (2 + u) <= 1/3 it is 2 atanh(s) =
/// 2 s (1 + s^2/3 + s^4/5 + ..), taken to s^32/33 (the remainder is below 1e-17 of it).
EXPLAINN_HOST_DEVICE inline double log_of_one_plus(double u) {
  const double s = u / (2 + u);
  const double square = s * s;
  const double fourth = square * square;
  const double odd = polynomial(fourth, 1.0 / 3, 1.0 / 7, 1.0 / 11, 1.0 / 15, 1.0 / 19, 1.0 / 23,
                                1.0 / 27, 1.0 / 31);
  const double even = polynomial(fourth, 1.0 / 5, 1.0 / 9, 1.0 / 13, 1.0 / 17, 1.0 / 21, 1.0 / 25,
                                 1.0 / 29, 1.0 / 33);
  // The 1 last: what is added to it is small.
  return 2 * (s + s * square * (odd + square * even));
}

struct BceTerm {
  EXPLAINN_HOST_DEVICE static LossTerm of(double x, double y) {
    const double small = exp_of_negative(x < 0 ? x : -x);
    const double probability = (x >= 0 ? 1 : small) / (1 + small);
    return {(x > 0 ? x : 0.0) - x * y + log_of_one_plus(small), probability - y};
  }
};

struct MseTerm {
  EXPLAINN_HOST_DEVICE static LossTerm of(double x, double y) {
    return {(x - y) * (x - y), 2 * (x - y)};
  }
};

struct PoissonTerm {
  EXPLAINN_HOST_DEVICE static LossTerm of(double x, double y) {
    const double rate = std::exp(x);
    return {rate - x * y, rate - y};
  }
};

/// Norms of a row below this count as this in the pearson loss.
inline constexpr double kLeastNorm = 1e-6;

}  // namespace explainn::kernels
