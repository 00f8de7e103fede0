// What the kernels of a training step on a GPU read and write: sizes, and places in device memory.
// A step is a chain of phases, each with its kernels in one file:
//   device_batch.cu        gather a batch of packed samples, count the pairs of bases in its
//   windows device_convolution.cu  fold the batch norm into the filters, score, pool, exp; filter
//   gradients device_layers.cu       hidden layers: product, batch norm, ReLU, dropout; and their
//   way back device_head.cu         unit outputs, final layer, loss; and their way back
//   device_update.cu       the optimiser
#pragma once

#include <cstdint>

#include "kernels/dropout/dropout.h"
#include "kernels/loss/loss.h"
#include "kernels/optimizer/optimizer.h"
#include "kernels/unit_pass/packed_samples.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

/// Layers after the pool that a unit may have (num_fc).
inline constexpr int kMostLayers = 8;
/// Nodes of a hidden layer, and rows that a block works on at a time.
inline constexpr int kNodes = 100;
inline constexpr int kTileRows = 100;
/// Rows whose shares of the final layer's gradient are summed by one thread.
inline constexpr int kFinalRows = 128;

struct StepSizes {
  int rows;   ///< B of this step
  int units;  ///< U
  int filter, length, pool, stride;
  int positions, pooled;     ///< n, Q
  int pooled_row;            ///< Q made up to a multiple of 4: the distance of rows of x
  int tasks, label_columns;  ///< T
  int layer_count;           ///< num_fc
  int parts;                 ///< blocks that share the row tiles of a unit
  LossKind loss;

  EXPLAINN_HOST_DEVICE int tiles() const { return (rows + kTileRows - 1) / kTileRows; }
  EXPLAINN_HOST_DEVICE int row_words() const { return (rows + 31) / 32; }
  EXPLAINN_HOST_DEVICE int final_parts() const { return (rows + kFinalRows - 1) / kFinalRows; }
  EXPLAINN_HOST_DEVICE int letters() const { return 4 * filter; }
  EXPLAINN_HOST_DEVICE int hidden_layers() const { return layer_count > 1 ? layer_count - 1 : 0; }
};

/// Where numbers of a unit stand in its blocks (UnitLayout, by value).
struct StepLayout {
  UnitLayer convolution;
  UnitLayer layers[kMostLayers];
  std::int64_t parameters, statistics;
};

/// What steps tell each other and, at the end, the host.
struct StepStatus {
  std::int64_t place;           ///< of the first row of the next batch
  std::int64_t optimizer_step;  ///< steps made
  std::int64_t steps;           ///< batches done in this run
  std::int64_t tracked;         ///< batches that moved the running statistics
  LossSum loss;                 ///< over the batches done
  std::uint32_t step;           ///< of the batch at hand: the dropout's counter
  std::int32_t counted;         ///< terms that the loss of the batch at hand has
  std::int32_t learn;           ///< the batch's loss is finite and has terms
  std::int32_t stopped;         ///< a loss was not finite: nothing is done any more
};

/// Numbers that are trained, and a set of their optimiser's moments; null where there are none.
struct TrainedNumbers {
  float* values;
  float* first;   ///< Adam's first moments, or SGD's velocity
  float* second;  ///< Adam's second moments
  float* gradients;
};

/// One batch, made by device_batch.cu.
struct StepBatch {
  std::uint32_t* bases;    ///< [B, base_words(L)], strands turned
  std::uint32_t* unknown;  ///< [B, mask_words(L)]; null: no sample has an unknown base
  std::uint32_t* planes;   ///< [row_words, L, 4]: bit r % 32 of word r / 32: row r has base a at t
  float* labels;           ///< [B, label_columns]
  /// [K lag][K][16]: in how many windows base i / 4 stands at j and base i % 4 at j + lag.
  std::int32_t* pairs;
  std::int32_t* counted;  ///< terms that the batch's loss has
};

/// The batch norm behind a unit's convolution, folded.
struct ScoreNorm {
  double mean, s;  ///< of the scores w.x; s = sqrt(variance + eps)
};

struct StepMemory {
  StepStatus* status;
  StepBatch batch;
  TrainedNumbers units;         ///< [U, layout.parameters]
  TrainedNumbers final_weight;  ///< [T, U]
  TrainedNumbers final_bias;    ///< [T]
  float* statistics;            ///< [U, layout.statistics]
  // Convolution.
  double* covariance_filters;  ///< [U, 4 K], covariance of the windows times the filter
  ScoreNorm* norms;            ///< [U]
  float* letters;              ///< [U, 4 K], folded
  float* shifts;               ///< [U]
  float* x;                    ///< [U, B, pooled_row], exp of the largest score of each window
  std::uint16_t* offsets;      ///< likewise: where in its window it stands
  float* centres;              ///< [U, Q], taken from x before the first layer
  // Hidden layers.
  float* y;         ///< [hidden layers][U, B, kNodes], the products
  double* sums;     ///< [hidden layers][U, parts, 2, kNodes]: of y and of its squares
  float* dh;        ///< [2][U, B, kNodes], gradients of what a layer hands on
  double* dz_sums;  ///< [hidden layers][U, parts, 3, kNodes]: dz, dz normal y, dv h
  float* dw;        ///< [hidden layers][U, parts, most inputs, kNodes]
  // Head.
  float* v;             ///< [U, B]: the last linear map without its bias
  double* v_norms;      ///< [U, 2]: mean and 1 / s of v
  float* outputs;       ///< [B, U]
  float* logits;        ///< [B, T]
  float* d_logits;      ///< [B, T]
  double* row_losses;   ///< [B]
  float* d_final;       ///< [row parts, T, U + 1]: of the final layer, its biases last
  float* d_outputs;     ///< [U, B]
  float* dv;            ///< [U, B]
  double* dv_sums;      ///< [U, 2]: of the gradient of v's batch norm: dy, dy normal v
  float* d_scores;      ///< [U, B, pooled_row], gradients of the largest scores
  double* window_sums;  ///< [U, parts, 4 K + 1]: windows times d_scores, and the sum of d_scores
  float* single_dw;     ///< [U, Q]: of the one layer of num_fc 1
  std::int64_t most_inputs;
};

/// Everything a kernel of the step needs. By value.
struct Step {
  StepSizes sizes;
  StepLayout layout;
  StepMemory memory;
  PackedSamples samples;
  SampleOrder order;
  double dropout;
  std::uint64_t seed;
  std::uint32_t first_stream;
  bool adam, trim_weights, gradients_only;
  double lr, momentum;
};

/// Batch norm of a hidden layer's node: z = (y - mean) scale + beta, the mean in two pieces.
struct NodeNorm {
  float mean, mean_rest, scale, beta;
};

// The phases, each one or a few launches on the stream in use.

void gather_batch(const Step& step);
void convolve(const Step& step);
void forward_layers(const Step& step);
void forward_head(const Step& step);
void backward_head(const Step& step);
void backward_layers(const Step& step);
void filter_gradients(const Step& step);
void update(const Step& step);
/// The batch is done: the next one follows it.
void finish_step(const Step& step);

}  // namespace explainn::kernels
