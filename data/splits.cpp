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

std::string_view chrom_of_id(std::string_view id) {
  const std::size_t name_end = id.rfind("::");
  if (name_end != std::string_view::npos) id.remove_prefix(name_end + 2);
  const std::size_t colon = id.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view range = id.substr(colon + 1);
  const std::size_t dash = range.find('-');
  if (dash == 0 || dash == std::string_view::npos) return {};
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t after = range.find_first_not_of(kDigits, dash + 1);
  const bool digits =
      range.find_first_not_of(kDigits) == dash && after != dash + 1 && range.size() > dash + 1;
  return digits ? id.substr(0, colon) : std::string_view();
}

}  // namespace explainn::data
