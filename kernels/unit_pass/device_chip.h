// Many training steps in one launch: every unit has a block of its own, whose shared memory holds
// the unit's parameters and their moments from the first step to the last. A step waits for all
// blocks twice: for the outputs of all units, and for the gradients of all rows. Blocks without a
// unit make the next batch and update the final layer meanwhile.
// For two-layer units whose batch is one tile of rows; device_step.h has the kernels for all else.
#pragma once

#include <cstdint>

#include "kernels/unit_pass/device_optimizer.h"
#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

inline constexpr int kChipThreads = 512;
inline constexpr int kChipBatches = 3;
inline constexpr int kChipMoments = 2;

/// The moments of a batch's windows as the units read them: centred in double, then narrowed.
struct ChipMoments {
  float* mean;        ///< [4 K]
  float* covariance;  ///< [4 K, 4 K]
};

/// Phases of a step, as block 0 goes through them.
enum class ChipPhase {
  read,      ///< the batch has come into shared memory
  fold,      ///< batch norm of the convolution, tables
  pool,      ///< scores, pooled, exp
  multiply,  ///< products of the hidden layer
  norm,      ///< and their batch norms
  gate,      ///< ReLU, dropout, last linear map
  output,    ///< its batch norm and ReLU; dropout of the next step
  wait_outputs,
  judge,  ///< final layer, loss and their gradients of one row
  wait_rows,
  way_back,   ///< through the unit's output
  nodes,      ///< sums over rows for each node
  gradients,  ///< of the nodes, in both orders
  products,   ///< gradients of pooled values and of weights, whose step is made
  windows,    ///< gradients of scores, added up by windows
  filter,     ///< the filter's step
};
inline constexpr int kChipPhases = 16;

/// What the kernel needs beside the step. Batches follow each other through the same memory: while
/// one is made, the last blocks may still be at the one before the present one.
struct ChipMemory {
  StepBatch batches[kChipBatches];
  ChipMoments moments[kChipMoments];
  std::int32_t* counted;   ///< [steps], 0 at the launch
  float* outputs[2];       ///< [rows, U] of the units, in turns: slow blocks read the step before's
  unsigned* arrived;       ///< blocks at a barrier so far, 0 at the launch
  const AdamRates* rates;  ///< [steps]; of SGD null
  long long* clocks;       ///< [kChipPhases], what block 0 spends in each; null: not wanted
};

struct ChipRun {
  Step step;
  ChipMemory memory;
  std::int64_t steps;
  std::int64_t first_optimizer_step;  ///< rates[0] are those of this one
};

struct ChipSizes {
  int blocks;                ///< 0: the units do not fit
  std::size_t shared_bytes;  ///< a block
};

/// Whether these sizes fit the GPU in use, and how.
ChipSizes chip_sizes(const Step& step);

/// `steps` batches of step.sizes.rows rows, from status.place on.
void run_on_chip(const ChipRun& run, const ChipSizes& sizes);

/// Batch norm of a node, y -> (y - mean) scale + beta, and what its way back needs.
struct ChipNode {
  float mean, scale, beta, inverse_s;
};
/// dy = scale (dz - mean_dz - (y - mean) slope), dz = weight dv where the node is open.
struct ChipNodeGradient {
  float weight, mean_dz, slope;
};

}  // namespace explainn::kernels
