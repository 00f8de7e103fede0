#include "kernels/unit_pass/encoded_rows.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsAtOnce = 64;

// Unknown bases stand as 0: their windows are never looked up.
void pack(const std::uint8_t* bases, std::int64_t length, std::uint8_t* packed) {
  std::fill_n(packed, packed_bytes(length), std::uint8_t{0});
  for (std::int64_t t = 0; t < length; ++t) {
    const unsigned base = bases[t] < 4 ? bases[t] : 0U;
    packed[t / 4] = static_cast<std::uint8_t>(packed[t / 4] | base << (t % 4 * 2));
  }
}

}  // namespace

EncodedRows::EncodedRows(const std::uint8_t* bases, std::int64_t rows, std::int64_t length)
    : sequences_(rows), packed_(rows * packed_bytes(length)) {
  Buffer<std::uint8_t> has_unknown(rows);
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::uint8_t* const sequence = bases + row * length;
      std::uint8_t* const packed = packed_.data() + row * packed_bytes(length);
      pack(sequence, length, packed);
      std::uint8_t largest = 0;
      for (std::int64_t t = 0; t < length; ++t) largest = std::max(largest, sequence[t]);
      has_unknown[row] = largest >= 4 ? 1 : 0;
      sequences_[row] = {.bases = sequence, .packed = packed, .unknown = nullptr};
    }
  });
  if (std::find(has_unknown.begin(), has_unknown.end(), 1) == has_unknown.end()) return;
  unknown_ = Buffer<std::int32_t>(rows * (length + 1));
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      if (has_unknown[row] == 0) continue;
      std::int32_t* const before = unknown_.data() + row * (length + 1);
      before[0] = 0;
      for (std::int64_t t = 0; t < length; ++t) {
        before[t + 1] = before[t] + (bases[row * length + t] >= 4 ? 1 : 0);
      }
      sequences_[row].unknown = before;
    }
  });
}

}  // namespace explainn::kernels
