// Which vector instructions the kernels use: chosen once, at the first question, in this place.
#pragma once

#include <string_view>
#include <vector>

namespace explainn {

/// Sets that kernels may be compiled for, each containing the one before it.
enum class InstructionSet {
  baseline,  ///< what every machine of this architecture has
  avx2,      ///< AVX2 and FMA
  avx512,    ///< AVX-512 F, BW, DQ and VL
};

/// "baseline", "avx2", "avx512".
std::string_view to_string(InstructionSet set);

/// The sets that this machine has, the plainest first.
const std::vector<InstructionSet>& available_instruction_sets();

/// The set in use: the last available one, or the one that the environment variable EXPLAINN_ISA
/// names. Throws UsageError if it names none, or one that this machine lacks.
InstructionSet chosen_instruction_set();

/// The name of the set in use. Equal bytes are promised for equal names.
std::string_view instruction_set();

}  // namespace explainn
