// Which vector instructions the kernels use.
#pragma once

#include <string_view>

namespace explainn {

/// "x86-64 baseline": what every machine of this architecture has. Equal bytes are promised for
/// equal answers.
inline std::string_view instruction_set() {
#if defined(__x86_64__)
  return "x86-64 baseline";
#elif defined(__aarch64__)
  return "arm64 baseline";
#else
  return "baseline";
#endif
}

}  // namespace explainn
