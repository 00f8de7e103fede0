#include "kernels/cuda/elements.h"
#include "kernels/dropout/decisions.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::element;
using explainn::cuda::launch;
using explainn::cuda::thread_each;

// The elements of one page of 2^32 pairs.
__global__ void decide(DropoutKeys keys, std::uint32_t threshold, std::int64_t size,
                       std::uint8_t* kept) {
  const std::int64_t e = element();
  if (e >= size) return;
  const std::uint32_t number = dropout_hash(keys, static_cast<std::uint32_t>(e / 2));
  kept[e] = (e % 2 == 0 ? number & 0xFFFF : number >> 16) >= threshold ? 1 : 0;
}

template <typename T>
__global__ void apply(std::int64_t size, T factor, const std::uint8_t* kept, const T* x,
                      Gradient<T> y) {
  const std::int64_t i = element();
  if (i < size) y.put(i, kept[i] != 0 ? factor * x[i] : T{0});
}

}  // namespace

void dropout_mask(const DropoutParams& p, std::int64_t size, std::uint8_t* kept) {
  constexpr std::int64_t kPage = std::int64_t{1} << 33;  // elements
  for (std::int64_t begin = 0; begin < size; begin += kPage) {
    const std::int64_t count = size - begin < kPage ? size - begin : kPage;
    launch(decide, thread_each(count), dropout_keys(p, static_cast<std::uint64_t>(begin / kPage)),
           dropout_threshold(p.probability), count, kept + begin);
  }
}

template <typename T>
void dropout_apply(std::int64_t size, double scale, const std::uint8_t* kept, const T* x,
                   Gradient<T> y) {
  if (y) launch(apply<T>, thread_each(size), size, static_cast<T>(scale), kept, x, y);
}

template void dropout_apply(std::int64_t, double, const std::uint8_t*, const float*,
                            Gradient<float>);
template void dropout_apply(std::int64_t, double, const std::uint8_t*, const double*,
                            Gradient<double>);

}  // namespace explainn::kernels::cuda
