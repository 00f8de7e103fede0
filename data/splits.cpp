#include "data/splits.h"

#include <string>

#include "data/fields.h"

namespace explainn::data {

std::optional<Split> split_by_name(std::string_view name) {
  if (equal_ignoring_case(name, "train")) return Split::train;
  if (equal_ignoring_case(name, "test")) return Split::test;
  for (const std::string_view valid : {"valid", "validation", "val"}) {
    if (equal_ignoring_case(name, valid)) return Split::valid;
  }
  return std::nullopt;
}

Split split_by_chrom(std::string_view chrom, const ReadOptions& options) {
  const std::string name(chrom);
  if (options.valid_chroms.contains(name)) return Split::valid;
  return options.test_chroms.contains(name) ? Split::test : Split::train;
}

}  // namespace explainn::data
