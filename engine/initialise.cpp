#include "engine/initialise.h"

#include <cmath>

#include "kernels/base/philox.h"

namespace explainn::engine {

void fill_uniform_fan_in(std::span<float> weight, std::int64_t fan_in, std::uint64_t seed,
                         std::uint32_t tensor_index) {
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const PhiloxBlock random =
        philox(seed, i / 4, tensor_index, static_cast<std::uint32_t>(Stream::initialisation));
    weight[i] = static_cast<float>((2 * unit_interval(random[i % 4]) - 1) * bound);
  }
}

}  // namespace explainn::engine
