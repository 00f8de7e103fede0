#include "kernels/base/instruction_set.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "kernels/base/error.h"

namespace explainn {
namespace {

std::vector<InstructionSet> find_sets() {
  std::vector<InstructionSet> sets{InstructionSet::baseline};
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  if (avx2) sets.push_back(InstructionSet::avx2);
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (avx2 && avx512) sets.push_back(InstructionSet::avx512);
#endif
  return sets;
}

InstructionSet choose() {
  const std::vector<InstructionSet>& sets = available_instruction_sets();
  const char* const wanted = std::getenv("EXPLAINN_ISA");
  if (wanted == nullptr || *wanted == '\0') return sets.back();
  const auto found = std::ranges::find(sets, std::string_view(wanted),
                                       [](InstructionSet set) { return to_string(set); });
  if (found != sets.end()) return *found;
  std::string names;
  for (const InstructionSet set : sets) names += cat(names.empty() ? "" : ", ", to_string(set));
  throw UsageError(cat("EXPLAINN_ISA is '", wanted, "'; this machine has: ", names));
}

}  // namespace

std::string_view to_string(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::avx2:
      return "avx2";
    case InstructionSet::baseline:
      break;
  }
  return "baseline";
}

const std::vector<InstructionSet>& available_instruction_sets() {
  static const std::vector<InstructionSet> sets = find_sets();
  return sets;
}

InstructionSet chosen_instruction_set() {
  static const InstructionSet set = choose();
  return set;
}

std::string_view instruction_set() {
  return to_string(chosen_instruction_set());
}

}  // namespace explainn
