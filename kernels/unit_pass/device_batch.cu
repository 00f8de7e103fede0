// A batch from packed samples: strands turned, labels, planes of bases, and the exact counts from
// which the moments of all windows follow (window_moments.h gives the formulas).
#include <cuda_runtime.h>

#include "kernels/cuda/block.h"
#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_gather.h"
#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

using explainn::cuda::blocks_for;
using explainn::cuda::check;
using explainn::cuda::DynamicShared;
using explainn::cuda::launch;
using explainn::cuda::stream;

namespace {

constexpr int kGatherThreads = 128;
constexpr int kPairThreads = 256;
constexpr int kWordsOfPart = 64;  // row words that one block of count_pairs goes through

// A warp a word of 16 bases of 32 rows; the warps of the first word also take the labels.
__global__ void __launch_bounds__(kGatherThreads) gather_kernel(const Step step) {
  const StepStatus& status = *step.memory.status;
  if (status.stopped != 0) return;
  const int warp = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) / 32;
  const int words = static_cast<int>(base_words(step.sizes.length));
  if (warp < words * step.sizes.row_words()) {
    gather_word(step, step.memory.batch, status.place, warp % words, warp / words);
  }
}

__global__ void __launch_bounds__(kPairThreads) count_pairs_kernel(const Step step) {
  if (step.memory.status->stopped != 0) return;
  DynamicShared shared;
  std::int32_t* const of_places = shared.take<std::int32_t>(step.sizes.length * kPairPitch);
  const int first = static_cast<int>(blockIdx.y) * kWordsOfPart;
  const int last = min(first + kWordsOfPart, step.sizes.row_words());
  count_pairs(step.sizes, step.memory.batch, static_cast<int>(blockIdx.x), first, last,
              gridDim.y > 1, of_places);
}

}  // namespace

void gather_batch(const Step& step) {
  const StepSizes& sizes = step.sizes;
  const StepBatch& batch = step.memory.batch;
  check(cudaMemsetAsync(&step.memory.status->counted, 0, sizeof(std::int32_t), stream()));
  const std::int64_t threads = base_words(sizes.length) * sizes.row_words() * 32;
  launch(gather_kernel, {.grid = blocks_for(threads, kGatherThreads), .block = kGatherThreads},
         step);
  const unsigned parts = blocks_for(sizes.row_words(), kWordsOfPart);
  if (parts > 1) {
    const std::size_t pairs = static_cast<std::size_t>(sizes.filter) * sizes.filter * 16;
    check(cudaMemsetAsync(batch.pairs, 0, pairs * sizeof(std::int32_t), stream()));
  }
  launch(
      count_pairs_kernel,
      {.grid = {static_cast<unsigned>(sizes.filter), parts},
       .block = kPairThreads,
       .shared_bytes = static_cast<std::size_t>(sizes.length) * kPairPitch * sizeof(std::int32_t)},
      step);
}

}  // namespace explainn::kernels
