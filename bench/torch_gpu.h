// LibTorch on a GPU: the stream, and graphs. Only where this torch has CUDA (kTorchCuda).
#pragma once

#include <functional>
#include <string>

namespace explainn::bench {

#ifdef EXPLAINN_TORCH_CUDA
inline constexpr bool kTorchCuda = true;
#else
inline constexpr bool kTorchCuda = false;
#endif

/// From now on this thread's work goes to a stream that can be recorded; products and convolutions
/// in float as it is (no TF32), cuDNN tries its ways and keeps the fastest. Returns the GPU's name.
/// Throws UsageError where there is none.
std::string use_gpu();
void wait_for_gpu();

/// Records what `work` puts on the stream, which is not done yet; the result does it. `work` has
/// been done before, so that nothing of it is a first time.
std::function<void()> record(const std::function<void()>& work);

}  // namespace explainn::bench
