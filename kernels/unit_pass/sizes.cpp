#include "kernels/unit_pass/sizes.h"

#include "kernels/base/error.h"
#include "kernels/unit_pass/padding.h"

namespace explainn::kernels {

UnitLayout::UnitLayout(const UnitSizes& sizes, const std::vector<std::int64_t>& hidden_outputs)
    : convolution{}, parameters(0), statistics(0) {
  require(sizes.units >= 1 && sizes.filter >= 1 && sizes.length >= sizes.filter &&
              sizes.pool >= 1 && sizes.pool <= sizes.positions() && sizes.stride >= 1,
          "unit pass", sizes.units, " units of ", sizes.filter, " bases on sequences of ",
          sizes.length, " with pools of ", sizes.pool, " every ", sizes.stride, " do not fit");
  const auto next = [](std::int64_t& end, std::int64_t size) {
    const std::int64_t begin = end;
    end += padded(size);
    return begin;
  };
  const auto layer = [&](std::int64_t inputs, std::int64_t outputs) {
    const bool one = outputs == 1;
    const std::int64_t stride = padded(one ? inputs : outputs);
    // In the order written.
    return UnitLayer{.inputs = inputs,
                     .outputs = outputs,
                     .stride = stride,
                     .w = next(parameters, one ? stride : inputs * stride),
                     .gamma = next(parameters, outputs),
                     .beta = next(parameters, outputs),
                     .bias = next(statistics, outputs),
                     .mean = next(statistics, outputs),
                     .variance = next(statistics, outputs)};
  };
  convolution = layer(4 * sizes.filter, 1);
  std::int64_t inputs = sizes.pooled();
  for (const std::int64_t outputs : hidden_outputs) {
    layers.push_back(layer(inputs, outputs));
    inputs = outputs;
  }
  require(inputs == 1, "unit pass", "the units end with ", inputs, " values, not with one");
}

}  // namespace explainn::kernels
