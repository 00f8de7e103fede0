// Vectors of the compiler's own (GCC and clang vector extensions), as the loops of one instruction
// set use them. Included by loops_source.h alone.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes>
struct Vectors {
  using Integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  // `using` would lose the attributes, which depend on a template parameter (g++ 12).
  typedef T Real __attribute__((vector_size(Bytes)));                                     // NOLINT
  typedef Integer Int __attribute__((vector_size(Bytes)));                                // NOLINT
  typedef T InMemory __attribute__((vector_size(Bytes), aligned(sizeof(T)), may_alias));  // NOLINT
  static constexpr int kLanes = Bytes / sizeof(T);
  // Of a dependent type: else g++ 12 loses the attribute.
  using Half = std::conditional_t<(Bytes > 0), std::uint16_t, void>;
  typedef Half Halves __attribute__((vector_size(kLanes * sizeof(std::uint16_t))));  // NOLINT
  using Float = std::conditional_t<(Bytes > 0), float, void>;
  typedef Float Floats __attribute__((vector_size(kLanes * sizeof(float))));  // NOLINT
  typedef Float FloatsInMemory                                                // NOLINT
      __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

  // At any element. InMemory is for these alone: with AddressSanitizer, local variables of its low
  // alignment are accessed by g++ 13 and 14 as if they had the whole vector's, which may fail.
  [[gnu::always_inline]] static Real load(const T* p) {
    return *reinterpret_cast<const InMemory*>(p);
  }
  [[gnu::always_inline]] static void store(T* p, Real v) { *reinterpret_cast<InMemory*>(p) = v; }
  // As many floats as there are lanes, as this type.
  [[gnu::always_inline]] static Real load_floats(const float* p) {
    return __builtin_convertvector(*reinterpret_cast<const FloatsInMemory*>(p), Real);
  }
  [[gnu::always_inline]] static void store_floats(float* p, Real v) {
    *reinterpret_cast<FloatsInMemory*>(p) = __builtin_convertvector(v, Floats);
  }
  // The low 16 bits of every lane.
  [[gnu::always_inline]] static void store_low_halves(std::uint16_t* to, Int v) {
    const Halves halves = __builtin_convertvector(v, Halves);
    __builtin_memcpy(to, &halves, sizeof halves);
  }
  [[gnu::always_inline]] static Real broadcast(T x) { return x - Real{}; }  // -0 as well
  // Holds v in a register here: the compiler puts what comes before and after in this order.
  [[gnu::always_inline]] static void settle([[maybe_unused]] Real& v) {
#if defined(__x86_64__)
    asm volatile("" : "+v"(v));
#endif
  }
  // a < b ? b : a, without a mask that the next comparison would have to wait for.
  [[gnu::always_inline]] static Real larger(Real a, Real b) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(
          _mm512_maskz_max_ps(0xFFFF, reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(a)));
    } else if constexpr (Bytes == 64) {
      return reinterpret_cast<Real>(
          _mm512_maskz_max_pd(0xFF, reinterpret_cast<__m512d>(b), reinterpret_cast<__m512d>(a)));
    }
#endif
#if defined(__AVX2__)
    if constexpr (Bytes == 32 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(
          _mm256_max_ps(reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(a)));
    } else if constexpr (Bytes == 32) {
      return reinterpret_cast<Real>(
          _mm256_max_pd(reinterpret_cast<__m256d>(b), reinterpret_cast<__m256d>(a)));
    }
#endif
#if defined(__x86_64__)
    if constexpr (Bytes == 16 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(
          _mm_max_ps(reinterpret_cast<__m128>(b), reinterpret_cast<__m128>(a)));
    } else if constexpr (Bytes == 16) {
      return reinterpret_cast<Real>(
          _mm_max_pd(reinterpret_cast<__m128d>(b), reinterpret_cast<__m128d>(a)));
    }
#endif
    return a < b ? b : a;
  }

  // sum + a b, fused in all loops of a set. Of sum + a * b the compiler fuses what it likes: g++ 13
  // and 14 do not where a loop has a single sum, so tiles of different sizes would differ in bits.
  [[gnu::always_inline]] static Real add_product(Real sum, Real a, Real b) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(_mm512_fmadd_ps(
          reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(sum)));
    } else if constexpr (Bytes == 64) {
      return reinterpret_cast<Real>(_mm512_fmadd_pd(reinterpret_cast<__m512d>(a),
                                                    reinterpret_cast<__m512d>(b),
                                                    reinterpret_cast<__m512d>(sum)));
    }
#endif
#if defined(__FMA__)
    if constexpr (Bytes == 32 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(_mm256_fmadd_ps(
          reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(sum)));
    } else if constexpr (Bytes == 32) {
      return reinterpret_cast<Real>(_mm256_fmadd_pd(reinterpret_cast<__m256d>(a),
                                                    reinterpret_cast<__m256d>(b),
                                                    reinterpret_cast<__m256d>(sum)));
    }
#endif
    return sum + a * b;
  }

  // The upper half of the lanes added to the lower one, and so on.
  [[gnu::always_inline]] static T sum(Real v) {
    if constexpr (Bytes > 16) {
      using Narrower = Vectors<T, Bytes / 2>;
      typename Narrower::Real half[2];
      __builtin_memcpy(half, &v, sizeof v);
      return Narrower::sum(half[0] + half[1]);
    } else if constexpr (kLanes == 4) {
      return (v[0] + v[2]) + (v[1] + v[3]);
    } else {
      return v[0] + v[1];
    }
  }

  [[gnu::always_inline]] static Real square_root(Real v) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(_mm512_maskz_sqrt_ps(0xFFFF, reinterpret_cast<__m512>(v)));
    } else if constexpr (Bytes == 64) {
      return reinterpret_cast<Real>(_mm512_maskz_sqrt_pd(0xFF, reinterpret_cast<__m512d>(v)));
    }
