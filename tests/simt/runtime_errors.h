// The last error of the simulated runtime.
#pragma once

#include <string>

#include "simt/runtime_api.h"

namespace explainn::simt {

/// Notes and returns `error`; `text` says more than its name.
cudaError_t reported(cudaError_t error, const std::string& text = "");

}  // namespace explainn::simt
