// Where the value with some rank is among many.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/motif_comparison.h"

namespace explainn::model {

/// low <= the value with the rank < high.
struct RankBracket {
  float low, high;
};

class RankSearch {
 public:
  RankSearch();

  /// A bracket of the value with `rank` (from 0) of `count` > rank values in least .. most, which
  /// holds few of them or is at most `width` wide. By counting alone: a count takes a fraction of
  /// the time of anything that moves values.
  RankBracket find(const float* values, std::int64_t count, std::int64_t rank, float least,
                   float most, double width);

 private:
  struct Narrowed;

  void narrow(double from, double to, Narrowed& state) const;
  void narrow_by_sample(Narrowed& state);

  const engine::ComparisonLoops& loops_;
  std::vector<float> sample_;
};

}  // namespace explainn::model
