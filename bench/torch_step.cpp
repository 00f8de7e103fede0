// The twins of train_step.cpp in LibTorch: the same problem, checks and times.
// usage: torch_step --network original|best|best_native|by_hand [--device cuda] [--mode graph]
//   [--batch N] [--threads N] ..
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <malloc.h>
#include <torch/version.h>

#include <limits>

#include "bench/torch_gpu.h"
#include "bench/torch_networks.h"
#include "kernels/base/error.h"

namespace explainn::bench {
namespace {

std::unique_ptr<Contestant> make_network(const StepCase& problem) {
  const std::string& name = problem.options.network;
  if (name == "original") return original_network(problem);
  if (name == "best") return best_network(problem);
  if (name == "best_native") return best_native_network(problem);
  if (name == "by_hand" && !problem.options.gpu) return by_hand_network(problem);
  throw UsageError("--network " + name +
                   ": there are original, best and best_native, and by_hand on the CPU");
}

// Makes ready for a GPU and returns its name.
std::string gpu_name() {
  if constexpr (kTorchCuda) return use_gpu();
  throw UsageError("--device cuda: this LibTorch has no CUDA");
}

// The instruction set that ATen uses: "AVX2" and so on, a line of its build settings.
std::string instruction_set() {
  const std::string config = at::show_config();
  const std::string label = "CPU capability usage: ";
  const std::size_t begin = config.find(label);
  if (begin == std::string::npos) return "unknown";
  const std::size_t start = begin + label.size();
  return config.substr(start, config.find('\n', start) - start);
}

void torch_main(int argc, char** argv) {
  // Large tensors come and go many times a step: keep their memory instead of faulting it in anew.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
  const StepCase problem = make_case(parse_options(argc, argv));
  if (problem.options.graph && !problem.options.gpu) {
    throw UsageError("--mode graph needs --device cuda");
  }
  const std::string runs_on = problem.options.gpu ? gpu_name() : instruction_set();
  if (problem.options.threads > 0) at::set_num_threads(problem.options.threads);
  const std::unique_ptr<Contestant> contestant = make_network(problem);
  run(problem,
      {.program = problem.options.network + (problem.options.graph ? ", graph" : ""),
       .version = TORCH_VERSION,
       .isa = runs_on,
       .threads = at::get_num_threads()},
      *contestant);
}

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  return explainn::bench::guarded_main([&] { explainn::bench::torch_main(argc, argv); });
}
