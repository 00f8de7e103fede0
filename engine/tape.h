// The record of a computation. Operations write down how to send a gradient back; backward() reads
// the record from its end, so the order is right without a search and without recursion, and frees
// each entry, its saved tensors and its result's gradient as soon as it is used.
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "engine/tensor.h"

namespace explainn::engine {

template <typename T>
class Tape {
 public:
  /// Sends `dy`, the gradient of an operation's result (same shape), to the operation's inputs.
  /// Captures inputs and saved tensors, never the result itself: that would be a cycle.
  using Backward = std::function<void(const T* dy)>;

  /// Whether anything is recorded. Inference uses a tape that is off.
  enum class Mode { on, off };
  explicit Tape(Mode mode = Mode::on) : mode_(mode) {}

  /// True if a result of these inputs must be recorded.
  bool records(std::initializer_list<Tensor<T>> inputs) const;
  /// Writes `backward` down for `result`, which from now on wants a gradient.
  void record(Tensor<T>& result, Backward backward);
  /// Computes the gradient of the scalar `loss` with respect to every recorded input and empties
  /// the record. Requires loss.size() == 1 and that the loss was recorded here.
  void backward(Tensor<T>& loss);

 private:
  struct Entry {
    Tensor<T> result;
    Backward backward;
  };
  Mode mode_;
  std::vector<Entry> entries_;
};

}  // namespace explainn::engine