#endif
#if defined(__AVX2__)
    if constexpr (Bytes == 32 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(_mm256_sqrt_ps(reinterpret_cast<__m256>(v)));
    } else if constexpr (Bytes == 32) {
      return reinterpret_cast<Real>(_mm256_sqrt_pd(reinterpret_cast<__m256d>(v)));
    }
#endif
    for (int lane = 0; lane < kLanes; ++lane) {
      if constexpr (sizeof(T) == 4) {
        v[lane] = __builtin_sqrtf(v[lane]);
      } else {
        v[lane] = __builtin_sqrt(v[lane]);
      }
    }
    return v;
  }

  // 0 for what is closer to it than the least normal number.
  [[gnu::always_inline]] static Real normal_or_zero(Real v) {
    const Real least = broadcast(std::numeric_limits<T>::min());
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      const auto x = reinterpret_cast<__m512>(v);
      return reinterpret_cast<Real>(_mm512_maskz_mov_ps(
          _mm512_cmp_ps_mask(_mm512_abs_ps(x), reinterpret_cast<__m512>(least), _CMP_NLT_UQ), x));
    }
#endif
    return (v < least) & (v > -least) ? Real{} : v;
  }

  // square_root(v) for v from the least normal number on and a / b for b that is not near the ends
  // of the range, both within a unit in the last place. In AVX-512, where the exact ones take
  // longer than all else that an optimiser does: first guesses of 14 bits, improved.
  [[gnu::always_inline]] static Real nearly_root(Real v) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      const auto inverse =
          reinterpret_cast<Real>(_mm512_maskz_rsqrt14_ps(0xFFFF, reinterpret_cast<__m512>(v)));
      const Real root = v * inverse;
      return add_product(root, inverse * T{0.5}, add_product(v, -root, root));
    }
#endif
    return square_root(v);
  }
  [[gnu::always_inline]] static Real nearly_quotient(Real a, Real b) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      const auto guess =
          reinterpret_cast<Real>(_mm512_maskz_rcp14_ps(0xFFFF, reinterpret_cast<__m512>(b)));
      const Real inverse = add_product(guess, guess, add_product(broadcast(1), -guess, b));
      const Real quotient = a * inverse;
      return add_product(quotient, inverse, add_product(a, -quotient, b));
    }
#endif
    return a / b;
  }

  // One bit a lane, the first the lowest: set where v > 0, of those set in `bits`.
  [[gnu::always_inline]] static unsigned positive(Real v, unsigned bits) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      return _mm512_mask_cmp_ps_mask(static_cast<__mmask16>(bits), reinterpret_cast<__m512>(v),
                                     __m512{}, _CMP_GT_OQ);
    } else if constexpr (Bytes == 64) {
      return _mm512_mask_cmp_pd_mask(static_cast<__mmask8>(bits), reinterpret_cast<__m512d>(v),
                                     __m512d{}, _CMP_GT_OQ);
    }
#endif
    return sign_bits(v > Real{}) & bits;
  }

  // sum, and a b added where the lane's bit is set.
  [[gnu::always_inline]] static Real add_kept(Real sum, unsigned bits, Real a, Real b) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64 && sizeof(T) == 4) {
      return reinterpret_cast<Real>(
          _mm512_mask3_fmadd_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b),
                                reinterpret_cast<__m512>(sum), static_cast<__mmask16>(bits)));
    } else if constexpr (Bytes == 64) {
      return reinterpret_cast<Real>(
          _mm512_mask3_fmadd_pd(reinterpret_cast<__m512d>(a), reinterpret_cast<__m512d>(b),
                                reinterpret_cast<__m512d>(sum), static_cast<__mmask8>(bits)));
    }
#endif
    return sum + keep(bits, a) * b;
  }

 private:
  // v where the lane's bit is set, else 0, whatever v is there.
  [[gnu::always_inline]] static Real keep(unsigned bits, Real v) {
    Int lane_bit;
    for (int lane = 0; lane < kLanes; ++lane) lane_bit[lane] = Integer{1} << lane;
    const Int chosen = (Int{} + static_cast<Integer>(bits)) & lane_bit;
    return chosen == lane_bit ? v : Real{};
  }

  [[gnu::always_inline]] static unsigned sign_bits(Int mask) {
#if defined(__AVX2__)
    if constexpr (Bytes == 32 && sizeof(T) == 4) {
      return static_cast<unsigned>(_mm256_movemask_ps(reinterpret_cast<__m256>(mask)));
    } else if constexpr (Bytes == 32) {
      return static_cast<unsigned>(_mm256_movemask_pd(reinterpret_cast<__m256d>(mask)));
    }
#endif
#if defined(__x86_64__)
    if constexpr (Bytes == 16 && sizeof(T) == 4) {
      return static_cast<unsigned>(_mm_movemask_ps(reinterpret_cast<__m128>(mask)));
    } else if constexpr (Bytes == 16) {
      return static_cast<unsigned>(_mm_movemask_pd(reinterpret_cast<__m128d>(mask)));
    }
#endif
    unsigned bits = 0;
    for (int lane = 0; lane < kLanes; ++lane) bits |= (mask[lane] != 0 ? 1U : 0U) << lane;
    return bits;
  }
};

}  // namespace
}  // namespace explainn::kernels
