// Many training steps in one launch: every unit has a block of its own, whose shared memory holds
// the unit's parameters and their moments from the first step to the last. A step waits for all
// blocks twice: for the outputs of all units, and for the gradients of all rows. Blocks without a
// unit make the next batch meanwhile.
// For two-layer units whose batch is one tile of rows; device_step.h has the kernels for all else.
#pragma once

#include <cstdint>

#include "kernels/unit_pass/device_optimizer.h"
#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

inline constexpr int kChipBatches = 3;
inline constexpr int kChipMoments = 2;

/// The moments of a batch's windows as the units read them: centred in double, then narrowed.
struct ChipMoments {
  float* mean;        ///< [4 K]
  float* covariance;  ///< [4 K, 4 K]
};

/// What the kernel needs beside the step. Batches follow each other through the same memory: while
/// one is made, the last blocks may still be at the one before the present one.
struct ChipMemory {
  StepBatch batches[kChipBatches];
  ChipMoments moments[kChipMoments];
  std::int32_t* counted;   ///< [steps], 0 at the launch
  unsigned* arrived;       ///< blocks at a barrier so far, 0 at the launch
  const AdamRates* rates;  ///< [steps]; of SGD null
  long long* clocks;       ///< [kChipPhases], what block 0 spends in each; null: not wanted
};

/// Phases of a step, as block 0 goes through them.
enum class ChipPhase {
  read,      ///< bases and moments of the batch
  fold,      ///< batch norm of the convolution
  pool,      ///< scores, pooled, exp
  centre,    ///< pooled values without their means
  multiply,  ///< products of the hidden layer and its batch norm
  gate,      ///< ReLU, dropout, last linear map
  output,    ///< its batch norm and ReLU
  wait_outputs,
  judge,  ///< final layer, loss and their gradients of one row
  wait_rows,
  ask,        ///< gradients of the rows
  final_,     ///< the final layer's update
  way_back,   ///< through the unit's output and the nodes
  gradients,  ///< of the nodes, in both orders
  inputs,     ///< product: gradients of pooled values
  windows,    ///< .. added up by windows
  weights,    ///< product: gradients of the hidden layer
  update,
};
inline constexpr int kChipPhases = 18;

struct ChipRun {
  Step step;
  ChipMemory memory;
  std::int64_t steps;
  std::int64_t first_optimizer_step;  ///< rates[0] are those of this one
};

/// Sizes of the memory of ChipMemory.
struct ChipSizes {
  int blocks;                ///< 0: the units do not fit
  std::size_t shared_bytes;  ///< a block
};

/// Whether these sizes fit the GPU in use, and how.
ChipSizes chip_sizes(const Step& step);

/// `steps` batches of step.sizes.rows rows, from status.place on.
void run_on_chip(const ChipRun& run, const ChipSizes& sizes);

/// Shared memory of a block, in the order in which it is taken.
struct ChipShared {
  // For the whole launch.
  float* w;           // [layout.parameters], of the unit
  float* m;           // [layout.parameters]
  float* v;           // [layout.parameters]
  float* final_;      // [tasks][3], the unit's final weights and their moments
  float* statistics;  // [layout.statistics]
  // For a step.
  float* x;                   // [kTileRows][kChunk], pooled values without their centres
  float* turned_x;            // [kChunk][kTileRows]
  float* centres;             // [kChunk]
  std::uint16_t* offsets;     // [kTileRows][kChunk]
  std::uint32_t* bases;       // [rows][base_words(L)]
  double* covariance_filter;  // [4 K]
  double* windows;            // [4 K]
  float* letters;             // [4 K]
  float* shift;               // [1]
  ScoreNorm* score_norm;      // [1]
  NodeNorm* nodes;            // [kNodes]
  double* inverse_s;          // [kNodes]
  double* node_sums;          // [3][kNodes]
  float* linear;              // [kTileRows], v of the unit's output
  float* outputs;             // [kTileRows]
  float* slopes;              // [kTileRows], gradients of outputs, then dv
  float* total;               // [100][kChunk]
  std::int32_t* tables;       // sums of windows
  double* of_warps;           // [32]
  // One place after the other: score tables; partial sums; final weights; gradients of products.
  float* stage;

  std::size_t stage_size;  // floats
};

}  // namespace explainn::kernels
