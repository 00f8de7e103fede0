#include "engine/tensor.h"

#include "kernels/base/error.h"

namespace explainn::engine {

template <typename T>
Tensor<T> Tensor<T>::from(std::span<const T> values, Shape shape, Device device) {
  require(static_cast<std::int64_t>(values.size()) == shape.size(), "tensor", values.size(),
          " values do not fill the shape ", to_string(shape));
  Tensor tensor(std::move(shape), device);
  tensor.set_values(values);
  return tensor;
}

template <typename T>
void Tensor<T>::copy_to(std::span<T> to) const {
  require(static_cast<std::int64_t>(to.size()) == size(), "tensor", to.size(),
          " places do not fit the shape ", to_string(shape()));
  kernels::copy_from(device(), data(), to);
}

template <typename T>
std::vector<T> Tensor<T>::host_values() const {
  std::vector<T> result(static_cast<std::size_t>(size()));
  copy_to(result);
  return result;
}

template <typename T>
void Tensor<T>::set_values(std::span<const T> values) {
  require(static_cast<std::int64_t>(values.size()) == size(), "tensor", values.size(),
          " values do not fill the shape ", to_string(shape()));
  kernels::copy_bytes(device(), data(), {}, values.data(), values.size_bytes());
}

template <typename T>
void Tensor<T>::clear() {
  kernels::clear_bytes(device(), data(), static_cast<std::size_t>(size()) * sizeof(T));
}

template <typename T>
std::vector<T> Tensor<T>::host_gradient() const {
  std::vector<T> result(static_cast<std::size_t>(size()));
  kernels::copy_from(device(), gradient().data(), std::span<T>(result));
  return result;
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

template <typename T>
void require_one_device(const char* op, std::initializer_list<Tensor<T>> tensors) {
  const Tensor<T>* first = nullptr;
  for (const Tensor<T>& tensor : tensors) {
    if (!tensor) continue;
    if (first == nullptr) first = &tensor;
    require(tensor.device() == first->device(), op, to_string(first->shape()), " lies on ",
            to_string(first->device()), ", ", to_string(tensor.shape()), " on ",
            to_string(tensor.device()), "; bring them to one device");
  }
}

template void require_one_device(const char*, std::initializer_list<Tensor<float>>);
template void require_one_device(const char*, std::initializer_list<Tensor<double>>);
template class Tensor<float>;
template class Tensor<double>;

}  // namespace explainn::engine
