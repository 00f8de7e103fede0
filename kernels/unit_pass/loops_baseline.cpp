#include "kernels/unit_pass/loops_source.h"

namespace explainn::kernels {

const Loops& baseline_loops() {
  static constexpr Loops kLoops = loops_with_vectors_of<16>();
  return kLoops;
}

}  // namespace explainn::kernels
