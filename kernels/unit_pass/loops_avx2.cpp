#include "kernels/unit_pass/loops_source.h"

#if defined(__x86_64__)
namespace explainn::kernels {

template <>
const Loops<float>& avx2_loops() {
  static constexpr Loops<float> kLoops = loops_with_vectors_of<float, 32>();
  return kLoops;
}

template <>
const Loops<double>& avx2_loops() {
  static constexpr Loops<double> kLoops = loops_with_vectors_of<double, 32>();
  return kLoops;
}

}  // namespace explainn::kernels
#endif
