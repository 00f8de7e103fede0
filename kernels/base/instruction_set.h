// Which vector instructions the kernels use.
#pragma once

#include <string_view>

namespace explainn {

/// "baseline": what every machine of this architecture has. Equal bytes are promised for equal
/// answers.
inline std::string_view instruction_set() {
  return "baseline";
}

}  // namespace explainn
