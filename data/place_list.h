// The places of many sequences, each chromosome's name kept once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/coordinates.h"

namespace explainn::data {

/// In the order they were added. Memory: 24 bytes a sequence.
class PlaceList {
 public:
  void add(const std::optional<Place>& place);
  std::int64_t size() const { return static_cast<std::int64_t>(entries_.size()); }
  /// The place of sequence `i`, nothing where it has none. Its view holds until the next add().
  std::optional<Place> operator[](std::int64_t i) const;

 private:
  struct Entry {
    std::int64_t start, end;
    std::uint32_t chrom;  // its number from 1; 0: no place
    Strand strand;
  };

  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> chroms_;
  std::vector<Entry> entries_;
};

}  // namespace explainn::data
