// The extents of a tensor, outermost axis first.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace explainn::engine {

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents) : extents_(extents) {}
  explicit Shape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {}

  std::int64_t rank() const { return static_cast<std::int64_t>(extents_.size()); }
  std::int64_t operator[](std::int64_t axis) const {
    return extents_[static_cast<std::size_t>(axis)];
  }
  /// Number of elements; 1 for the empty shape (a scalar).
  std::int64_t size() const {
    std::int64_t product = 1;
    for (const std::int64_t extent : extents_) product *= extent;
    return product;
  }
  const std::vector<std::int64_t>& extents() const { return extents_; }
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> extents_;
};

/// "[3, 4, 19]".
inline std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

}  // namespace explainn::engine
