// What the kernels of inference on a GPU read, and their launches. A unit's windows are scored by
// look-ups (device_scores.h); its layers follow while a tile of rows is on the chip.
#pragma once

#include <cstdint>

#include "kernels/unit_pass/device_step.h"
#include "kernels/unit_pass/packed_samples.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

/// Samples in the orientation that they are read in, with room behind the last, so that a window is
/// read without a look at where it stands.
struct WindowRows {
  const std::uint32_t* bases;    ///< [rows, base_words(L)] and kWindowRoom words more
  const std::uint32_t* unknown;  ///< [rows, mask_words(L)]; null: no base is unknown
  int length;
  int rows;
  int parts;  ///< blocks that share the tiles of rows of a unit
};
inline constexpr int kWindowRoom = 2;

/// A hidden layer of all units, its columns made up to kNodes by zeros.
struct FoldedNodes {
  int inputs;
  const float* w;     ///< [U, inputs, kNodes]
  const float* bias;  ///< [U, kNodes]
};

/// A folded network on a device. By value.
struct FoldedUnits {
  int units, filter, positions, pool, stride, pooled;
  int copies;            ///< of a filter's tables in shared memory (WindowScorer)
  const float* letters;  ///< [U, 4 K]: entry 4 k + base
  const float* shifts;   ///< [U]
  int hidden_layers;
  FoldedNodes hidden[kMostLayers];
  int last_inputs;         ///< 0: the pooled value is the unit's output
  const float* last;       ///< [U, last_inputs], or [U, kNodes] behind a hidden layer
  const float* last_bias;  ///< [U]
};

/// Bytes of shared memory that the kernels need beside the tables.
std::int64_t inference_bytes(int filter, int hidden_layers);
/// Bytes of a filter's tables in so many copies.
std::int64_t inference_table_bytes(int filter, int copies);

// Launches on the stream in use; all memory is the device's.

/// Samples from `first` on as WindowRows has them; unknown is not written where no base is.
void gather_rows(const PackedSamples& samples, std::int64_t first, std::int64_t rows,
                 std::uint32_t* bases, std::uint32_t* unknown);
/// The same of letters [rows, L], 0..3 or 4 for unknown.
void pack_rows(const std::uint8_t* letters, std::int64_t rows, std::int64_t length,
               std::uint32_t* bases, std::uint32_t* unknown);
/// outputs [rows, U].
void infer_units(const FoldedUnits& net, const WindowRows& rows, float* outputs);
/// activations [rows, U, n].
void find_activations(const FoldedUnits& net, const WindowRows& rows, float* activations);
/// Raises maxima [U]; all of them are at least 0.
void find_maxima(const FoldedUnits& net, const WindowRows& rows, float* maxima);
/// letters [U, K, 5] and sites [U] are added to; fired [rows, U] is set where it is not null.
/// Requires rows * n < 2^32.
void find_sites(const FoldedUnits& net, const WindowRows& rows, const float* thresholds,
                unsigned long long* letters, unsigned long long* sites, std::uint8_t* fired);

}  // namespace explainn::kernels
