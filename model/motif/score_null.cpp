#include "model/motif/score_null.h"

#include <algorithm>
#include <array>

namespace explainn::model {
namespace {

constexpr std::int64_t kMargin = engine::kConvolutionMargin;
// Far below what a p-value in single precision can hold, far above where doubles lose digits and
// become slow.
constexpr double kNothing = 1e-290;

// cumulative[i] = p[0] + .. + p[i]. Four sums side by side: an addition takes longer than its turn.
void cumulate(const double* p, std::int64_t count, double* cumulative) {
  constexpr std::int64_t kParts = 4;
  const std::int64_t length = count / kParts;
  std::array<double, kParts> sums{};
  for (std::int64_t i = 0; i < length; ++i) {
    for (std::size_t part = 0; part < kParts; ++part) {
      const std::int64_t place = static_cast<std::int64_t>(part) * length + i;
      cumulative[place] = sums[part] += p[place];
    }
  }
  double before = 0;
  for (std::size_t part = 0; part < kParts; ++part) {
    double* const begin = cumulative + static_cast<std::int64_t>(part) * length;
    for (std::int64_t i = 0; i < length; ++i) begin[i] += before;
    before += sums[part];
  }
  for (std::int64_t i = kParts * length; i < count; ++i) cumulative[i] = before += p[i];
}

}  // namespace

ScoreNull::ScoreNull() : loops_(engine::comparison_loops(chosen_instruction_set())) {}

// What has a meaning of `from`.
void ScoreNull::copy(const Maximum& from, Maximum& to) {
  to.first = from.first;
  to.last = from.last;
  const std::int64_t count = from.last - from.first + 1;
  std::copy_n(from.p.begin() + from.first, count, to.p.begin() + from.first);
  std::copy_n(from.cumulative.begin() + from.first, count, to.cumulative.begin() + from.first);
}

// The distributions of single columns.
void ScoreNull::count_scores(const ColumnScores& scores, std::int64_t count) {
  letters_.resize(static_cast<std::size_t>(columns_));
  if (sums_.size() < letters_.size()) sums_.resize(letters_.size());
  constexpr std::size_t kValues = 256;
  for (std::int64_t i = 0; i < columns_; ++i) {
    // Several tables: see ColumnScores::measure_distances.
    std::array<std::array<std::uint32_t, kValues>, 4> counts{};
    const std::uint8_t* const row = scores.row(i);
    std::int64_t c = 0;
    for (; c + 4 <= count; c += 4) {
      for (std::size_t k = 0; k < 4; ++k) ++counts[k][row[c + static_cast<std::int64_t>(k)]];
    }
    for (; c < count; ++c) ++counts[0][row[c]];
    for (std::size_t v = 0; v < kValues; ++v) {
      counts[0][v] += counts[1][v] + counts[2][v] + counts[3][v];
    }
    std::size_t first = 0;
    std::size_t end = kValues;
    while (counts[0][first] == 0) ++first;
    while (counts[0][end - 1] == 0) --end;
    Sum& letter = letters_[static_cast<std::size_t>(i)];
    letter.first = static_cast<std::int64_t>(first);
    letter.count = static_cast<std::int64_t>(end - first);
    letter.begin = kMargin;
    letter.memory.assign(static_cast<std::size_t>(2 * kMargin + letter.count), 0);
    for (std::size_t v = first; v < end; ++v) {
      letter.memory[static_cast<std::size_t>(kMargin) + v - first] =
          static_cast<double>(counts[0][v]) / static_cast<double>(count);
    }
  }
  std::copy(letters_.begin(), letters_.end(), sums_.begin());
}

void ScoreNull::add_column(Sum& sum, std::int64_t column) {
  const Sum& letter = letters_[static_cast<std::size_t>(column)];
  const std::int64_t count = sum.count + letter.count - 1;
  const auto needed = static_cast<std::size_t>(count + 2 * kMargin);
  if (scratch_.memory.size() < needed) scratch_.memory.resize(needed);
  double* const p = scratch_.memory.data() + kMargin;
  loops_.convolve(sum.p(), sum.count, letter.p(), letter.count, p);
  std::int64_t begin = 0;
  std::int64_t end = count;
  while (end - begin > 1 && p[begin] < kNothing) ++begin;
  while (end - begin > 1 && p[end - 1] < kNothing) --end;
  std::fill(p + begin - kMargin, p + begin, 0.0);
  std::fill(p + end, p + end + kMargin, 0.0);
  scratch_.first = sum.first + letter.first + begin;
  scratch_.count = end - begin;
  scratch_.begin = kMargin + begin;
  std::swap(sum, scratch_);
}

// Takes the maximum with `copies` independent sums over `aligned` columns of the query.
void ScoreNull::take_maximum(Maximum& maximum, const Sum& sum, std::int64_t aligned, int copies) {
  const std::int64_t first = sum.first + (columns_ - aligned) * penalty_;
  const std::int64_t last = first + sum.count - 1;
  if (maximum.last >= maximum.first && last < maximum.first) return;  // never the largest
  cumulative_.resize(static_cast<std::size_t>(sum.count));
  cumulate(sum.p(), sum.count, cumulative_.data());
  if (maximum.last < maximum.first) {
    extend(maximum, sum, first, copies);
    maximum.first = first;
    maximum.last = last;
    return;
  }
  const std::int64_t begin = std::max(maximum.first, first);
  const std::int64_t both_end = std::min(maximum.last, last) + 1;
  if (begin < both_end) {
    const auto at = static_cast<std::size_t>(begin);
    const std::int64_t skipped = begin - first;
    loops_.maximum({.count = both_end - begin,
                    .copies = copies,
                    .before = begin > maximum.first ? maximum.cumulative[at - 1] : 0,
                    .p = maximum.p.data() + begin,
                    .cumulative = maximum.cumulative.data() + begin,
                    .other_p = sum.p() + skipped,
                    .other_cumulative = cumulative_.data() + skipped});
  }
  if (last > maximum.last) {
    maximum.first = begin;
    extend(maximum, sum, first, copies);
    maximum.last = last;
  }
  maximum.first = begin;
  while (maximum.first < maximum.last &&
         maximum.cumulative[static_cast<std::size_t>(maximum.first)] < kNothing) {
    ++maximum.first;
  }
}

// Beyond the last value of `maximum` only the sums decide. `first`: the score of sum.p()[0].
void ScoreNull::extend(Maximum& maximum, const Sum& sum, std::int64_t first, int copies) {
  const std::int64_t begin = std::max(first, maximum.last + 1);
  for (std::int64_t x = begin; x < first + sum.count; ++x) {
    const auto i = static_cast<std::size_t>(x - first);
    const double before = i > 0 ? cumulative_[i - 1] : 0;
    const double p = sum.p()[i];
    const double f = cumulative_[i];
    const auto at = static_cast<std::size_t>(x);
    maximum.p[at] = copies == 2 ? p * (f + before) : p;
    maximum.cumulative[at] = copies == 2 ? f * f : f;
  }
}

// Sums of `width` columns, from those of one less. Up to `interior_most` all are needed, then only
// the first and the last.
void ScoreNull::widen(std::int64_t width, std::int64_t interior_most) {
  if (width <= interior_most) {
    for (std::int64_t a = 0; a + width <= columns_; ++a) {
      add_column(sums_[static_cast<std::size_t>(a)], a + width - 1);
    }
    return;
  }
  add_column(sums_.front(), width - 1);
  const std::int64_t last = columns_ - std::max<std::int64_t>(interior_most, 1);
  // A query of one width only has one sum.
  if (width < columns_) add_column(sums_[static_cast<std::size_t>(last)], columns_ - width);
}

void ScoreNull::store_tail(const Maximum& maximum, UpperTail& tail) {
  tail.first = maximum.first;
  tail.from_first.resize(static_cast<std::size_t>(maximum.last - maximum.first + 1));
  double sum = 0;
  for (std::int64_t x = maximum.last; x >= maximum.first; --x) {
    sum += maximum.p[static_cast<std::size_t>(x)];
    tail.from_first[static_cast<std::size_t>(x - maximum.first)] = static_cast<float>(sum);
  }
}

void ScoreNull::compute(const ColumnScores& scores, std::int64_t count,
                        const std::vector<std::int64_t>& widths, int strands) {
  columns_ = scores.columns();
  penalty_ = scores.penalty();
  count_scores(scores, count);
  tails_.resize(widths.size());
  const auto scores_end = static_cast<std::size_t>(columns_ * engine::kMostColumnScore + 1);
  for (Maximum* maximum : {&ends_, &interior_}) {
    maximum->first = 0;
    maximum->last = -1;
    maximum->p.resize(scores_end);
    maximum->cumulative.resize(scores_end);
  }
  // The largest width that lies inside the query.
  std::int64_t interior_most = 0;
  for (const std::int64_t width : widths) {
    if (width < columns_) interior_most = width;
  }
  auto next = widths.begin();
  for (std::int64_t width = 1; next != widths.end(); ++width) {
    if (width > 1 && width <= columns_) widen(width, interior_most);
    const auto last = static_cast<std::size_t>(
        columns_ - std::min(width, std::max<std::int64_t>(interior_most, 1)));
    if (width >= columns_) {
      // One more alignment with the whole query for every further column of the target.
      take_maximum(ends_, sums_.front(), columns_, strands);
      if (width == *next)
        store_tail(ends_, tails_[static_cast<std::size_t>(next++ - widths.begin())]);
      continue;
    }
    if (width == *next) {
      copy(ends_, interior_);
      for (std::int64_t a = 0; a + width <= columns_; ++a) {
        take_maximum(interior_, sums_[static_cast<std::size_t>(a)], width, strands);
      }
      store_tail(interior_, tails_[static_cast<std::size_t>(next++ - widths.begin())]);
    }
    take_maximum(ends_, sums_.front(), width, strands);
    take_maximum(ends_, sums_[last], width, strands);
  }
}

}  // namespace explainn::model
