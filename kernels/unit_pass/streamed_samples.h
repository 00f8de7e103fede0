// Samples that a GPU's memory has no room for: they stay on the host, packed, and pass through the
// GPU in chunks. While one chunk is worked on, the next one is gathered and copied.
#pragma once

#include <cstdint>

#include "kernels/base/background.h"
#include "kernels/memory.h"
#include "kernels/staging.h"
#include "kernels/unit_pass/resident_samples.h"

namespace explainn::kernels {

/// Places of an order, on a device: place p is sample p - begin of `samples`.
struct SampleChunk {
  PackedSamples samples;  ///< one strand each, but for a walk over sequences
  std::int64_t begin = 0, end = 0;
};

/// The rest of an order, as it is gone through.
struct SampleWalk {
  SampleOrder order;
  std::int64_t begin, end;  ///< places
  std::int64_t batch;       ///< no chunk ends within a batch; a last batch of one place joins the
                            ///< one before it
  /// Places are sequences, in their own order, and a chunk has both strands of each where the set
  /// has.
  bool sequences = false;
};

class StreamedSamples {
 public:
  /// Two chunks of about `chunk_bytes` each are held on `device`, and as much in page-locked memory
  /// of the host.
  StreamedSamples(HostSamples host, bool both_strands, Device device, std::int64_t chunk_bytes);

  /// The chunk that holds place walk.begin, valid until the next call; the work of this thread on
  /// it must be done by then. The chunk behind it, up to walk.end, is made ready meanwhile. Throws
  /// Error where memory runs out.
  const SampleChunk& at(const SampleWalk& walk);

  std::int64_t sequences() const { return host_.sequences(); }
  std::int64_t samples() const { return host_.sequences() * (both_strands_ ? 2 : 1); }

 private:
  struct Slot {
    SampleWalk walk{};  // what it was asked for as; chunk.begin is walk.begin
    SampleChunk chunk;
    Staging staging;
    Buffer<std::uint32_t> memory;

    bool holds(const SampleWalk& wanted) const;
  };

  struct Layout {
    std::int64_t unknown, labels;  // where they begin, in words; the bases stand first
    std::int64_t words;            // of all
  };

  Layout layout(std::int64_t rows) const;
  std::int64_t chunk_batches(const SampleWalk& walk) const;
  void make_room(const SampleWalk& walk);
  void fill(const SampleWalk& walk, Slot& slot) const;
  void gather(const SampleOrder& order, std::int64_t place, std::uint32_t* bases,
              std::uint32_t* unknown, std::uint32_t* labels) const;

  HostSamples host_;
  bool both_strands_;
  bool any_unknown_;
  Device device_;
  std::int64_t chunk_bytes_;
  std::int64_t words_ = 0;  // that a slot has room for
  Slot slots_[2];
  int current_ = 0;
  Background background_;  // fills the other slot; the last member, for its job uses the others
};

}  // namespace explainn::kernels
