#include "kernels/motif_scan/motif_scan.h"

#include <algorithm>

#include "kernels/base/error.h"

namespace explainn::kernels {
namespace {

constexpr std::int32_t kLargestScore = 1'000'000;  // 5,000 bits
constexpr std::int64_t kMostColumns = 1000;
constexpr std::int64_t kCodes = 16;
// Steps of a rough deficit up to the threshold; more is no hit.
constexpr std::int64_t kRoughSteps = 254;

std::int64_t column_best(const std::array<std::int32_t, 4>& column) {
  return *std::max_element(column.begin(), column.end());
}

/// What the letters of `code` lack to the best ones at the columns 2 j and 2 j + 1.
std::int64_t pair_deficit(const ScoreColumns& columns, std::size_t j, std::size_t code) {
  std::int64_t deficit = column_best(columns[2 * j]) - columns[2 * j][code % 4];
  if (2 * j + 1 < columns.size()) {
    deficit += column_best(columns[2 * j + 1]) - columns[2 * j + 1][code / 4];
  }
  return deficit;
}

}  // namespace

ScoreColumns reverse_strand(const ScoreColumns& columns) {
  ScoreColumns reverse(columns.rbegin(), columns.rend());
  for (auto& column : reverse) std::reverse(column.begin(), column.end());
  return reverse;
}

MotifScan::MotifScan(const ScoreColumns& columns, std::int32_t threshold, ScanStrands strands,
                     InstructionSet set)
    : loops_(scan_loops(set)),
      strands_(strands),
      columns_{columns, strands == ScanStrands::both ? reverse_strand(columns) : columns},
      threshold_(threshold),
      pairs_((static_cast<std::int64_t>(columns.size()) + 1) / 2) {
  require(!columns.empty() && static_cast<std::int64_t>(columns.size()) <= kMostColumns,
          "motif_scan", "a motif of ", columns.size(), " columns");
  for (const auto& column : columns) {
    for (const std::int32_t score : column) {
      require(score >= -kLargestScore && score <= kLargestScore, "motif_scan", "a score of ",
              score);
    }
    best_ += static_cast<std::int32_t>(column_best(column));
  }
  make_tables();
}

void MotifScan::make_tables() {
  // A sum of entries rounded down is no more than the true deficit: no hit is missed.
  const std::int64_t reach = std::max<std::int64_t>(std::int64_t{best_} - threshold_, 0);
  const std::int64_t step = reach / kRoughSteps + 1;
  limit_ = static_cast<std::uint8_t>(reach / step);
  const std::size_t entries = static_cast<std::size_t>(2 * pairs_ * kCodes);
  rough_.resize(entries);
  words_.resize(entries);
  bytes_.resize(2 * entries);
  for (std::size_t at = 0; at < entries; ++at) {
    const std::size_t table = at / kCodes;  // [J][2 strands]
    const std::size_t code = at % kCodes;
    const std::int64_t deficit = pair_deficit(columns_[table % 2], table / 2, code);
    rough_[at] = static_cast<std::uint8_t>(std::min<std::int64_t>(deficit / step, 255));
    words_[at] = static_cast<std::uint16_t>(std::min<std::int64_t>(deficit, kSaturated));
    bytes_[2 * table * kCodes + code] = static_cast<std::uint8_t>(words_[at] & 255);
    bytes_[(2 * table + 1) * kCodes + code] = static_cast<std::uint8_t>(words_[at] >> 8);
  }
}

std::int32_t MotifScan::exact(const ScanText& text, std::int64_t begin, int strand) const {
  const ScoreColumns& columns = columns_[static_cast<std::size_t>(strand)];
  const std::uint8_t* const codes = text.codes() + begin;
  std::int32_t score = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) score += columns[k][codes[k] % 4];
  return score;
}

void MotifScan::find(const ScanText& text, ScanScratch& scratch,
                     std::vector<WindowHit>& hits) const {
  const std::int64_t windows = text.length() - width() + 1;
  if (windows <= 0 || threshold_ > best_) return;
  std::int64_t count[2] = {};
  for (auto& found : scratch.found) {
    found.resize(std::max(found.size(), static_cast<std::size_t>(windows)));
  }
  loops_.within({windows,
                 pairs_,
                 text.codes(),
                 rough_.data(),
                 limit_,
                 {scratch.found[0].data(), scratch.found[1].data()},
                 count});
  const int strands = strands_ == ScanStrands::both ? 2 : 1;
  for (int strand = 0; strand < strands; ++strand) {
    auto run = text.runs().begin();
    for (std::int64_t i = 0; i < count[strand]; ++i) {
      const std::int64_t begin = scratch.found[strand][static_cast<std::size_t>(i)];
      while (begin >= run->begin + run->length) ++run;
      // Windows that run over the end of a run are none.
      if (begin - run->begin >= run->windows(width())) continue;
      const std::int32_t score = exact(text, begin, strand);
      if (score < threshold_) continue;
      hits.push_back({run->part, run->offset + begin - run->begin, score, strand == 1});
    }
  }
}

void MotifScan::score(const ScanText& text, ScanScratch& scratch, bool sums,
                      std::span<PartScore> parts) const {
  require(static_cast<std::int64_t>(parts.size()) == text.parts(), "motif_scan", parts.size(),
          " scores for ", text.parts(), " parts");
  const std::size_t runs = text.runs().size();
  scratch.runs.clear();
  for (const TextRun& run : text.runs()) scratch.runs.push_back({run.begin, run.windows(width())});
  scratch.least.resize(runs);
  scratch.sums.assign(runs, 0);
  loops_.run_scores({static_cast<std::int64_t>(runs), scratch.runs.data(), pairs_, text.codes(),
                     text.wide_codes(), words_.data(), bytes_.data(), scratch.least.data(),
                     sums ? scratch.sums.data() : nullptr});
  std::fill(parts.begin(), parts.end(), PartScore{});
  for (std::size_t r = 0; r < runs; ++r) {
    if (scratch.runs[r].windows == 0) continue;
    PartScore& part = parts[static_cast<std::size_t>(text.runs()[r].part)];
    const std::int32_t best = best_ - scratch.least[r];
    if (part.windows == 0 || best > part.best) {
      part.best = best;
      part.out_of_reach = scratch.least[r] == kSaturated;
    }
    part.sum += strands_ == ScanStrands::both ? scratch.sums[r] : scratch.sums[r] / 2;
    part.windows += scratch.runs[r].windows;
  }
}

}  // namespace explainn::kernels
