#include "engine/optimizer.h"

#include "kernels/elementwise/elementwise.h"
#include "kernels/optimizer/optimizer.h"

namespace explainn::engine {

template <typename T>
Optimizer<T>::Optimizer(OptimizerSettings settings, std::vector<Tensor<T>> parameters)
    : settings_(settings), parameters_(std::move(parameters)) {
  const bool adam = settings.kind == OptimizerKind::adam;
  const int tensors_each = adam ? 2 : (settings.momentum != 0 ? 1 : 0);
  for (int i = 0; i < tensors_each; ++i) {
    for (const Tensor<T>& parameter : parameters_) {
      state_.emplace_back(parameter.shape(), parameter.device());
      state_.back().clear();
    }
  }
}

template <typename T>
void Optimizer<T>::step() {
  ++steps_;
  const std::size_t count = parameters_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Tensor<T>& w = parameters_[i];
    const kernels::Gradient<T> slot = w.gradient_slot();
    if (!slot) continue;  // frozen
    if (slot.write == kernels::Write::overwrite) {
      kernels::clear_bytes(w.device(), slot.data, static_cast<std::size_t>(w.size()) * sizeof(T));
    }
    if (settings_.kind == OptimizerKind::adam) {
      kernels::adam_update<T>(w.device(), {.lr = settings_.lr, .step = steps_}, w.size(), slot.data,
                              state_[i].data(), state_[count + i].data(), w.data());
    } else {
      kernels::sgd_update<T>(
          w.device(),
          {.lr = settings_.lr, .momentum = settings_.momentum, .first_step = steps_ == 1}, w.size(),
          slot.data, state_.empty() ? nullptr : state_[i].data(), w.data());
    }
    w.clear_gradient();
  }
}

template <typename T>
void clamp_negative(Tensor<T>& w) {
  kernels::map_forward<kernels::Relu>(w.device(), w.size(), w.data(), w.data());
}

template void clamp_negative(Tensor<float>&);
template void clamp_negative(Tensor<double>&);
template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace explainn::engine
