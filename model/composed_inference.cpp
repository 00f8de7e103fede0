// Inference of the composed network: batch norms folded into the layers before them, the maximum
// taken before exp (which is monotone).
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "model/composed_network.h"

namespace explainn::model {

using engine::Shape;
using engine::Tape;
using engine::Tensor;

namespace {

// Numbers of one activation map that a pass may hold: bounds memory for any batch.
constexpr std::int64_t kMapElements = std::int64_t{1} << 23;

// Brings a result to the CPU.
template <typename T>
void copy_out(const Tensor<T>& tensor, float* to) {
  if constexpr (std::is_same_v<T, float>) {
    tensor.copy_to({to, static_cast<std::size_t>(tensor.size())});
  } else {
    const std::vector<T> values = tensor.host_values();
    std::copy(values.begin(), values.end(), to);
  }
}

}  // namespace

template <typename T>
typename ComposedNetwork<T>::Folded ComposedNetwork<T>::folded() const {
  // w' = gamma / s w, bias' = gamma / s (bias - mean) + beta with s = sqrt(var + eps), in double.
  const double eps = engine::BatchNorm<T>{}.eps;
  const auto fold = [this, eps](const std::string& linear, const std::string& norm_name,
                                Shape shape) {
    const auto of_norm = [&](const char* name) { return tensor(norm_name + name).host_values(); };
    const std::vector<T> gamma = of_norm(".weight"), beta = of_norm(".bias"),
                         mean = of_norm(".running_mean"), variance = of_norm(".running_var");
    std::vector<T> w = tensor(linear + ".weight").host_values();
    std::vector<T> bias = tensor(linear + ".bias").host_values();
    const std::size_t inputs = w.size() / bias.size();
    for (std::size_t o = 0; o < bias.size(); ++o) {
      const double scale =
          static_cast<double>(gamma[o]) / std::sqrt(static_cast<double>(variance[o]) + eps);
      for (std::size_t i = o * inputs; i < (o + 1) * inputs; ++i) {
        w[i] = static_cast<T>(w[i] * scale);
      }
      const double centred = static_cast<double>(bias[o]) - mean[o];
      bias[o] = static_cast<T>(centred * scale + beta[o]);
    }
    const Shape outputs = tensor(linear + ".bias").shape();
    return typename Folded::Layer{Tensor<T>::from(w, std::move(shape), device_),
                                  Tensor<T>::from(bias, outputs, device_)};
  };
  const auto fold_units = [&](const std::string& linear, const std::string& norm) {
    const Shape& shape = tensor(linear + ".weight").shape();
    return fold(linear, norm, Shape{shape[0], shape[1]});
  };

  Folded net{fold("linears.0", "linears.1", tensor("linears.0.weight").shape()), {}};
  if (sizes_.num_fc >= 1) net.unit_layers.push_back(fold_units("linears.6", "linears.7"));
  for (std::int64_t i = 0; i < sizes_.num_fc - 2; ++i) {
    const std::string prefix = "linears_bg." + std::to_string(i);
    net.unit_layers.push_back(fold_units(prefix + ".1", prefix + ".2"));
  }
  if (sizes_.num_fc == 2) net.unit_layers.push_back(fold_units("linears.10", "linears.11"));
  if (sizes_.num_fc >= 3) net.unit_layers.push_back(fold_units("last_linear.1", "last_linear.2"));
  return net;
}

template <typename T>
void ComposedNetwork<T>::infer_rows(const Folded& net, const SequenceBatch& batch,
                                    const InferenceOutputs& outputs) {
  Tape<T> tape(Tape<T>::Mode::off);
  const Tensor<T> x = one_hot<T>(batch, sizes_.input_length, device_);
  const Tensor<T> scores = engine::conv1d(tape, x, net.convolution.w, net.convolution.bias);
  if (outputs.activations != nullptr) {
    copy_out(engine::exp(tape, scores), outputs.activations);
  }
  if (outputs.unit_outputs == nullptr && outputs.logits == nullptr) return;

  Tensor<T> y =
      engine::exp(tape, engine::max_pool1d(tape, scores, sizes_.pool_width(), sizes_.pool_step()));
  for (const auto& layer : net.unit_layers) {
    y = engine::relu(tape, engine::unit_linear(tape, y, layer.w, layer.bias));
  }
  y = engine::flatten(tape, y);
  if (outputs.unit_outputs != nullptr) copy_out(y, outputs.unit_outputs);
  if (outputs.logits != nullptr) {
    copy_out(engine::linear(tape, y, tensor("final.weight"), tensor("final.bias")), outputs.logits);
  }
}

template <typename T>
void ComposedNetwork<T>::infer(const SequenceBatch& batch, const InferenceOutputs& outputs) {
  if (!folded_) folded_ = std::make_shared<Folded>(folded());
  const auto advance = [](float* base, std::int64_t offset) {
    return base == nullptr ? nullptr : base + offset;
  };
  const std::int64_t map = sizes_.num_units * sizes_.positions();
  const std::int64_t rows_at_once = std::max<std::int64_t>(1, kMapElements / map);
  for (std::int64_t row = 0; row < batch.rows; row += rows_at_once) {
    const SequenceBatch part{batch.bases + row * sizes_.input_length,
                             std::min(rows_at_once, batch.rows - row)};
    infer_rows(*folded_, part,
               {.logits = advance(outputs.logits, row * sizes_.num_tasks),
                .unit_outputs = advance(outputs.unit_outputs, row * sizes_.num_units),
                .activations = advance(outputs.activations, row * map)});
  }
}

template ComposedNetwork<float>::Folded ComposedNetwork<float>::folded() const;
template ComposedNetwork<double>::Folded ComposedNetwork<double>::folded() const;
template void ComposedNetwork<float>::infer(const SequenceBatch&, const InferenceOutputs&);
template void ComposedNetwork<double>::infer(const SequenceBatch&, const InferenceOutputs&);

}  // namespace explainn::model
