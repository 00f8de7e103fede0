// How the lengths of sequences compare with the model's input length.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "data/dataset.h"

namespace explainn::cli {

/// The most frequent length among `rows`; the longer one on a tie.
std::int64_t most_frequent_length(const data::Dataset& dataset,
                                  std::span<const std::uint32_t> rows);

/// Counts what has to be cropped or padded, to be said once.
class LengthCount {
 public:
  explicit LengthCount(std::int64_t input_length) : input_length_(input_length) {}

  void add(std::int64_t length);
  void add(const data::Dataset& dataset, std::span<const std::uint32_t> rows);
  /// Empty if all sequences have the input length.
  std::string note() const;

 private:
  std::int64_t input_length_;
  std::int64_t sequences_ = 0;
  std::int64_t cropped_ = 0;
  std::int64_t padded_ = 0;
};

}  // namespace explainn::cli
