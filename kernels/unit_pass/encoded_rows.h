// Sequences as the table convolution reads them: two bits a base.
#pragma once

#include <cstdint>

#include "kernels/memory.h"
#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {

class EncodedRows {
 public:
  /// bases [rows, length], 0..3 or 4 for unknown; they must outlive this object.
  EncodedRows(const std::uint8_t* bases, std::int64_t rows, std::int64_t length);
  /// Makes the sequences' tetramers, which the way back alone reads.
  void add_tetramers();

  std::int64_t size() const { return sequences_.size(); }
  const EncodedSequence& operator[](std::int64_t row) const { return sequences_[row]; }
  const EncodedSequence* data() const { return sequences_.data(); }

 private:
  std::int64_t length_;
  Buffer<EncodedSequence> sequences_;
  Buffer<std::uint8_t> packed_;      // [rows, packed_bytes(length)]
  Buffer<std::uint16_t> tetramers_;  // [rows, length], if they were asked for
  Buffer<std::int32_t> unknown_;     // [rows, length + 1], if any row has one
};

}  // namespace explainn::kernels
