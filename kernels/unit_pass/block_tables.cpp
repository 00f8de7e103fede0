#include "kernels/unit_pass/block_tables.h"

#include <algorithm>

namespace explainn::kernels {

template <typename T>
BlockTables<T>::BlockTables(const UnitSizes& sizes, InstructionSet set)
    : sizes_(sizes),
      loops_(loops<T>(set)),
      blocks_((sizes.units + kBlockUnits - 1) / kBlockUnits),
      letters_(zeros<T>(blocks_ * letters_of_block())),
      shifts_(zeros<T>(blocks_ * kBlockUnits)),
      tables_(blocks_ * tables_of_block()) {}

template <typename T>
std::int64_t BlockTables<T>::units(std::int64_t block) const {
  return std::min(kBlockUnits, sizes_.units - block * kBlockUnits);
}

template <typename T>
void BlockTables<T>::make(std::int64_t block) {
  loops_.make_tables(sizes_.filter, letters(block), shifts(block),
                     tables_.data() + block * tables_of_block());
}

template <typename T>
ConvolutionParams<T> BlockTables<T>::params(std::int64_t block) const {
  return {.length = sizes_.length,
          .filter = sizes_.filter,
          .pool = sizes_.pool,
          .stride = sizes_.stride,
          .pooled = sizes_.pooled(),
          .tables = tables_.data() + block * tables_of_block(),
          .letters = letters_.data() + block * letters_of_block(),
          .shift = shifts_.data() + block * kBlockUnits};
}

template <typename T>
void BlockTables<T>::activations(std::int64_t block, const EncodedSequence& sequence,
                                 T* activations) const {
  loops_.convolve(params(block), sequence, activations);
  loops_.exponentials(sizes_.positions() * kBlockUnits, activations);
}

template <typename T>
void BlockTables<T>::pool(std::int64_t block, std::int64_t rows, const EncodedSequence* sequences,
                          const PooledStrides& strides, T* x, PoolPlace* places) const {
  const ConvolutionParams<T> p = params(block);
  Buffer<T> scores(sizes_.positions() * kBlockUnits);
  Buffer<T> maxima = zeros<T>(strides.row * kBlockUnits);
  Buffer<PoolPlace> here(places != nullptr ? p.pooled * kBlockUnits : 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    loops_.convolve_and_pool(p, sequences[row], scores.data(), maxima.data(),
                             places != nullptr ? here.data() : nullptr);
    loops_.exponentials(p.pooled * kBlockUnits, maxima.data());
    loops_.transpose(strides.row, kBlockUnits, maxima.data(), kBlockUnits, x + row * strides.row,
                     strides.unit);
    if (places != nullptr) {
      loops_.transpose_places(p.pooled, kBlockUnits, here.data(), kBlockUnits,
                              places + row * strides.row, strides.unit);
    }
  }
}

template class BlockTables<float>;
template class BlockTables<double>;

}  // namespace explainn::kernels
