#include "model/device_evaluation.h"

#include <algorithm>

#include "kernels/base/parallel.h"
#include "model/fused_network.h"
#include "model/unit_blocks.h"

namespace explainn::model {
namespace {

// Sequences whose losses are added up at a time: their sum's grouping follows from this alone.
constexpr std::int64_t kLossRows = 8192;
constexpr std::int64_t kRowsAtOnce = 256;

}  // namespace

DeviceEvaluation::DeviceEvaluation(const Architecture& sizes, const Weights& weights,
                                   const DeviceOptions& options, Device device)
    : device_(device),
      options_(options),
      folding_(sizes, weights, std::nullopt),
      inference_(make_inference()) {}

engine::DeviceInference DeviceEvaluation::make_inference() const {
  const Architecture& sizes = folding_.sizes();
  const auto net = folding_.folded();
  return {unit_sizes(sizes),
          net.convolution.w.data(),
          net.convolution.bias.data(),
          folded_layers(sizes, net),
          {.tasks = sizes.num_tasks,
           .weight = folding_.tensor("final.weight").data(),
           .bias = folding_.tensor("final.bias").data()},
          device_};
}

void DeviceEvaluation::set_weights(const Weights& weights) {
  folding_.set_weights(weights);
  inference_ = make_inference();
}

void DeviceEvaluation::infer(const SequenceBatch& batch, const InferenceOutputs& outputs) const {
  inference_.infer(batch.bases, batch.rows,
                   {.logits = outputs.logits,
                    .unit_outputs = outputs.unit_outputs,
                    .activations = outputs.activations});
}

engine::LossSum DeviceEvaluation::loss(const SampleSet& samples, Criterion criterion) {
  if (!samples_ || samples_id_ != samples.id()) {
    samples_.emplace(samples, device_, options_.sample_bytes);  // frees the memory of others first
    samples_id_ = samples.id();
  }
  engine::LossSum total;
  samples_->each_block(
      kLossRows, [&](const engine::PackedSamples& part, std::int64_t begin, std::int64_t end) {
        total += inference_.loss(part, criterion, begin, end);
        if (part.both_strands) {
          total += inference_.loss(part, criterion, part.sequences + begin, part.sequences + end);
        }
      });
  return total;
}

engine::ResidentSamples DeviceEvaluation::uploaded(const SequenceBatch& batch) const {
  const std::int64_t length = folding_.sizes().input_length;
  engine::HostSamples host(batch.rows, length, 0);
  parallel_blocks(batch.rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) host.set(i, batch.bases + i * length, nullptr);
  });
  return {host, false, device_};
}

void DeviceEvaluation::raise_maxima(const SequenceBatch& batch, float* maxima) const {
  const engine::ResidentSamples samples = uploaded(batch);
  inference_.raise_maxima(samples.view(), 0, batch.rows, maxima);
}

void DeviceEvaluation::count_sites(const SequenceBatch& batch, const float* thresholds,
                                   const engine::DeviceSites& sites, float* unit_outputs) const {
  const engine::ResidentSamples samples = uploaded(batch);
  inference_.count_sites(samples.view(), 0, batch.rows, thresholds, sites);
  inference_.infer(samples.view(), 0, batch.rows, {.unit_outputs = unit_outputs});
}

}  // namespace explainn::model
