// explainn's training step and inference on a GPU: checked numbers and times as a line of JSON on
// stdout. `--network tiled` keeps it from the kernel of many steps. The LibTorch twins are
// torch_step.cpp with --device cuda; bench/compare_gpu.py runs them.
#include "bench/device_contestant.h"
#include "kernels/base/error.h"

int main(int argc, char** argv) {
  using namespace explainn;
  return bench::guarded_main([&] {
    const bench::StepCase problem = bench::make_case(bench::parse_options(argc, argv));
    if (gpu_count() == 0) throw UsageError("this build or this machine has no usable GPU");
    const auto contestant = bench::device_contestant(problem);
    bench::run(problem,
               {.program = problem.options.network == "tiled" ? "explainn, tiled" : "explainn",
                .version = EXPLAINN_VERSION,
                .isa = gpu_name(0),
                .threads = 1},
               *contestant);
  });
}
