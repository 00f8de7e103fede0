#include "engine/tape.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/elementwise/elementwise.h"

namespace explainn::engine {

template <typename T>
bool Tape<T>::records(std::initializer_list<Tensor<T>> inputs) const {
  return mode_ == Mode::on && std::any_of(inputs.begin(), inputs.end(), [](const Tensor<T>& input) {
           return input.wants_gradient();
         });
}

template <typename T>
void Tape<T>::record(Tensor<T>& result, Backward backward) {
  result.want_gradient();
  entries_.push_back({result, std::move(backward)});
}

template <typename T>
void Tape<T>::backward(Tensor<T>& loss) {
  require(loss.size() == 1, "backward", "the loss must be one number, not of shape ",
          to_string(loss.shape()));
  require(loss.wants_gradient() && !entries_.empty(), "backward",
          "the loss was not computed on this tape from anything that wants a gradient");
  const T one = 1;
  const Tensor<T> start = Tensor<T>::from(std::span<const T>(&one, 1), Shape{}, loss.device());
  kernels::scale_into(loss.device(), 1, one, start.data(), loss.gradient_slot());
  while (!entries_.empty()) {
    const Entry entry = std::move(entries_.back());
    entries_.pop_back();
    if (!entry.result.has_gradient()) continue;  // the loss does not depend on it
    entry.backward(entry.result.gradient().data());
    entry.result.clear_gradient();
  }
}

template class Tape<float>;
template class Tape<double>;

}  // namespace explainn::engine
