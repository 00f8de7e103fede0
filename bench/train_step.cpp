// Time of one training step and of inference at a given size, as JSON on stdout. The PyTorch twin
// is bench/pytorch_step.py; bench/compare.sh runs both in turn.
//
// usage: train_step [batch] [units] [filter] [length] [tasks] [threads] [seconds]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"
#include "model/network.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Timing {
  double median;
  double least;
  std::size_t runs;
};

// Runs `work` for about `seconds` after a warm-up of a tenth of that.
template <typename Work>
Timing measure(double seconds, const Work& work) {
  for (const auto start = Clock::now(); seconds_since(start) < seconds / 10;) work();
  std::vector<double> times;
  for (const auto start = Clock::now(); seconds_since(start) < seconds || times.size() < 5;) {
    const auto begin = Clock::now();
    work();
    times.push_back(seconds_since(begin));
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times.size()};
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, long standard) {
    return argc > i ? std::strtol(argv[i], nullptr, 10) : standard;
  };
  const long batch = argument(1, 100);
  explainn::model::Architecture sizes{.num_units = argument(2, 100),
                                      .filter_size = argument(3, 19),
                                      .input_length = argument(4, 200),
                                      .num_tasks = argument(5, 50)};
  explainn::set_thread_count(static_cast<int>(argument(6, explainn::thread_count())));
  const auto seconds = static_cast<double>(argument(7, 5));

  std::vector<explainn::data::Base> bases(static_cast<std::size_t>(batch * sizes.input_length));
  std::vector<float> labels(static_cast<std::size_t>(batch * sizes.num_tasks));
  for (std::size_t i = 0; i < bases.size(); ++i) {
    bases[i] = static_cast<explainn::data::Base>(explainn::philox(1, i, 0, 0)[0] % 4);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = static_cast<float>(explainn::philox(2, i, 0, 0)[0] % 2);
  }
  const auto weights = explainn::model::initial_weights(sizes, 1714);
  const auto network = explainn::model::make_network(
      sizes, weights, {.criterion = explainn::model::Criterion::bce_with_logits, .optimizer = {}});

  std::uint32_t step = 0;
  double loss = 0;
  const Timing training = measure(seconds, [&] {
    loss = network
               ->train_step(
                   {.sequences = {bases.data(), batch}, .labels = labels.data(), .step = step++})
               .mean();
  });
  std::vector<float> logits(labels.size());
  const Timing inference = measure(seconds, [&] {
    network->infer({bases.data(), batch}, {.logits = logits.data()});
  });
  if (!std::isfinite(loss) || !std::isfinite(logits.front())) {
    std::fprintf(stderr, "the network computed a number that is not finite\n");
    return 1;
  }
  std::printf(
      "{\"program\": \"explainn\", \"batch\": %ld, \"units\": %lld, \"filter\": %lld, \"length\": "
      "%lld, "
      "\"tasks\": %lld, \"threads\": %d, \"train_ms\": %.4f, \"train_least_ms\": %.4f, "
      "\"train_runs\": %zu, "
      "\"infer_ms\": %.4f, \"infer_least_ms\": %.4f, \"infer_runs\": %zu}\n",
      batch, static_cast<long long>(sizes.num_units), static_cast<long long>(sizes.filter_size),
      static_cast<long long>(sizes.input_length), static_cast<long long>(sizes.num_tasks),
      explainn::thread_count(), training.median * 1e3, training.least * 1e3, training.runs,
      inference.median * 1e3, inference.least * 1e3, inference.runs);
  return 0;
}
