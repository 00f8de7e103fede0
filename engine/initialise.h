// PyTorch's initial values, from counter-based random numbers.
#pragma once

#include <cstdint>
#include <span>

namespace explainn::engine {

/// Fills `weight` with U(-1/sqrt(fan_in), 1/sqrt(fan_in)), what PyTorch's convolutions and linear
/// layers start from (weights and biases alike; grouped: fan_in counts one group). Element 4 i + j
/// is word j of Philox block i for (seed, step = tensor_index, stream initialisation).
void fill_uniform_fan_in(std::span<float> weight, std::int64_t fan_in, std::uint64_t seed,
                         std::uint32_t tensor_index);

}  // namespace explainn::engine
