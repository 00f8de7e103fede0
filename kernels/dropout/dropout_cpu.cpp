#include "kernels/base/parallel.h"
#include "kernels/dropout/decisions.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kBlock = 16384;  // even

}  // namespace

void dropout_mask(const DropoutParams& p, std::int64_t size, std::uint8_t* kept) {
  const std::uint32_t threshold = dropout_threshold(p.probability);
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    // A block lies in one page: pages begin at multiples of it.
    const auto first = static_cast<std::uint64_t>(begin) / 2;
    const DropoutKeys keys = dropout_keys(p, first >> 32);
    for (std::int64_t e = begin; e < end; ++e) {
      const std::uint32_t number =
          dropout_hash(keys, static_cast<std::uint32_t>(static_cast<std::uint64_t>(e) / 2));
      kept[e] = (e % 2 == 0 ? number & 0xFFFF : number >> 16) >= threshold ? 1 : 0;
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
