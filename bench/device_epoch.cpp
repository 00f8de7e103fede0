// Whole epochs on a GPU over random sequences in its memory, as JSON on stdout.
// usage: device_epoch [--sequences N] [--batch B] ..
#include <chrono>
#include <cstdio>

#include "bench/device_contestant.h"
#include "bench/device_samples.h"
#include "kernels/base/error.h"

namespace explainn::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

nlohmann::ordered_json time_epochs(const StepCase& problem) {
  constexpr int kEpochs = 3;
  const Options& options = problem.options;
  kernels::DeviceTraining training = make_device_training(problem);
  auto start = Clock::now();
  const kernels::HostSamples host = synthetic_samples(problem, options.sequences);
  const double made = seconds_since(start);
  start = Clock::now();
  const kernels::ResidentSamples samples(host, false, kGpu);
  const double uploaded = seconds_since(start);
  const auto bytes =
      host.bases().size() * sizeof(std::uint32_t) + host.labels().size() * sizeof(float);

  std::vector<double> seconds, losses;
  std::int64_t steps = 0;
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    start = Clock::now();
    const kernels::DeviceRun run = training.run(
        samples.view(), {.order = {.shuffled = true,
                                   .size = static_cast<std::uint64_t>(host.sequences()),
                                   .seed = kSeed,
                                   .epoch = epoch},
                         .begin = 0,
                         .end = host.sequences(),
                         .batch = options.batch,
                         .step = epoch * static_cast<std::uint32_t>(steps)});
    seconds.push_back(seconds_since(start));
    losses.push_back(run.loss.mean());
    steps = run.steps;
  }
  return {{"sequences", host.sequences()},
          {"length", options.length},
          {"batch", options.batch},
          {"steps", steps},
          {"resident_bytes", bytes},
          {"make_s", made},
          {"upload_s", uploaded},
          {"epoch_s", seconds},
          {"loss", losses}};
}

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  using namespace explainn;
  return bench::guarded_main([&] {
    const bench::StepCase problem = bench::make_case(bench::parse_options(argc, argv));
    if (gpu_count() == 0) throw UsageError("this build or this machine has no usable GPU");
    std::puts(bench::time_epochs(problem).dump().c_str());
  });
}
