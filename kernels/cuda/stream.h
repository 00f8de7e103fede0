// The stream that this thread's work goes to. All work of one stream runs in order, so memory that
// is given back may be handed out again at once.
#pragma once

#include <cuda_runtime.h>

#include "kernels/cuda/memory.h"  // use()

namespace explainn::cuda {

/// The device that use() chose.
Device in_use();

/// The stream of this thread on the device in use; made at the first question.
cudaStream_t stream();

/// Waits until everything on stream() is done, and throws what went wrong there.
void synchronise();

}  // namespace explainn::cuda
