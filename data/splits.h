// Which part of the data a sequence belongs to.
#pragma once

#include <optional>
#include <string_view>

#include "data/records.h"

namespace explainn::data {

/// train, valid (validation, val) or test in any case; nothing for another word.
std::optional<Split> split_by_name(std::string_view name);

/// True if the options assign sequences by their chromosome.
inline bool splits_by_chrom(const ReadOptions& options) {
  return !options.valid_chroms.empty() || !options.test_chroms.empty();
}

/// The part that `valid_chroms` and `test_chroms` give a chromosome: train if neither names it.
Split split_by_chrom(std::string_view chrom, const ReadOptions& options);

}  // namespace explainn::data
