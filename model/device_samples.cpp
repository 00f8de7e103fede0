#include "model/device_samples.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace explainn::model {
namespace {

constexpr std::int64_t kRowsAtOnce = 512;
// Of the free memory; the rest is for what training itself needs.
constexpr double kShareForSamples = 0.6;
// A chunk should be worked on for longer than it takes to begin with it.
constexpr std::int64_t kChunkBytes = std::int64_t{64} << 20;

std::int64_t bytes_of(const engine::HostSamples& samples) {
  return 4 * static_cast<std::int64_t>(samples.bases().size() + samples.labels().size() +
                                       (samples.any_unknown() ? samples.unknown().size() : 0));
}

}  // namespace

engine::HostSamples packed(const SampleSet& samples) {
  engine::HostSamples host(samples.sequences(), samples.input_length(), samples.label_columns());
  parallel_blocks(samples.sequences(), kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    std::vector<data::Base> bases(static_cast<std::size_t>(samples.input_length()));
    std::vector<float> labels(static_cast<std::size_t>(samples.label_columns()));
    for (std::int64_t i = begin; i < end; ++i) {
      samples.write(i, bases.data(), labels.data());
      host.set(i, bases.data(), labels.data());
    }
  });
  return host;
}

DeviceSamples::DeviceSamples(const SampleSet& samples, Device device,
                             std::optional<std::int64_t> room) {
  const std::int64_t most =
      room ? *room
           : static_cast<std::int64_t>(kShareForSamples * static_cast<double>(free_memory(device)));
  engine::HostSamples host = packed(samples);
  if (bytes_of(host) <= most) {
    resident_.emplace(host, samples.both_strands(), device);
  } else {
    streamed_.emplace(std::move(host), samples.both_strands(), device,
                      std::min(kChunkBytes, most / 2));
  }
}

void DeviceSamples::each_block(
    std::int64_t size,
    const std::function<void(const engine::PackedSamples&, std::int64_t, std::int64_t)>& use) {
  const std::int64_t all = resident_ ? resident_->view().sequences : streamed_->sequences();
  for (std::int64_t begin = 0; begin < all; begin += size) {
    if (resident_) {
      use(resident_->view(), begin, std::min(begin + size, all));
      continue;
    }
    const engine::SampleChunk& chunk =
        streamed_->at({.order = {}, .begin = begin, .end = all, .batch = size, .sequences = true});
    use(chunk.samples, begin - chunk.begin, std::min(begin + size, all) - chunk.begin);
  }
}

void DeviceSamples::each_part(engine::SampleWalk walk, std::int64_t end,
                              const std::function<bool(const SamplePart&)>& use) {
  if (walk.begin >= end) return;
  if (resident_) {
    use({resident_->view(), walk.order, walk.begin, end});
    return;
  }
  while (walk.begin < end) {
    const engine::SampleChunk& chunk = streamed_->at(walk);
    const std::int64_t stop = std::min(chunk.end, end);
    if (!use({chunk.samples, {}, walk.begin - chunk.begin, stop - chunk.begin})) return;
    walk.begin = stop;
  }
}

}  // namespace explainn::model
