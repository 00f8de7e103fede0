// Vectors of the compiler's own (GCC and clang vector extensions), as the loops of one instruction
// set use them. Included by loops_source.h alone.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes>
struct Vectors {
  using Integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  // `using` would lose the attributes, which depend on a template parameter (g++ 12).
  typedef T Real __attribute__((vector_size(Bytes), aligned(sizeof(T)), may_alias));  // NOLINT
  typedef Integer Int __attribute__((vector_size(Bytes), aligned(4), may_alias));     // NOLINT
  static constexpr int kLanes = Bytes / sizeof(T);

  [[gnu::always_inline]] static Real load(const T* p) { return *reinterpret_cast<const Real*>(p); }
  [[gnu::always_inline]] static void store(T* p, Real v) { *reinterpret_cast<Real*>(p) = v; }
  [[gnu::always_inline]] static Real larger(Real a, Real b) { return a < b ? b : a; }
};

// A block of units fills one vector, or several where vectors are shorter.
template <typename T, int Bytes>
using BlockVectors = Vectors<T, (Bytes < static_cast<int>(kBlockUnits * sizeof(T))
                                     ? Bytes
                                     : static_cast<int>(kBlockUnits * sizeof(T)))>;
template <typename T, int Bytes>
inline constexpr int kBlockParts = kBlockUnits / BlockVectors<T, Bytes>::kLanes;

}  // namespace
}  // namespace explainn::kernels
