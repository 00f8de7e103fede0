// Sequences as the table convolution reads them: four bases to a byte, overlapping.
#pragma once

#include <cstdint>

#include "kernels/memory.h"
#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {

class EncodedRows {
 public:
  /// bases [rows, length], 0..3 or 4 for unknown; they must outlive this object.
  EncodedRows(const std::uint8_t* bases, std::int64_t rows, std::int64_t length);

  std::int64_t size() const { return rows_; }
  EncodedSequence operator[](std::int64_t row) const;

 private:
  const std::uint8_t* bases_;
  std::int64_t rows_;
  std::int64_t length_;
  Buffer<std::uint8_t> mers_;         // [rows, length]
  Buffer<std::uint8_t> has_unknown_;  // [rows]
  Buffer<std::int32_t> unknown_;      // [rows, length + 1], if any row has one
};

/// [rows, length]: four bits each for the bases at t .. t + 3, the lowest for base 0 at t; none for
/// an unknown base or after the end.
Buffer<std::uint16_t> one_hot_windows(const std::uint8_t* bases, std::int64_t rows,
                                      std::int64_t length);

}  // namespace explainn::kernels
