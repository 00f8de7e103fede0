#include "cli/lengths.h"

#include <map>

#include "kernels/base/error.h"

namespace explainn::cli {

std::int64_t most_frequent_length(const data::Dataset& dataset,
                                  std::span<const std::uint32_t> rows) {
  std::map<std::int64_t, std::int64_t> counts;
  for (const std::uint32_t row : rows) ++counts[dataset.sequences.length(row)];
  std::int64_t best = 0;
  std::int64_t most = 0;
  for (const auto& [length, count] : counts) {
    if (count < most) continue;
    best = length;
    most = count;
  }
  return best;
}

void LengthCount::add(std::int64_t length) {
  ++sequences_;
  if (length > input_length_) ++cropped_;
  if (length < input_length_) ++padded_;
}

void LengthCount::add(const data::Dataset& dataset, std::span<const std::uint32_t> rows) {
  for (const std::uint32_t row : rows) add(dataset.sequences.length(row));
}

std::string LengthCount::note() const {
  if (cropped_ == 0 && padded_ == 0) return {};
  return cat("of ", sequences_, " sequences, ", cropped_, " are longer than the input length ",
             input_length_, " and were cropped, ", padded_, " are shorter and were padded with N");
}

}  // namespace explainn::cli
