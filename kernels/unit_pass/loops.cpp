#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {

template <typename T>
const Loops<T>& loops(InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return avx512_loops<T>();
  if (set == InstructionSet::avx2) return avx2_loops<T>();
#endif
  static_cast<void>(set);
  return baseline_loops<T>();
}

template const Loops<float>& loops(InstructionSet);
template const Loops<double>& loops(InstructionSet);

}  // namespace explainn::kernels
