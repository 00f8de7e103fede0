#include "engine/tensor.h"

#include <algorithm>

#include "kernels/base/error.h"

namespace explainn::engine {

template <typename T>
Tensor<T> Tensor<T>::from(std::span<const T> values, Shape shape, Device device) {
  require(static_cast<std::int64_t>(values.size()) == shape.size(), "tensor", values.size(),
          " values do not fill the shape ", to_string(shape));
  Tensor tensor(std::move(shape), device);
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

template <typename T>
Tensor<T>::Tensor(Shape shape, Device device) {
  const std::int64_t size = shape.size();
  node_ = std::make_shared<Node>(
      Node{std::move(shape), std::make_shared<kernels::Buffer<T>>(size, device)});
}

template <typename T>
Tensor<T> Tensor<T>::share_values(Shape shape) const {
  return Tensor(std::make_shared<Node>(Node{std::move(shape), node_->values}));
}

template <typename T>
kernels::Gradient<T> Tensor<T>::gradient_slot() const {
  if (!wants_gradient()) return {};
  if (node_->gradient) return {node_->gradient.data(), kernels::Write::accumulate};
  node_->gradient = kernels::Buffer<T>(size(), device());
  return {node_->gradient.data(), kernels::Write::overwrite};
}

template class Tensor<float>;
template class Tensor<double>;

}  // namespace explainn::engine
