// The inner loops of the unit pass, compiled once for every instruction set (loops_<set>.cpp) from
// one source (loops_source.h). Raw pointers only: nothing here allocates or throws.
#pragma once

#include <cstdint>

#include "kernels/base/instruction_set.h"
#include "kernels/optimizer/optimizer.h"
#include "kernels/unit_pass/padding.h"
#include "kernels/unit_pass/unit_rows.h"

namespace explainn::kernels {

/// Units that the convolution computes side by side, whatever the instruction set.
inline constexpr std::int64_t kBlockUnits = 16;
/// Where the largest score of a pool window stands, from the window's first.
using PoolPlace = std::uint16_t;
inline constexpr std::int64_t kMostPooled = 65536;  ///< positions of a pool window
/// The convolution adds a row of a table for every four bases of a window; its backward pass
/// multiplies with one-hot rows for them.
inline constexpr std::int64_t kTetramers = 256;
inline constexpr std::int64_t kTetramerLetters = 16;  ///< four at four places: a one-hot row
/// How many tetramers a filter needs; the last one may go beyond it.
constexpr std::int64_t tetramer_count(std::int64_t filter) {
  return (filter + 3) / 4;
}

/// One sequence as the convolution reads it.
struct EncodedSequence {
  const std::uint8_t* bases;   ///< [L], 0..3, 4 unknown
  const std::uint8_t* packed;  ///< [packed_bytes(L)]: base t in bits 2 (t % 4) of byte t / 4
  /// [L]: kTetramerLetters (base t + 4 base t+1 + 16 base t+2 + 64 base t+3). Here and in `packed`,
  /// bases that are unknown or beyond the end count as 0.
  const std::uint16_t* tetramers;  ///< null: not made (EncodedRows)
  const std::int32_t* unknown;     ///< [L + 1] unknown bases before t; null if there is none
};

/// Eight bytes may be read from the byte of any base.
constexpr std::int64_t packed_bytes(std::int64_t length) {
  return (length + 3) / 4 + 7;
}

/// Convolution of a block of kBlockUnits units with the pool before exp.
template <typename T>
struct ConvolutionParams {
  std::int64_t length;  ///< L
  std::int64_t filter;  ///< K
  std::int64_t pool;    ///< P
  std::int64_t stride;  ///< S
  std::int64_t pooled;  ///< Q
  const T* tables;      ///< [tetramer_count][256][kBlockUnits]; the first holds the shift too.
                        ///< Of the last, rows beyond the filter's last base hold no meaning
  const T* letters;     ///< [K][4][kBlockUnits], for windows with unknown bases
  const T* shift;       ///< [kBlockUnits]

