// A handle to numbers on a device and, where wanted, to their gradient. Copying a handle copies no
// numbers: both handles are the same tensor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "engine/shape.h"
#include "kernels/base/gradient.h"
#include "kernels/device.h"
#include "kernels/memory.h"

namespace explainn::engine {

/// T is float in the product; double serves gradient checks and references.
template <typename T>
class Tensor {
 public:
  /// A handle to nothing.
  Tensor() = default;
  /// Uninitialised numbers of `shape`.
  explicit Tensor(Shape shape, Device device = {});
  /// A copy of `values` (row-major). Requires values.size() == shape.size().
  static Tensor from(std::span<const T> values, Shape shape, Device device = {});

  /// A second tensor over the same numbers, with a gradient of its own (none yet).
  Tensor share_values() const { return share_values(shape()); }
  /// The same in another shape of equal size.
  Tensor share_values(Shape shape) const;

  explicit operator bool() const { return node_ != nullptr; }
  const Shape& shape() const { return node_->shape; }
  std::int64_t size() const { return node_->values->size(); }
  Device device() const { return node_->values->device(); }
  T* data() { return node_->values->data(); }
  const T* data() const { return node_->values->data(); }
  /// The numbers where they lie; on a GPU only kernels can read them.
  std::span<T> values() { return {data(), static_cast<std::size_t>(size())}; }
  std::span<const T> values() const { return {data(), static_cast<std::size_t>(size())}; }

  /// Copies the numbers to the CPU. Requires to.size() == size().
  void copy_to(std::span<T> to) const;
  std::vector<T> host_values() const;
  /// Replaces the numbers by `values` of the CPU. Requires values.size() == size().
  void set_values(std::span<const T> values);
  /// All numbers become 0.
  void clear();

  /// Whether gradients flow to this tensor. Parameters say so; results inherit it from their
  /// inputs.
  bool wants_gradient() const { return node_ && node_->wants_gradient; }
  Tensor& want_gradient(bool wanted = true) {
    node_->wants_gradient = wanted;
    return *this;
  }
  bool has_gradient() const { return node_ && static_cast<bool>(node_->gradient); }
  /// The gradient, row-major. Requires has_gradient().
  std::span<const T> gradient() const {
    return {node_->gradient.data(), static_cast<std::size_t>(size())};
  }
  std::vector<T> host_gradient() const;
  /// Where a backward kernel puts this tensor's gradient: nowhere unless it is wanted; the first
  /// one overwrites, later ones add.
  kernels::Gradient<T> gradient_slot() const;
  /// Forgets the gradient and frees its memory.
  void clear_gradient() const { node_->gradient = kernels::Buffer<T>(); }

 private:
  struct Node {
    Shape shape;
    std::shared_ptr<kernels::Buffer<T>> values;
    kernels::Buffer<T> gradient{};
    bool wants_gradient = false;
  };
  explicit Tensor(std::shared_ptr<Node> node) : node_(std::move(node)) {}
  std::shared_ptr<Node> node_;
};

/// Throws std::invalid_argument unless all tensors, empty handles aside, lie on one device.
template <typename T>
void require_one_device(const char* op, std::initializer_list<Tensor<T>> tensors);

}  // namespace explainn::engine
