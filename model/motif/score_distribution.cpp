#include "model/motif/score_distribution.h"

#include <algorithm>

namespace explainn::model {
namespace {

constexpr std::int32_t kFirstReach = 16 * engine::kScoresPerBit;

std::int32_t most(const std::array<std::int32_t, 4>& column) {
  return *std::max_element(column.begin(), column.end());
}

std::int32_t least(const std::array<std::int32_t, 4>& column) {
  return *std::min_element(column.begin(), column.end());
}

/// P(a window lacks d to the best score) for d = 0 .. reach. What a window lacks grows from column
/// to column, so what is beyond the reach once need not be followed.
std::vector<double> deficits(const ScoreColumns& columns, const Frequencies& background,
                             std::int32_t reach) {
  std::vector<double> now(static_cast<std::size_t>(reach) + 1);
  std::vector<double> next(now.size());
  now[0] = 1;
  std::size_t used = 1;  // what is beyond is 0
  for (const auto& column : columns) {
    const std::size_t widest =
        std::min(now.size(), used + static_cast<std::size_t>(most(column) - least(column)));
    std::fill_n(next.begin(), widest, 0.0);
    for (std::size_t b = 0; b < 4; ++b) {
      const auto deficit = static_cast<std::size_t>(most(column) - column[b]);
      if (deficit >= now.size()) continue;
      const std::size_t count = std::min(used, now.size() - deficit);
      for (std::size_t d = 0; d < count; ++d) next[d + deficit] += now[d] * background[b];
    }
    used = widest;
    now.swap(next);
  }
  return now;
}

}  // namespace

ScoreDistribution::ScoreDistribution(const ScoreColumns& columns, const Frequencies& background,
                                     double largest_p) {
  std::int32_t furthest = 0;
  for (const auto& column : columns) {
    best_ += most(column);
    furthest += most(column) - least(column);
  }
  for (std::int64_t reach = kFirstReach;; reach *= 2) {
    const auto known = static_cast<std::int32_t>(std::min<std::int64_t>(reach, furthest));
    tail_ = deficits(columns, background, known);
    // From the rarest to the most frequent: small p-values keep their digits.
    for (std::size_t d = 1; d < tail_.size(); ++d)
      tail_[d] = std::min(1.0, tail_[d] + tail_[d - 1]);
    if (known == furthest || tail_.back() > largest_p) break;
  }
  least_p_ = tail_.front();
  tail_.resize(static_cast<std::size_t>(std::upper_bound(tail_.begin(), tail_.end(), largest_p) -
                                        tail_.begin()));
  tail_.shrink_to_fit();
}

}  // namespace explainn::model
