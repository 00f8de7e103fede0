// Whole epochs on a GPU over random sequences, as JSON on stdout: in its memory, and passing
// through it in chunks. Both must give the same losses.
// usage: device_epoch [--sequences N] [--batch B] ..
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "bench/device_contestant.h"
#include "bench/device_samples.h"
#include "kernels/base/error.h"
#include "kernels/unit_pass/streamed_samples.h"

namespace explainn::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// As in model/device_samples.cpp.
constexpr std::int64_t kChunkBytes = std::int64_t{64} << 20;

struct Epoch {
  kernels::DeviceTraining& training;
  kernels::SampleOrder order;
  std::int64_t samples, batch;
  std::uint32_t step;  // of its first batch

  kernels::DeviceRun run(const kernels::ResidentSamples& resident) const {
    return training.run(resident.view(), {order, 0, samples, batch, step});
  }
  kernels::DeviceRun run(kernels::StreamedSamples& streamed) const {
    kernels::DeviceRun done{};
    for (std::int64_t place = 0; place < samples;) {
      const kernels::SampleChunk& chunk = streamed.at({order, place, samples, batch});
      const kernels::DeviceRun part =
          training.run(chunk.samples, {.order = {},
                                       .begin = 0,
                                       .end = chunk.end - chunk.begin,
                                       .batch = batch,
                                       .step = step + static_cast<std::uint32_t>(done.steps),
                                       .before = done.loss});
      done = {.loss = part.loss, .steps = done.steps + part.steps};
      place = chunk.end;
    }
    return done;
  }
};

// Three epochs from the problem's weights. `samples`: ResidentSamples or StreamedSamples.
template <typename Samples>
nlohmann::ordered_json time_epochs(const StepCase& problem, Samples& samples) {
  constexpr std::uint32_t kEpochs = 3;
  const Options& options = problem.options;
  kernels::DeviceTraining training = make_device_training(problem);
  std::vector<double> seconds, losses;
  std::int64_t steps = 0;
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    const Epoch now{.training = training,
                    .order = {.shuffled = true,
                              .size = static_cast<std::uint64_t>(options.sequences),
                              .seed = kSeed,
                              .epoch = epoch},
                    .samples = options.sequences,
                    .batch = options.batch,
                    .step = epoch * static_cast<std::uint32_t>(steps)};
    const auto start = Clock::now();
    const kernels::DeviceRun run = now.run(samples);
    seconds.push_back(seconds_since(start));
    losses.push_back(run.loss.mean());
    steps = run.steps;
  }
  return {{"steps", steps}, {"epoch_s", seconds}, {"loss", losses}};
}

nlohmann::ordered_json report(const StepCase& problem) {
  const Options& options = problem.options;
  auto start = Clock::now();
  kernels::HostSamples host = synthetic_samples(problem, options.sequences);
  const double made = seconds_since(start);
  const auto bytes =
      host.bases().size() * sizeof(std::uint32_t) + host.labels().size() * sizeof(float);
  nlohmann::ordered_json result = {{"device", gpu_name(0)},    {"sequences", options.sequences},
                                   {"length", options.length}, {"batch", options.batch},
                                   {"packed_bytes", bytes},    {"make_s", made}};
  {
    start = Clock::now();
    const kernels::ResidentSamples resident(host, false, kGpu);
    result["upload_s"] = seconds_since(start);
    result["resident"] = time_epochs(problem, resident);
  }
  kernels::StreamedSamples streamed(std::move(host), false, kGpu,
                                    std::min<std::int64_t>(kChunkBytes, bytes / 4 + 1));
  result["streamed"] = time_epochs(problem, streamed);
  if (result["streamed"]["loss"] != result["resident"]["loss"]) {
    throw Error("streamed samples gave another loss than resident ones");
  }
  return result;
}

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  using namespace explainn;
  return bench::guarded_main([&] {
    const bench::StepCase problem = bench::make_case(bench::parse_options(argc, argv));
    if (gpu_count() == 0) throw UsageError("this build or this machine has no usable GPU");
    std::puts(bench::report(problem).dump().c_str());
  });
}
