#include "kernels/unit_pass/device_folded_network.h"

#include <cuda_runtime.h>

#include "kernels/base/error.h"
#include "kernels/cuda/bias.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/memory.h"
#include "kernels/cuda/product.h"

namespace explainn::kernels {
namespace {

constexpr int kMostCopies = 32;

// As many copies of the tables as find room, so that look-ups rarely meet in a bank.
int table_copies(int filter, int hidden_layers) {
  int device = 0;
  int bytes = 0;
  explainn::cuda::check(cudaGetDevice(&device));
  explainn::cuda::check(
      cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  const std::int64_t left = bytes - inference_bytes(filter, hidden_layers);
  if (left < 0) {
    throw UsageError(cat("filters of ", filter, " bases need more shared memory than the ", bytes,
                         " bytes of this GPU; choose --device cpu"));
  }
  int copies = kMostCopies;
  while (copies > 0 && inference_table_bytes(filter, copies) > left) copies /= 2;
  return copies;
}

}  // namespace

FoldedNetwork::FoldedNetwork(const UnitSizes& sizes, const float* filters, const float* shifts,
                             const std::vector<FoldedUnitLayer>& layers,
                             const FinalLayer& final_layer, Device device)
    : sizes_(sizes), tasks_(final_layer.tasks), device_(device) {
  require(sizes.units >= 1 && sizes.filter >= 1 && sizes.pool >= 1 && sizes.stride >= 1 &&
              sizes.positions() >= sizes.pool && layers.size() <= kMostLayers && tasks_ >= 1,
          "device inference", sizes.units, " filters of ", sizes.filter, ", pools of ", sizes.pool,
          " and ", layers.size(), " layers on sequences of ", sizes.length, " for ", tasks_,
          " tasks");
  explainn::cuda::use(device);
  const std::int64_t filter = sizes.filter;
  std::vector<float> letters;
  for (std::int64_t i = 0; i < sizes.units * filter * 4; ++i) {
    letters.push_back(filters[(i / (4 * filter) * 4 + i % 4) * filter + i / 4 % filter]);
  }
  units_.units = static_cast<int>(sizes.units);
  units_.filter = static_cast<int>(filter);
  units_.positions = static_cast<int>(sizes.positions());
  units_.pool = static_cast<int>(sizes.pool);
  units_.stride = static_cast<int>(sizes.stride);
  units_.pooled = static_cast<int>(sizes.pooled());
  units_.letters = keep(letters);
  units_.shifts = keep({shifts, shifts + sizes.units});
  std::int64_t inputs = sizes.pooled();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool last = i + 1 == layers.size();
    require(layers[i].inputs == inputs && (layers[i].outputs == 1) >= last &&
                layers[i].outputs <= kNodes,
            "device inference", "layer ", i, " is [", layers[i].outputs, ", ", layers[i].inputs,
            "] after ", inputs, " values");
    inputs = layers[i].outputs;
    add_layer(layers[i], last);
  }
  require(inputs == 1, "device inference", "the units end with ", inputs, " values, not with one");
  units_.copies = table_copies(units_.filter, units_.hidden_layers);
  final_weight_ = keep({final_layer.weight, final_layer.weight + tasks_ * sizes.units});
  final_bias_ = keep({final_layer.bias, final_layer.bias + tasks_});
}

const float* FoldedNetwork::keep(const std::vector<float>& numbers) {
  return numbers_.emplace_back(copied_to<float>(device_, numbers)).data();
}

// Columns, and what the last layer reads of a hidden one, are made up to kNodes by zeros.
void FoldedNetwork::add_layer(const FoldedUnitLayer& layer, bool last) {
  const std::int64_t outputs = last ? 1 : kNodes;
  const std::int64_t inputs = last && units_.hidden_layers > 0 ? kNodes : layer.inputs;
  std::vector<float> w(static_cast<std::size_t>(sizes_.units * inputs * outputs), 0.0F);
  std::vector<float> bias(static_cast<std::size_t>(sizes_.units * outputs), 0.0F);
  for (std::int64_t u = 0; u < sizes_.units; ++u) {
    for (std::int64_t o = 0; o < layer.outputs; ++o) {
      const std::int64_t from = u * layer.outputs + o;
      bias[static_cast<std::size_t>(u * outputs + o)] = layer.bias[from];
      for (std::int64_t i = 0; i < layer.inputs; ++i) {
        w[static_cast<std::size_t>((u * inputs + i) * outputs + o)] =
            layer.w[from * layer.inputs + i];
      }
    }
  }
  const float* const weights = keep(w);
  const float* const biases = keep(bias);
  if (last) {
    units_.last_inputs = static_cast<int>(layer.inputs);
    units_.last = weights;
    units_.last_bias = biases;
  } else {
    units_.hidden[units_.hidden_layers++] = {static_cast<int>(layer.inputs), weights, biases};
  }
}

void FoldedNetwork::find_logits(std::int64_t rows, const float* outputs, float* logits) const {
  cuda::product<float>({.count = 1, .m = rows, .n = tasks_, .k = sizes_.units},
                       {outputs, sizes_.units, 1}, {final_weight_, 1, sizes_.units},
                       {logits, tasks_, 1}, Write::overwrite);
  cuda::add_bias(rows, tasks_, 1, final_bias_, logits);
}

}  // namespace explainn::kernels
