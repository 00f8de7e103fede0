// A set of samples on a GPU: all of them in its memory, or, where they are too many, passing
// through it in chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "engine/device_samples.h"
#include "model/samples.h"

namespace explainn::model {

/// Packs some sequences of a set: at most 2 bits a base and their labels. Uses all threads.
engine::HostSamples packed(const SampleSet& samples);

/// Places [begin, end) of `order` among `samples`.
struct SamplePart {
  const engine::PackedSamples& samples;
  engine::SampleOrder order;
  std::int64_t begin, end;
};

class DeviceSamples {
 public:
  /// `room`: bytes that the samples may take on the device; unset: most of what is free. Throws
  /// UsageError where there is no such GPU, Error where memory runs out.
  DeviceSamples(const SampleSet& samples, Device device,
                std::optional<std::int64_t> room = std::nullopt);

  bool resident() const { return resident_.has_value(); }

  /// Calls `use` for consecutive blocks of `size` sequences (the last ones may be fewer) in their
  /// own order: [begin, end) of those of `samples`, whose other strands, where both are samples,
  /// are [N + begin, N + end).
  void each_block(std::int64_t size,
                  const std::function<void(const engine::PackedSamples& samples, std::int64_t begin,
                                           std::int64_t end)>& use);

  /// Calls `use` for consecutive parts of places [walk.begin, end), whole batches each, until it
  /// returns false. All work on a part must be done when `use` returns. walk.end >= end: where the
  /// next calls will go on to.
  void each_part(engine::SampleWalk walk, std::int64_t end,
                 const std::function<bool(const SamplePart&)>& use);

 private:
  std::optional<engine::ResidentSamples> resident_;
  std::optional<engine::StreamedSamples> streamed_;
};

}  // namespace explainn::model