  std::int64_t positions() const { return length - filter + 1; }
};

/// A small product: c [rows][columns] = (or, with `add`, +=) a [rows][inner] b [inner][columns].
/// Element (r, i) of a stands at r a_row + i a_inner, so a transposed matrix needs no copy; rows
/// of b and c stand b_row and c_row apart. columns is a multiple of kRowPadding. Sums run over
/// `inner` in order, each in one register.
template <typename T>
struct ProductParams {
  std::int64_t rows, inner, columns;
  const T* a;
  std::int64_t a_row, a_inner;
  const T* b;
  std::int64_t b_row;
  T* c;
  std::int64_t c_row;
  bool add;
};

/// Sums of chosen rows: sums [outputs][columns], sums[i] = the sum over j of scales[j] values[j]
/// where bit j of output i is set. Bit j stands in bits[(j / 8) bits_row + i] at place j % 8.
/// values [inputs][columns] and sums have rows of `columns`, a multiple of kRowPadding. Bits at and
/// above `inputs` are not looked at. The order of the sums is fixed by the sizes.
template <typename T>
struct ChosenSumsParams {
  std::int64_t outputs, inputs, columns;
  const std::uint8_t* bits;
  std::int64_t bits_row;
  const T* values;
  const T* scales;  ///< [inputs]
  T* sums;
};

/// A hidden layer with everything that follows it: z = start + x w, ReLU, dropout, and the sum over
/// nodes weighted by `last`. Of the activations only one bit each is stored. columns is a multiple
/// of kRowPadding; padding columns must have kept bits of 0.
template <typename T>
struct GatedLayerParams {
  std::int64_t rows, inputs, columns;
  const T* x;  ///< [rows], x_row apart
  std::int64_t x_row;
  const T* w;                ///< [inputs][columns]
  const T* start;            ///< [columns]
  const T* last;             ///< [columns]
  const std::uint8_t* kept;  ///< [rows][columns / 8]: what dropout keeps
  std::uint8_t* bits;        ///< [columns / 8], bits_row apart, [rows]: kept and z > 0
  std::int64_t bits_row;
  T* scratch;  ///< [rows][kRowPadding]
  T* sums;     ///< [rows]
};

/// Sum of the one-hot windows that start at S q + places[q], each times its value: sums [4 K made
/// up to a multiple of 16], entry 4 k + base. Unknown bases count nowhere. Entries from 4 K on
/// hold no meaning. The order of the sums is that of the values.
template <typename T>
struct WindowSumParams {
  std::int64_t rows, pooled, filter, stride;
  const T* values;          ///< [rows][Q], value_row apart
  const PoolPlace* places;  ///< likewise
  std::int64_t value_row;
  const EncodedSequence* sequences;  ///< [rows]
  T* sums;
};

/// T is float in the product, double where it serves as a reference.
template <typename T>
struct Loops {
  /// The tables of a block from its letters and shift.
  void (*make_tables)(std::int64_t filter, const T* letters, const T* shift, T* tables);
  /// maxima [Q][kBlockUnits]: the largest score of each pool window; places [Q][kBlockUnits]: that
  /// of the first of equals (null: not wanted); row_scratch [n][kBlockUnits].
  void (*convolve_and_pool)(const ConvolutionParams<T>& p, const EncodedSequence& sequence,
                            T* row_scratch, T* maxima, PoolPlace* places);
  /// scores [n][kBlockUnits].
  void (*convolve)(const ConvolutionParams<T>& p, const EncodedSequence& sequence, T* scores);
  /// values[i] = exp(values[i]).
  void (*exponentials)(std::int64_t size, T* values);
  /// Adds sign times the number of ones that one[a] and other[b] share to counts[4 a + b], for the
  /// four rows of `words` words of either, which stand `plane` words apart.
  void (*add_pair_counts)(std::int64_t words, const std::uint64_t* one, const std::uint64_t* other,
                          std::int64_t plane, std::int64_t sign, std::int64_t* counts);
  /// The sum of values, size being a multiple of kRowPadding.
  double (*total)(std::int64_t size, const T* values);
  /// to [columns][to_stride] = the transposed of from [rows][from_stride]. columns is a multiple of
  /// 4; rows are made up to a multiple of 4 by zeros, for which `to` has room.
  void (*transpose)(std::int64_t rows, std::int64_t columns, const T* from,
                    std::int64_t from_stride, T* to, std::int64_t to_stride);
  /// As transpose, with 8 for 4.
  void (*transpose_places)(std::int64_t rows, std::int64_t columns, const PoolPlace* from,
                           std::int64_t from_stride, PoolPlace* to, std::int64_t to_stride);
  void (*window_sums)(const WindowSumParams<T>& p);
  void (*product)(const ProductParams<T>& p);
  void (*gated_layer)(const GatedLayerParams<T>& p);
  void (*chosen_sums)(const ChosenSumsParams<T>& p);
  /// Bits of [rows][columns] stored as [columns / 8][rows] bytes become [rows / 8][columns] bytes.
  /// rows and columns are multiples of 8.
  void (*transpose_bits)(std::int64_t rows, std::int64_t columns, const std::uint8_t* from,
                         std::uint8_t* to);
  /// Strides and sizes for the path that these layers take.
  UnitRowsSizes (*rows_sizes)(HiddenPath path, std::int64_t rows, const UnitLayer* layers,
                              std::int64_t layer_count);
  /// The unit's outputs [B].
  void (*masked_forward)(const UnitRows<T>& u, T* output);
  void (*dense_forward)(const UnitRows<T>& u, T* output);
  /// From the outputs and their gradients: those of the layers' parameters (a block as
  /// `parameters`; what is not theirs, and padding that is 0 there, stays as it is) and, in dx
  /// [B][x_stride], those of the pooled values times these values: of the logarithms, before exp.
  /// Returns the sum of dx from its closed form.
  double (*masked_backward)(const UnitRows<T>& u, const T* output, const T* d_output, T* gradients,
                            T* dx);
  double (*dense_backward)(const UnitRows<T>& u, const T* output, const T* d_output, T* gradients,
                           T* dx);
  void (*kept_bits)(const KeptBitsParams& p);
  /// adam_update and sgd_update on the calling thread.
  void (*adam)(const AdamFactors<T>& f, std::int64_t size, const T* gradient, T* m, T* v,
               T* weight);
  void (*sgd)(const SgdParams& p, std::int64_t size, const T* gradient, T* velocity, T* weight);
  /// y [rows][columns] = bias [columns] + x [rows][inputs] w [inputs][columns], negative results
  /// as 0. columns is a multiple of kRowPadding, x has rows of x_stride, y of columns.
  void (*layer)(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
                std::int64_t x_stride, const T* w, const T* bias, T* y);
  /// As layer, followed by the sum over columns weighted by last [columns]: y [rows].
  void (*layer_and_sum)(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
                        std::int64_t x_stride, const T* w, const T* bias, const T* last, T* y);
};

/// The loops for `set`, which this machine must have.
template <typename T>
const Loops<T>& loops(InstructionSet set);

/// Those of one set, which loops() chooses from.
template <typename T>
const Loops<T>& baseline_loops();
#if defined(__x86_64__)
template <typename T>
const Loops<T>& avx2_loops();
template <typename T>
const Loops<T>& avx512_loops();
#endif

}  // namespace explainn::kernels
