#include "data/coordinates.h"

#include <algorithm>

#include "data/fields.h"

namespace explainn::data {
namespace {

constexpr std::string_view kDigits = "0123456789";

}  // namespace

std::optional<Place> place_of(std::string_view id) {
  const std::size_t name_end = id.rfind("::");
  if (name_end != std::string_view::npos) id.remove_prefix(name_end + 2);
  const std::size_t colon = id.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view range = id.substr(colon + 1);
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::size_t after = std::min(range.size(), range.find_first_not_of(kDigits, dash + 1));
  const auto start = whole_number(range.substr(0, dash));
  const auto end = whole_number(range.substr(dash + 1, after - dash - 1));
  if (!start || !end) return std::nullopt;
  return Place{id.substr(0, colon), *start, *end,
               range.substr(after).starts_with("(-)") ? Strand::reverse : Strand::forward};
}

std::optional<Place> place_of(std::string_view id, std::int64_t length) {
  std::optional<Place> place = place_of(id);
  if (!place || place->end - place->start == length) return place;
  if (place->start == 0 || place->end - place->start + 1 != length) return std::nullopt;
  --place->start;
  return place;
}

Place part_of(const Place& whole, std::int64_t begin, std::int64_t end, Strand strand) {
  if (whole.strand == Strand::forward) {
    return {whole.chrom, whole.start + begin, whole.start + end, strand};
  }
  return {whole.chrom, whole.end - end, whole.end - begin,
          strand == Strand::forward ? Strand::reverse : Strand::forward};
}

Place part_of(const std::optional<Place>& whole, std::string_view id, std::int64_t begin,
              std::int64_t end, Strand strand) {
  return whole ? part_of(*whole, begin, end, strand) : Place{id, begin, end, strand};
}

}  // namespace explainn::data
