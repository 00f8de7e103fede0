// Every call of CUDA's libraries goes through check().
#pragma once

#include <cuda_runtime.h>

#include <source_location>

namespace explainn::cuda {

/// Throws Error with CUDA's words and the place of the call unless `status` is success; out of
/// memory says what to do.
void check(cudaError_t status, std::source_location place = std::source_location::current());

}  // namespace explainn::cuda
