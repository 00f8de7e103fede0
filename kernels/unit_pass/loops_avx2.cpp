#include "kernels/unit_pass/loops_source.h"

#if defined(__x86_64__)
namespace explainn::kernels {

const Loops& avx2_loops() {
  static constexpr Loops kLoops = loops_with_vectors_of<32>();
  return kLoops;
}

}  // namespace explainn::kernels
#endif
