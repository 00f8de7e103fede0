#include "simt/launch.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/simt/device_memory.h"
#include "tests/simt/machine.h"
#include "tests/simt/runtime_errors.h"
#include "tests/simt/scheduler.h"
#include "tests/simt/turn_order.h"

/// A function whose distance to kernels survives address randomisation.
extern "C" void explainn_simt_anchor() {}

namespace explainn::simt {
namespace {

// What was asked for by cudaFuncSetAttribute.
std::map<const void*, std::size_t>& dynamic_limits() {
  static std::map<const void*, std::size_t> limits;
  return limits;
}

std::size_t dynamic_limit(const void* kernel) {
  const auto found = dynamic_limits().find(kernel);
  return found == dynamic_limits().end() ? kSharedBytes : found->second;
}

// Adds the kernel, as its distance from the anchor, to the file that EXPLAINN_SIMT_KERNELS names
// (tests/simt/every_kernel.sh reads it).
void record(const void* kernel) {
  static std::set<const void*> known;
  static const char* const file_name = std::getenv("EXPLAINN_SIMT_KERNELS");
  if (file_name == nullptr || !known.insert(kernel).second) return;
  const auto distance = reinterpret_cast<std::intptr_t>(kernel) -
                        reinterpret_cast<std::intptr_t>(&explainn_simt_anchor);
  if (std::FILE* file = std::fopen(file_name, "a"); file != nullptr) {
    std::fprintf(file, "%lld\n", static_cast<long long>(distance));
    std::fclose(file);
  }
}

cudaError_t refused(cudaError_t error, const std::string& why) {
  return reported(error, "a kernel cannot be launched: " + why);
}

// What the device refuses before a thread runs.
cudaError_t checked(const Launch& launch) {
  const dim3& grid = launch.config->gridDim;
  const dim3& block = launch.config->blockDim;
  const std::size_t threads = std::size_t{block.x} * block.y * block.z;
  if (threads == 0 || threads > kThreadsPerBlock || threads % 32 != 0 || block.z > 64) {
    return refused(cudaErrorInvalidConfiguration,
                   "blocks of " + std::to_string(threads) + " threads; there may be up to " +
                       std::to_string(kThreadsPerBlock) + ", in whole warps");
  }
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7FFFFFFF || grid.y > 0xFFFF ||
      grid.z > 0xFFFF) {
    return refused(cudaErrorInvalidConfiguration, "a grid of (" + std::to_string(grid.x) + "," +
                                                      std::to_string(grid.y) + "," +
                                                      std::to_string(grid.z) + ") blocks");
  }
  const std::size_t dynamic = launch.config->dynamicSmemBytes;
  if (dynamic > dynamic_limit(launch.work.kernel)) {
    return refused(cudaErrorInvalidValue,
                   std::to_string(dynamic) + " bytes of dynamic shared memory; " +
                       std::to_string(dynamic_limit(launch.work.kernel)) + " may be used");
  }
  int at_once = 0;
  blocks_at_once(&at_once, launch.work.kernel, static_cast<int>(threads), dynamic);
  const std::uint64_t blocks = std::uint64_t{grid.x} * grid.y * grid.z;
  if (launch.cooperative && blocks > static_cast<std::uint64_t>(at_once) * kMultiprocessors) {
    return refused(cudaErrorCooperativeLaunchTooLarge,
                   std::to_string(blocks) + " cooperative blocks; " +
                       std::to_string(at_once * kMultiprocessors) + " fit at once");
  }
  return cudaSuccess;
}

}  // namespace

cudaError_t launch(const cudaLaunchConfig_t& config, const Work& work) {
  const OnDevice on_device;
  Launch now;
  now.config = &config;
  now.work = work;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    if (config.attrs[i].id == cudaLaunchAttributeCooperative) {
      now.cooperative = config.attrs[i].val.cooperative != 0;
    }
  }
  now.threads_per_block = config.blockDim.x * config.blockDim.y * config.blockDim.z;
  if (const cudaError_t error = checked(now); error != cudaSuccess) return error;
  record(work.kernel);
  const TurnOrder order = turn_order();
  now.shuffled = order.kind == TurnOrder::Kind::random;
  now.random = order.seed;
  launched = &now;
  run(now);
  launched = nullptr;
  current = nullptr;
  if (now.failure.empty()) return cudaSuccess;
  return reported(cudaErrorLaunchFailure, "a kernel failed: " + now.failure);
}

cudaError_t set_attribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || static_cast<std::size_t>(value) > kSharedBytesAskedFor) {
    return refused(cudaErrorInvalidValue, std::to_string(value) +
                                              " bytes of dynamic shared memory; a block has " +
                                              std::to_string(kSharedBytesAskedFor));
  }
  const OnDevice on_device;
  dynamic_limits()[kernel] = static_cast<std::size_t>(value);
  return cudaSuccess;
}

cudaError_t get_attributes(const void* kernel, cudaFuncAttributes* attributes) {
  const OnDevice on_device;
  *attributes = {};
  attributes->maxThreadsPerBlock = kThreadsPerBlock;
  attributes->numRegs = 32;
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(dynamic_limit(kernel));
  return cudaSuccess;
}

cudaError_t blocks_at_once(int* blocks, const void*, int threads, std::size_t dynamic_bytes) {
  if (threads <= 0) return reported(cudaErrorInvalidValue);
  // A KiB of each block's shared memory is the system's.
  const std::size_t by_memory = kSharedBytesPerMultiprocessor / (dynamic_bytes + 1024);
  *blocks = std::min(
      {kBlocksPerMultiprocessor, kThreadsPerMultiprocessor / threads, static_cast<int>(by_memory)});
  return cudaSuccess;
}

}  // namespace explainn::simt
