// The convolution of one-hot DNA as a sum of table rows, with LibTorch's operations: windows of
// four bases are row numbers of a table, an embedding bag adds up the rows.
#pragma once

#include <torch/torch.h>

#include "bench/step_case.h"

namespace explainn::bench {

/// filter [U, 4, K] -> [ceil(K/4) * 256, U]
torch::Tensor conv_table(const torch::Tensor& filter);
/// The gradient of the filter, [U, 4, K], from that of its table.
torch::Tensor filter_gradient(const torch::Tensor& dtable, std::int64_t filter_size);

/// Mean and covariance of the 4 K entries of a one-hot window over all windows of a batch; entry
/// (place j, base a) is 4 j + a.
struct WindowMoments {
  torch::Tensor mean;        ///< [1, 4K]
  torch::Tensor covariance;  ///< [4K, 4K]
};

/// From counts of pairs of bases by position and lag. x [B, L, 4], one-hot.
WindowMoments window_moments(const torch::Tensor& x, std::int64_t filter_size);

/// The sequences of a batch as the codes of every four consecutive bases.
class Codes {
 public:
  static constexpr std::int64_t kRows = 100;  ///< the most that one call may convolve

  explicit Codes(const StepCase& problem);

  /// Rows begin .. begin+count-1: [count, n, U].
  torch::Tensor convolve(const torch::Tensor& table, std::int64_t begin, std::int64_t count) const;
  torch::Tensor zero_table(std::int64_t units) const;
  /// dtable += what dy [count, n, U] gives its rows.
  void add_gradient(torch::Tensor& dtable, const torch::Tensor& dy, std::int64_t begin,
                    std::int64_t count) const;

 private:
  torch::Tensor rows(std::int64_t begin, std::int64_t count) const;  // [count, n, pieces]

  std::int64_t positions_, pieces_;
  torch::Tensor codes_;       // [B, L + 4], 0..255
  torch::Tensor wide_codes_;  // the same in 64 bits: index_add_ is four times as fast with them
  torch::Tensor starts_;      // [pieces], where a piece's rows begin in the table
  torch::Tensor offsets_;     // of the bags
};

}  // namespace explainn::bench
