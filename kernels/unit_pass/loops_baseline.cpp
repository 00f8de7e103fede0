#include "kernels/unit_pass/loops_source.h"

namespace explainn::kernels {

template <>
const Loops<float>& baseline_loops() {
  static constexpr Loops<float> kLoops = loops_with_vectors_of<float, 16>();
  return kLoops;
}

template <>
const Loops<double>& baseline_loops() {
  static constexpr Loops<double> kLoops = loops_with_vectors_of<double, 16>();
  return kLoops;
}

}  // namespace explainn::kernels
