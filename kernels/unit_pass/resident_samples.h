// Sequences and labels packed on the host, and in one device's memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/memory.h"
#include "kernels/unit_pass/packed_samples.h"

namespace explainn::kernels {

/// Packed samples on the host. Different sequences may be set by different threads.
class HostSamples {
 public:
  HostSamples(std::int64_t sequences, std::int64_t length, std::int64_t label_columns);

  /// bases [length], 0..3 or 4 for unknown; labels [label_columns].
  void set(std::int64_t sequence, const std::uint8_t* bases, const float* labels);

  std::int64_t sequences() const { return sequences_; }
  std::int64_t length() const { return length_; }
  std::int64_t label_columns() const { return label_columns_; }
  const std::vector<std::uint32_t>& bases() const { return bases_; }
  const std::vector<std::uint32_t>& unknown() const { return unknown_; }
  const std::vector<float>& labels() const { return labels_; }
  bool any_unknown() const;

 private:
  std::int64_t sequences_, length_, label_columns_;
  std::vector<std::uint32_t> bases_;    // [sequences, base_words]
  std::vector<std::uint32_t> unknown_;  // [sequences, mask_words]
  std::vector<float> labels_;           // [sequences, label_columns]
};

/// The same in a device's memory.
class ResidentSamples {
 public:
  /// both_strands: reverse complements are samples too (PackedSamples).
  ResidentSamples(const HostSamples& samples, bool both_strands, Device device);

  const PackedSamples& view() const { return view_; }

 private:
  Buffer<std::uint32_t> bases_, unknown_;
  Buffer<float> labels_;
  PackedSamples view_;
};

}  // namespace explainn::kernels
