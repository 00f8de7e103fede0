#include <algorithm>
#include <cmath>

#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"
#include "kernels/dropout/dropout.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kPerPhilox = 8;
constexpr std::int64_t kBlock = 16384;  // a multiple of kPerPhilox

}  // namespace

void dropout_mask(const DropoutParams& p, std::int64_t size, std::uint8_t* kept) {
  const auto threshold = static_cast<std::uint32_t>(std::lround(p.probability * 65536));
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = begin; first < end; first += kPerPhilox) {
      const PhiloxBlock random =
          philox(p.seed, static_cast<std::uint64_t>(first / kPerPhilox), p.step, p.stream);
      const std::int64_t count = std::min(kPerPhilox, end - first);
      for (std::int64_t j = 0; j < count; ++j) {
        const std::uint32_t number = (random[j / 2] >> (16 * (j % 2))) & 0xFFFF;
        kept[first + j] = number >= threshold ? 1 : 0;
      }
    }
  });
}

template <typename T>
void dropout_apply(std::int64_t size, double scale, const std::uint8_t* kept, const T* x,
                   Gradient<T> y) {
  if (!y) return;
  const T factor = static_cast<T>(scale);
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y.put(i, kept[i] != 0 ? factor * x[i] : T{0});
  });
}

template void dropout_apply(std::int64_t, double, const std::uint8_t*, const float*,
                            Gradient<float>);
template void dropout_apply(std::int64_t, double, const std::uint8_t*, const double*,
                            Gradient<double>);

}  // namespace explainn::kernels
