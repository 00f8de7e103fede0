// The units' convolutions as tables, a block of units beside each other: what training and
// inference share.
#pragma once

#include <cstdint>

#include "kernels/memory.h"
#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

/// Distances of a unit's rows and of units.
struct PooledStrides {
  std::int64_t row, unit;
};

/// T is float in the product, double where it serves as a reference.
template <typename T>
class BlockTables {
 public:
  /// All filters and shifts are zero; the tables have no meaning before make().
  BlockTables(const UnitSizes& sizes, InstructionSet set);

  /// Blocks of kBlockUnits units; the last may hold fewer.
  [[nodiscard]] std::int64_t blocks() const { return blocks_; }
  /// Units of a block.
  [[nodiscard]] std::int64_t units(std::int64_t block) const;

  /// [K, 4, kBlockUnits]: weight of each base at each position of the filters.
  T* letters(std::int64_t block) { return letters_.data() + block * letters_of_block(); }
  /// [kBlockUnits]: added to every score.
  T* shifts(std::int64_t block) { return shifts_.data() + block * kBlockUnits; }
  /// Makes the tables of a block from its letters and shifts.
  void make(std::int64_t block);

  /// exp of every score of a sequence: [n, kBlockUnits].
  void activations(std::int64_t block, const EncodedSequence& sequence, T* activations) const;
  /// exp of the largest score of each pool window, x [kBlockUnits][rows][strides.row], zeros behind
  /// the Q values; places likewise, where it stands (behind Q: no meaning; null: not wanted), for
  /// pools of at most kMostPooled.
  void pool(std::int64_t block, std::int64_t rows, const EncodedSequence* sequences,
            const PooledStrides& strides, T* x, PoolPlace* places) const;

 private:
  [[nodiscard]] std::int64_t letters_of_block() const { return sizes_.filter * 4 * kBlockUnits; }
  [[nodiscard]] std::int64_t tables_of_block() const {
    return tetramer_count(sizes_.filter) * kTetramers * kBlockUnits;
  }
  [[nodiscard]] ConvolutionParams<T> params(std::int64_t block) const;

  UnitSizes sizes_;
  const Loops<T>& loops_;
  std::int64_t blocks_;
  Buffer<T> letters_;
  Buffer<T> shifts_;
  Buffer<T> tables_;  // [blocks, tetramer_count, 256, kBlockUnits]
};

}  // namespace explainn::kernels
