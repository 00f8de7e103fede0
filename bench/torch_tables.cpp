#include "bench/torch_tables.h"

#include <algorithm>

namespace explainn::bench {

using torch::Tensor;

Tensor conv_table(const Tensor& filter) {
  const std::int64_t units = filter.size(0), width = filter.size(2);
  const std::int64_t pieces = (width + 3) / 4;
  const Tensor f = torch::constant_pad_nd(filter, {0, 4 * pieces - width})
                       .permute({2, 1, 0})
                       .contiguous()
                       .view({pieces, 4, 4, units});  // piece, place, base, unit
  const auto pair = [&](std::int64_t low, std::int64_t high) {
    return (f.select(1, high).unsqueeze(2) + f.select(1, low).unsqueeze(1))
        .view({pieces, 16, units});
  };
  return (pair(2, 3).unsqueeze(2) + pair(0, 1).unsqueeze(1)).view({pieces * 256, units});
}

Tensor filter_gradient(const Tensor& dtable, std::int64_t filter_size) {
  const std::int64_t units = dtable.size(1), pieces = dtable.size(0) / 256;
  const Tensor table = dtable.view({pieces, 16, 16, units});
  const Tensor low = table.sum(1).view({pieces, 4, 4, units});
  const Tensor high = table.sum(2).view({pieces, 4, 4, units});
  return torch::stack({low.sum(1), low.sum(2), high.sum(1), high.sum(2)}, 1)
      .view({4 * pieces, 4, units})
      .narrow(0, 0, filter_size)
      .permute({2, 1, 0});
}

WindowMoments window_moments(const Tensor& x, std::int64_t filter_size) {
  const std::int64_t rows = x.size(0), length = x.size(1), entries = 4 * filter_size;
  const std::int64_t positions = length - filter_size + 1;
  const Tensor padded = torch::constant_pad_nd(x, {0, 0, 0, filter_size - 1});
  Tensor counts = torch::zeros({length, 4, entries});  // pairs (t, a), (t + lag, b)
  for (std::int64_t begin = 0; begin < rows; begin += Codes::kRows) {
    const std::int64_t count = std::min(Codes::kRows, rows - begin);
    const Tensor block = padded.narrow(0, begin, count);
    const Tensor windows = block.as_strided({length, count, entries}, {4, block.stride(0), 1})
                               .contiguous();  // [L, b, 4K]
    counts.add_(torch::bmm(windows.narrow(2, 0, 4).transpose(1, 2), windows));
  }
  const Tensor sums = torch::constant_pad_nd(counts.cumsum(0), {0, 0, 0, 0, 1, 0});
  const Tensor window = sums.narrow(0, positions, filter_size) - sums.narrow(0, 0, filter_size);
  Tensor upper = torch::zeros({filter_size, 4, entries});  // pairs of a place and a later one
  for (std::int64_t j = 0; j < filter_size; ++j) {
    upper[j].narrow(1, 4 * j, entries - 4 * j).copy_(window[j].narrow(1, 0, entries - 4 * j));
  }
  const double total = static_cast<double>(rows * positions);
  const Tensor triangle = upper.view({entries, entries}).div_(total);
  const Tensor mean = triangle.diagonal().clone().unsqueeze(0);
  // Within one place the block is diagonal: it is in both triangles.
  const Tensor second = triangle + triangle.t() - torch::diag(triangle.diagonal());
  return {.mean = mean, .covariance = second - mean.t() * mean};
}

Codes::Codes(const StepCase& problem)
    : positions_(problem.sizes.positions()), pieces_((problem.sizes.filter_size + 3) / 4) {
  const std::int64_t length = problem.options.length;
  const Tensor bases = torch::from_blob(const_cast<data::Base*>(problem.bases.data()),
                                        {problem.options.batch, length}, torch::kUInt8)
                           .to(torch::kInt32);
  const Tensor padded = torch::constant_pad_nd(bases, {0, 8});
  codes_ = torch::zeros({problem.options.batch, length + 4}, torch::kInt32);
  for (std::int64_t g = 0; g < 4; ++g) {
    codes_ += padded.narrow(1, g, length + 4) * (std::int64_t{1} << (2 * g));
  }
  wide_codes_ = codes_.to(torch::kInt64);
  starts_ = torch::arange(pieces_, torch::kInt32) * 256;
  offsets_ = torch::arange(kRows * positions_, torch::kInt32) * pieces_;
}

Tensor Codes::rows(std::int64_t begin, std::int64_t count) const {
  const std::int64_t width = codes_.size(1);
  Tensor result = torch::empty({count, positions_, pieces_}, torch::kInt32);
  at::add_out(result, codes_.as_strided({count, positions_, pieces_}, {width, 1, 4}, begin * width),
              starts_);
  return result;
}

Tensor Codes::convolve(const Tensor& table, std::int64_t begin, std::int64_t count) const {
  const Tensor sums = std::get<0>(at::_embedding_bag_forward_only(
      table, rows(begin, count).view(-1), offsets_.narrow(0, 0, count * positions_)));
  return sums.view({count, positions_, table.size(1)});
}

Tensor Codes::zero_table(std::int64_t units) const {
  return torch::zeros({pieces_ * 256, units});
}

void Codes::add_gradient(Tensor& dtable, const Tensor& dy, std::int64_t begin,
                         std::int64_t count) const {
  const std::int64_t width = codes_.size(1);
  const Tensor values = dy.reshape({count * positions_, dtable.size(1)});
  for (std::int64_t piece = 0; piece < pieces_; ++piece) {
    const Tensor row =
        wide_codes_.as_strided({count, positions_}, {width, 1}, begin * width + 4 * piece) +
        256 * piece;
    dtable.index_add_(0, row.reshape(-1), values);
  }
}

}  // namespace explainn::bench
