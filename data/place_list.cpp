#include "data/place_list.h"

namespace explainn::data {

void PlaceList::add(const std::optional<Place>& place) {
  if (!place) {
    entries_.push_back({0, 0, 0, Strand::forward});
    return;
  }
  auto known = numbers_.find(place->chrom);
  if (known == numbers_.end()) {
    chroms_.emplace_back(place->chrom);
    known = numbers_.emplace(chroms_.back(), static_cast<std::uint32_t>(chroms_.size())).first;
  }
  entries_.push_back({place->start, place->end, known->second, place->strand});
}

std::optional<Place> PlaceList::operator[](std::int64_t i) const {
  const Entry& entry = entries_[static_cast<std::size_t>(i)];
  if (entry.chrom == 0) return std::nullopt;
  return Place{chroms_[entry.chrom - 1], entry.start, entry.end, entry.strand};
}

}  // namespace explainn::data
