// Tests that run once for every instruction set of the machine.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "kernels/base/instruction_set.h"

namespace explainn {

inline void PrintTo(InstructionSet set, std::ostream* out) {
  *out << to_string(set);
}

}  // namespace explainn

namespace explainn::test {

inline auto every_instruction_set() {
  return testing::ValuesIn(available_instruction_sets());
}

inline std::string instruction_set_name(const testing::TestParamInfo<InstructionSet>& test) {
  return std::string(to_string(test.param));
}

}  // namespace explainn::test
