#include "model/unit_blocks.h"

namespace explainn::model {
namespace {

constexpr std::size_t kSpecsOfLayer = 6;  // weight, idle bias, gamma, beta, running mean, variance

}  // namespace

std::vector<std::int64_t> layer_outputs(const Architecture& sizes) {
  std::vector<std::int64_t> outputs;
  for (std::int64_t i = 0; i + 1 < sizes.num_fc; ++i) outputs.push_back(Architecture::kHidden);
  if (sizes.num_fc > 0) outputs.push_back(1);
  return outputs;
}

engine::UnitSizes unit_sizes(const Architecture& sizes) {
  return {.units = sizes.num_units,
          .filter = sizes.filter_size,
          .length = sizes.input_length,
          .pool = sizes.pool_width(),
          .stride = sizes.pool_step()};
}

UnitBlocks::UnitBlocks(const Architecture& sizes, const engine::UnitLayout& layout)
    : sizes_(sizes), layout_(layout), specs_(tensor_specs(sizes)) {}

UnitBlocks::Field UnitBlocks::field(std::size_t spec) const {
  const std::size_t index = spec / kSpecsOfLayer;
  const engine::UnitLayer& layer = index == 0 ? layout_.convolution : layout_.layers[index - 1];
  const auto vector = [&](std::int64_t offset, bool trained) {
    return Field{layer.outputs, 1, offset, 1, 0, trained};
  };
  switch (specs_[spec].role) {
    case TensorRole::weight:
      // PyTorch's filter is [4, K], a block's is [K][4].
      if (index == 0) return {4, sizes_.filter_size, layer.w, 1, 4, true};
      if (layer.outputs == 1) return {1, layer.inputs, layer.w, 0, 1, true};
      return {layer.outputs, layer.inputs, layer.w, 1, layer.stride, true};
    case TensorRole::gamma:
      return vector(layer.gamma, true);
    case TensorRole::beta:
      return vector(layer.beta, true);
    case TensorRole::running_mean:
      return vector(layer.mean, false);
    case TensorRole::running_var:
      return vector(layer.variance, false);
    default:
      return vector(layer.bias, false);
  }
}

}  // namespace explainn::model
