#include "model/samples.h"

#include <algorithm>
#include <atomic>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

std::atomic<std::uint64_t> sets_made{0};

}  // namespace

SampleSet::SampleSet(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                     bool both_strands, std::int64_t input_length)
    : dataset_(dataset),
      rows_(rows),
      strands_(both_strands ? 2 : 1),
      input_length_(input_length),
      id_(++sets_made) {}

void SampleSet::write(std::int64_t sample, data::Base* bases, float* labels) const {
  const auto count = static_cast<std::int64_t>(rows_.size());
  const std::int64_t row = rows_[static_cast<std::size_t>(sample % count)];
  const data::Strand strand = sample < count ? data::Strand::forward : data::Strand::reverse;
  data::fit_sequence(dataset_.sequences[row], strand,
                     {bases, static_cast<std::size_t>(input_length_)});
  std::ranges::copy(dataset_.row_labels(row), labels);
}

BatchPlan::BatchPlan(std::int64_t size, std::int64_t batch_size)
    : size_(size), batch_size_(batch_size) {
  require(size >= 2 && batch_size >= 2, "batches", size, " samples in batches of ", batch_size,
          ": both must be at least 2");
  batch_size_ = std::min(batch_size, size);
  count_ = (size + batch_size_ - 1) / batch_size_;
  if (count_ > 1 && size % batch_size_ == 1) --count_;
}

}  // namespace explainn::model
