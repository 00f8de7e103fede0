// Training samples: (sequence, strand) pairs of some rows of a dataset, and their order and
// batches.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "model/network.h"

namespace explainn::model {

/// The samples of `rows`: first every row's forward strand, then, with `both_strands`, every row's
/// reverse one. Nothing is copied; reverse complements are made as they are asked for.
class SampleSet {
 public:
  SampleSet(const data::Dataset& dataset, std::span<const std::uint32_t> rows, bool both_strands,
            std::int64_t input_length);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()) * strands_; }
  std::int64_t input_length() const { return input_length_; }
  std::int64_t label_columns() const { return dataset_.label_columns; }
  /// Sequences, the first samples; with both strands there are as many again.
  std::int64_t sequences() const { return static_cast<std::int64_t>(rows_.size()); }
  bool both_strands() const { return strands_ == 2; }
  /// Another one for every set made, that of the original for a copy.
  std::uint64_t id() const { return id_; }
  /// Writes sample `sample`: bases [L], labels [label_columns].
  void write(std::int64_t sample, data::Base* bases, float* labels) const;

 private:
  const data::Dataset& dataset_;
  std::span<const std::uint32_t> rows_;
  std::int64_t strands_;
  std::int64_t input_length_;
  std::uint64_t id_;
};

/// Consecutive slices of `size` places. A last slice of one row joins the one before it, since
/// batch norm needs two rows. Requires size >= 2 and batch_size >= 2.
class BatchPlan {
 public:
  BatchPlan(std::int64_t size, std::int64_t batch_size);

  std::int64_t count() const { return count_; }
  std::int64_t batch_size() const { return batch_size_; }
  std::int64_t begin(std::int64_t batch) const { return batch * batch_size_; }
  std::int64_t end(std::int64_t batch) const {
    return batch + 1 == count_ ? size_ : (batch + 1) * batch_size_;
  }

 private:
  std::int64_t size_;
  std::int64_t batch_size_;
  std::int64_t count_;
};

/// Memory of one batch, used again for the next.
class BatchBuffer {
 public:
  /// Fills rows 0..count-1 with samples sample_at(0) .. sample_at(count - 1) of `samples`.
  template <typename SampleAt>
  void fill(const SampleSet& samples, std::int64_t count, const SampleAt& sample_at) {
    rows_ = count;
    bases_.resize(static_cast<std::size_t>(count * samples.input_length()));
    labels_.resize(static_cast<std::size_t>(count * samples.label_columns()));
    for (std::int64_t i = 0; i < count; ++i) {
      samples.write(sample_at(i), bases_.data() + i * samples.input_length(),
                    labels_.data() + i * samples.label_columns());
    }
  }

  SequenceBatch sequences() const { return {bases_.data(), rows_}; }
  const std::vector<float>& labels() const { return labels_; }

 private:
  std::int64_t rows_ = 0;
  std::vector<data::Base> bases_;
  std::vector<float> labels_;
};

}  // namespace explainn::model
