#include "model/motif/best_alignments.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace explainn::model {
namespace {

// Offsets of a group, unless one target has more: its rows stay in the second-level cache.
constexpr std::int64_t kGroup = 8192;
// Bytes copied at once: as many may be written beyond what was asked for.
constexpr std::int64_t kPiece = 16;
// An overlap and an offset share 32 bits.
constexpr std::uint32_t kOffsetBits = 16;
constexpr std::uint32_t kOffsetMask = (1U << kOffsetBits) - 1;

void copy_pieces(const std::uint8_t* from, std::int64_t count, std::uint8_t* to) {
  for (std::int64_t i = 0; i < count; i += kPiece) std::memcpy(to + i, from + i, kPiece);
}

void fill_pieces(int value, std::int64_t count, std::uint8_t* to) {
  for (std::int64_t i = 0; i < count; i += kPiece) std::memset(to + i, value, kPiece);
}

}  // namespace

BestAlignments::BestAlignments(const TargetColumns& targets)
    : targets_(targets), loops_(engine::comparison_loops(chosen_instruction_set())) {}

// For each offset the larger overlap is better, then the smaller offset; 0: not allowed.
void BestAlignments::rank_offsets(std::int64_t columns, std::int64_t min_overlap) {
  preference_.resize(targets_.widths.size());
  for (std::size_t k = 0; k < preference_.size(); ++k) {
    const std::int64_t width = targets_.widths[k];
    const std::int64_t least = std::min({min_overlap, width, columns});
    preference_[k].assign(static_cast<std::size_t>(columns + width - 1), 0);
    for (std::int64_t i = least - 1; i <= columns + width - 1 - least; ++i) {
      const std::int64_t offset = i - (columns - 1);
      const std::int64_t overlap =
          std::min(columns, width - offset) - std::max<std::int64_t>(0, -offset);
      preference_[k][static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(overlap)
                                                        << kOffsetBits |
                                                    (kOffsetMask - static_cast<std::uint32_t>(i));
    }
  }
}

BestAlignments::Group BestAlignments::group_from(std::size_t first, std::int64_t columns) const {
  Group group{.first = first, .end = first, .positions = 0};
  while (group.end < targets_.strands.size()) {
    const std::int64_t more = targets_.strands[group.end].width + columns - 1;
    if (group.end > first && group.positions + more > kGroup) break;
    group.positions += more;
    ++group.end;
  }
  return group;
}

// Rows of scores with a gap of (query columns - 1) penalties before each target and after the
// last. Row i begins at the same place as all others, so what is aligned lies on a diagonal.
void BestAlignments::lay_out(const ColumnScores& scores, const Group& group) {
  const std::int64_t columns = scores.columns();
  const std::int64_t gap = columns - 1;
  const auto penalty = static_cast<int>(scores.penalty());
  stride_ = group.positions + 2 * columns + 2 * kPiece;
  const auto needed = static_cast<std::size_t>(stride_ * columns);
  if (rows_.size() < needed) rows_.resize(needed);
  for (std::int64_t i = 0; i < columns; ++i) {
    const std::uint8_t* const row = scores.row(i);
    std::uint8_t* out = rows_.data() + i * stride_;
    fill_pieces(penalty, gap, out);
    out += gap;
    for (std::size_t s = group.first; s < group.end; ++s) {
      const TargetStrand& strand = targets_.strands[s];
      copy_pieces(row + strand.begin, strand.width, out);
      fill_pieces(penalty, gap, out + strand.width);
      out += strand.width + gap;
    }
  }
}

template <typename Sum>
void BestAlignments::choose(const Group& group, const std::vector<Sum>& sums,
                            std::int64_t columns) {
  const Sum* from = sums.data();
  for (std::size_t s = group.first; s < group.end; ++s) {
    const TargetStrand& strand = targets_.strands[s];
    const std::vector<std::uint32_t>& preference = preference_[strand.width_number];
    std::uint64_t best = 0;
    for (std::size_t i = 0; i < preference.size(); ++i) {
      const std::uint64_t score = preference[i] == 0 ? 0 : from[i];
      best = std::max(best, score << 32 | preference[i]);
    }
    best_[s] = {
        .score = static_cast<std::int64_t>(best >> 32),
        .offset = kOffsetMask - static_cast<std::int64_t>(best & kOffsetMask) - (columns - 1),
        .overlap = static_cast<std::int64_t>(best >> kOffsetBits & kOffsetMask)};
    from += preference.size();
  }
}

template <typename Sum>
void BestAlignments::add_up(const ColumnScores& scores, const Group& group, std::vector<Sum>& sums,
                            void (*diagonals)(const engine::DiagonalParams<Sum>&)) {
  sums.resize(static_cast<std::size_t>(group.positions));
  diagonals({.rows = scores.columns(),
             .stride = stride_,
             .data = rows_.data(),
             .positions = group.positions,
             .sums = sums.data()});
  choose(group, sums, scores.columns());
}

void BestAlignments::compute(const ColumnScores& scores, std::int64_t min_overlap) {
  const std::int64_t columns = scores.columns();
  rank_offsets(columns, min_overlap);
  best_.resize(targets_.strands.size());
  const bool small =
      columns * engine::kMostColumnScore <= std::numeric_limits<std::uint16_t>::max();
  for (std::size_t s = 0; s < targets_.strands.size();) {
    const Group group = group_from(s, columns);
    lay_out(scores, group);
    if (small) {
      add_up(scores, group, sums_16_, loops_.diagonals_16);
    } else {
      add_up(scores, group, sums_32_, loops_.diagonals_32);
    }
    s = group.end;
  }
}

}  // namespace explainn::model
