#include "kernels/unit_pass/encoded_rows.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsAtOnce = 64;

// From the end: the four bases at t are base t and the first three of those at t + 1. Bases after
// the end and unknown ones stand as 0: their windows are never looked up.
void write_mers(const std::uint8_t* bases, std::int64_t length, std::uint8_t* mers) {
  unsigned mer = 0;
  for (std::int64_t t = length; t-- > 0;) {
    mer = ((mer << 2) | (bases[t] < 4 ? bases[t] : 0U)) & 0xFFU;
    mers[t] = static_cast<std::uint8_t>(mer);
  }
}

}  // namespace

EncodedRows::EncodedRows(const std::uint8_t* bases, std::int64_t rows, std::int64_t length)
    : bases_(bases), rows_(rows), length_(length), mers_(rows * length), has_unknown_(rows) {
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::uint8_t* const sequence = bases + row * length;
      write_mers(sequence, length, mers_.data() + row * length);
      std::uint8_t largest = 0;
      for (std::int64_t t = 0; t < length; ++t) largest = std::max(largest, sequence[t]);
      has_unknown_[row] = largest >= 4 ? 1 : 0;
    }
  });
  if (std::find(has_unknown_.begin(), has_unknown_.end(), 1) == has_unknown_.end()) return;
  unknown_ = Buffer<std::int32_t>(rows * (length + 1));
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::int32_t* const before = unknown_.data() + row * (length + 1);
      before[0] = 0;
      for (std::int64_t t = 0; t < length; ++t) {
        before[t + 1] = before[t] + (bases[row * length + t] >= 4 ? 1 : 0);
      }
    }
  });
}

EncodedSequence EncodedRows::operator[](std::int64_t row) const {
  return {.bases = bases_ + row * length_,
          .mers = mers_.data() + row * length_,
          .unknown = has_unknown_[row] != 0 ? unknown_.data() + row * (length_ + 1) : nullptr};
}

Buffer<std::uint16_t> one_hot_windows(const std::uint8_t* bases, std::int64_t rows,
                                      std::int64_t length) {
  Buffer<std::uint16_t> windows(rows * length);
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      unsigned window = 0;
      for (std::int64_t t = length; t-- > 0;) {
        const std::uint8_t base = bases[row * length + t];
        window = ((window << 4) | (base < 4 ? 1U << base : 0U)) & 0xFFFFU;
        windows[row * length + t] = static_cast<std::uint16_t>(window);
      }
    }
  });
  return windows;
}

}  // namespace explainn::kernels
