#include "bench/device_samples.h"

#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"

namespace explainn::bench {
namespace {

enum RandomStream : std::uint32_t { kMoreBases = 1100, kMoreLabels };

// 2-bit numbers, 64 of each block of random words.
void random_bases(std::int64_t sequence, std::vector<data::Base>& bases) {
  PhiloxBlock block{};
  for (std::size_t t = 0; t < bases.size(); ++t) {
    if (t % 64 == 0) {
      block = philox(kSeed, static_cast<std::uint64_t>(sequence), static_cast<std::uint32_t>(t),
                     kMoreBases);
    }
    bases[t] = static_cast<data::Base>((block[t / 16 % 4] >> (2 * (t % 16))) & 3);
  }
}

void random_labels(std::int64_t sequence, std::vector<float>& labels) {
  PhiloxBlock block{};
  for (std::size_t t = 0; t < labels.size(); ++t) {
    if (t % 128 == 0) {
      block = philox(kSeed, static_cast<std::uint64_t>(sequence), static_cast<std::uint32_t>(t),
                     kMoreLabels);
    }
    labels[t] = static_cast<float>((block[t / 32 % 4] >> (t % 32)) & 1);
  }
}

}  // namespace

kernels::HostSamples synthetic_samples(const StepCase& problem, std::int64_t sequences) {
  const Options& options = problem.options;
  kernels::HostSamples samples(sequences, options.length, options.tasks);
  for (std::int64_t i = 0; i < options.batch; ++i) {
    samples.set(i, problem.bases.data() + i * options.length,
                problem.labels.data() + i * options.tasks);
  }
  constexpr std::int64_t kAtOnce = 512;
  parallel_blocks(sequences - options.batch, kAtOnce, [&](std::int64_t begin, std::int64_t end) {
    std::vector<data::Base> bases(static_cast<std::size_t>(options.length));
    std::vector<float> labels(static_cast<std::size_t>(options.tasks));
    for (std::int64_t i = begin + options.batch; i < end + options.batch; ++i) {
      random_bases(i, bases);
      random_labels(i, labels);
      samples.set(i, bases.data(), labels.data());
    }
  });
  return samples;
}

}  // namespace explainn::bench
