#include "kernels/cuda/product.h"

#include "kernels/cuda/device_code.h"
#include "kernels/cuda/launch.h"

namespace explainn::kernels::cuda {
namespace {

constexpr int kTile = 64;   // rows and columns of C a block
constexpr int kDepth = 16;  // of k at a time
constexpr int kSide = 16;   // threads along rows, and along columns
constexpr int kEach = kTile / kSide;

// tile[k][i] = matrix(first + i, depth + k), 0 outside. Neighbouring threads take what lies side by
// side in memory.
template <typename T>
__device__ void load_tile(Matrices<const T> matrix, std::int64_t first, std::int64_t rows,
                          std::int64_t depth, std::int64_t k_end, T (&tile)[kDepth][kTile + 1]) {
  for (int e = static_cast<int>(threadIdx.x); e < kTile * kDepth; e += kSide * kSide) {
    const bool along_k = matrix.column == 1;
    const int i = along_k ? e / kDepth : e % kTile;
    const int k = along_k ? e % kDepth : e / kTile;
    const bool inside = first + i < rows && depth + k < k_end;
    tile[k][i] =
        inside ? matrix.data[(first + i) * matrix.row + (depth + k) * matrix.column] : T{0};
  }
}

// A tile of C a block, kEach x kEach elements a thread. `b` is the second matrix transposed.
template <typename T>
__global__ void multiply(ProductSizes p, Matrices<const T> a, Matrices<const T> b, Matrices<T> c,
                         Write write) {
  SHARED(T, a_tile, [kDepth][kTile + 1]);
  SHARED(T, b_tile, [kDepth][kTile + 1]);
  const std::int64_t tiles_n = (p.n + kTile - 1) / kTile;
  const std::int64_t tiles = (p.m + kTile - 1) / kTile * tiles_n;
  const std::int64_t which = blockIdx.x / tiles;
  const std::int64_t tile = blockIdx.x % tiles;
  const std::int64_t row = tile / tiles_n * kTile;
  const std::int64_t column = tile % tiles_n * kTile;
  a.data += which * a.next;
  b.data += which * b.next;
  c.data += which * c.next;
  const int y = static_cast<int>(threadIdx.x) / kSide;
  const int x = static_cast<int>(threadIdx.x) % kSide;

  T sum[kEach][kEach] = {};
  for (std::int64_t depth = 0; depth < p.k; depth += kDepth) {
    load_tile(a, row, p.m, depth, p.k, a_tile);
    load_tile(b, column, p.n, depth, p.k, b_tile);
    __syncthreads();
    const int terms = static_cast<int>(p.k - depth < kDepth ? p.k - depth : kDepth);
    for (int k = 0; k < terms; ++k) {
      for (int i = 0; i < kEach; ++i) {
        for (int j = 0; j < kEach; ++j) {
          sum[i][j] += a_tile[k][y + kSide * i] * b_tile[k][x + kSide * j];
        }
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < kEach; ++i) {
    for (int j = 0; j < kEach; ++j) {
      const std::int64_t r = row + y + kSide * i;
      const std::int64_t s = column + x + kSide * j;
      if (r >= p.m || s >= p.n) continue;
      T& to = c.data[r * c.row + s * c.column];
      to = write == Write::overwrite ? sum[i][j] : to + sum[i][j];
    }
  }
}

}  // namespace

template <typename T>
void product(const ProductSizes& p, Matrices<const T> a, Matrices<const T> b, Matrices<T> c,
             Write write) {
  const std::int64_t tiles = ((p.m + kTile - 1) / kTile) * ((p.n + kTile - 1) / kTile);
  explainn::cuda::launch(
      multiply<T>, {.grid = explainn::cuda::blocks_for(p.count * tiles, 1), .block = kSide * kSide},
      p, a, b.transposed(), c, write);
}

template void product(const ProductSizes&, Matrices<const float>, Matrices<const float>,
                      Matrices<float>, Write);
template void product(const ProductSizes&, Matrices<const double>, Matrices<const double>,
                      Matrices<double>, Write);

}  // namespace explainn::kernels::cuda
