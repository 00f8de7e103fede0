#include "kernels/unit_pass/encoded_rows.h"

#include <algorithm>
#include <cstring>

#include "kernels/base/parallel.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsAtOnce = 64;

// Eight bases are two bytes of EncodedSequence::packed.
void pack(const std::uint8_t* bases, std::int64_t length, std::uint8_t* packed) {
  std::int64_t t = 0;
  const auto pack_eight = [&](std::int64_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bases + t, static_cast<std::size_t>(count));  // little-endian
    // Pairs of bases, then fours, then all eight move together.
    word &= 0x0303030303030303U;
    word = (word | word >> 6) & 0x000F000F000F000FU;
    word = (word | word >> 12) & 0x000000FF000000FFU;
    word |= word >> 24;
    packed[t / 4] = static_cast<std::uint8_t>(word);
    packed[t / 4 + 1] = static_cast<std::uint8_t>(word >> 8);
  };
  for (; t + 8 <= length; t += 8) pack_eight(8);
  std::fill(packed + t / 4, packed + packed_bytes(length), std::uint8_t{0});
  if (t < length) pack_eight(length - t);
}

void make_tetramers(const std::uint8_t* bases, std::int64_t length, std::uint16_t* tetramers) {
  const auto tetramer = [](const std::uint8_t* from) {
    const auto base = [from](int i) { return static_cast<unsigned>(from[i] & 3) << (2 * i); };
    return static_cast<std::uint16_t>((base(0) | base(1) | base(2) | base(3)) * kTetramerLetters);
  };
  std::int64_t t = 0;
  for (; t + 4 <= length; ++t) tetramers[t] = tetramer(bases + t);
  for (; t < length; ++t) {
    std::uint8_t last[4] = {};
    std::copy(bases + t, bases + length, last);
    tetramers[t] = tetramer(last);
  }
}

bool has_unknown_bases(const std::uint8_t* bases, std::int64_t length) {
  unsigned seen = 0;
  for (std::int64_t t = 0; t < length; ++t) seen |= bases[t];
  return seen >= 4;
}

}  // namespace

EncodedRows::EncodedRows(const std::uint8_t* bases, std::int64_t rows, std::int64_t length)
    : length_(length), sequences_(rows), packed_(rows * packed_bytes(length)) {
  Buffer<std::uint8_t> has_unknown(rows);
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::uint8_t* const sequence = bases + row * length;
      std::uint8_t* const packed = packed_.data() + row * packed_bytes(length);
      pack(sequence, length, packed);
      has_unknown[row] = has_unknown_bases(sequence, length) ? 1 : 0;
      sequences_[row] = {
          .bases = sequence, .packed = packed, .tetramers = nullptr, .unknown = nullptr};
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

void EncodedRows::add_tetramers() {
  tetramers_ = Buffer<std::uint16_t>(size() * length_);
  parallel_blocks(size(), kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::uint16_t* const tetramers = tetramers_.data() + row * length_;
      make_tetramers(sequences_[row].bases, length_, tetramers);
      sequences_[row].tetramers = tetramers;
    }
  });
}

}  // namespace explainn::kernels
