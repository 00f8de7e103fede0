// Finds ids that are given twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/sequences.h"

namespace explainn::data {

/// A hash table of rows. The ids themselves stay in the SequenceSet; memory is 16 bytes an entry.
class IdIndex {
 public:
  /// Notes the last id of `ids`, which came from `line`. Returns the line of an equal id noted
  /// before.
  std::optional<std::int64_t> insert(const SequenceSet& ids, std::int64_t line);

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t row_plus_one = 0;  ///< 0: no entry
    std::uint32_t line = 0;
  };

  void grow();

  std::vector<Entry> entries_;  ///< a power of two of them, at most three quarters used
  std::size_t used_ = 0;
};

}  // namespace explainn::data
