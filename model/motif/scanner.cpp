#include "model/motif/scanner.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace explainn::model {
namespace {

// So many codes stay in the first-level cache while all motifs pass over them.
constexpr std::int64_t kPieceBases = 16384;

std::int64_t size(std::span<const data::Base> bases) {
  return static_cast<std::int64_t>(bases.size());
}

/// Of two parts of the same sequence.
void add(engine::PartScore& to, const engine::PartScore& part) {
  if (part.windows == 0) return;
  if (to.windows == 0 || part.best > to.best) {
    to.best = part.best;
    to.out_of_reach = part.out_of_reach;
  }
  to.sum += part.sum;
  to.windows += part.windows;
}

}  // namespace

MotifScanner::MotifScanner(std::span<const ScoreColumns> motifs,
                           std::span<const std::int32_t> thresholds, ScanStrands strands)
    : strands_(strands), columns_(motifs.begin(), motifs.end()) {
  require(motifs.size() == thresholds.size(), "motif_scan", motifs.size(), " motifs, ",
          thresholds.size(), " thresholds");
  for (std::size_t m = 0; m < motifs.size(); ++m) {
    scans_.emplace_back(motifs[m], thresholds[m], strands);
    widest_ = std::max(widest_, scans_.back().width());
  }
}

std::vector<MotifScanner::Piece> MotifScanner::cut(Sequences sequences) const {
  std::vector<Piece> pieces;
  std::int64_t room = 0;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    for (std::int64_t begin = 0; begin < size(sequences[s]); begin += kPieceBases) {
      const std::int64_t own = std::min(kPieceBases, size(sequences[s]) - begin);
      if (own > room) {
        pieces.emplace_back();
        room = kPieceBases;
      }
      pieces.back().push_back({static_cast<std::int64_t>(s), begin, own});
      room -= own;
    }
  }
  return pieces;
}

void MotifScanner::assign(engine::ScanText& text, Sequences sequences, const Piece& piece) const {
  std::vector<engine::TextPart> parts;
  for (const Part& part : piece) {
    const auto bases = sequences[static_cast<std::size_t>(part.sequence)].subspan(
        static_cast<std::size_t>(part.begin));
    const std::int64_t length = std::min(size(bases), part.own + widest_ - 1);
    parts.push_back({bases.first(static_cast<std::size_t>(length)), part.own});
  }
  text.assign(parts);
}

MotifScanner::PieceHits MotifScanner::find(Sequences sequences, const Piece& piece) const {
  engine::ScanText text;
  assign(text, sequences, piece);
  engine::ScanScratch scratch;
  std::vector<engine::WindowHit> found;
  PieceHits result;
  for (std::size_t m = 0; m < scans_.size(); ++m) {
    found.clear();
    scans_[m].find(text, scratch, found);
    for (const engine::WindowHit& hit : found) {
      const Part& part = piece[static_cast<std::size_t>(hit.part)];
      result.hits.push_back({part.sequence, part.begin + hit.begin, static_cast<std::int32_t>(m),
                             hit.score,
                             hit.reverse ? data::Strand::reverse : data::Strand::forward});
    }
    const std::int64_t windows = text.windows(scans_[m].width());
    result.windows.push_back(strands_ == ScanStrands::both ? 2 * windows : windows);
  }
  std::sort(result.hits.begin(), result.hits.end(), [](const MotifHit& a, const MotifHit& b) {
    return std::tie(a.sequence, a.begin, a.motif, a.strand) <
           std::tie(b.sequence, b.begin, b.motif, b.strand);
  });
  return result;
}

std::vector<SequenceScore> MotifScanner::score(Sequences sequences, bool sums) const {
  const std::size_t count = scans_.size();
  const std::vector<Piece> pieces = cut(sequences);
  std::vector<std::vector<engine::PartScore>> scored(pieces.size());  // [motifs, parts]
  parallel_for(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t at) {
    const Piece& piece = pieces[static_cast<std::size_t>(at)];
    auto& scores = scored[static_cast<std::size_t>(at)];
    scores.resize(count * piece.size());
    engine::ScanText text;
    assign(text, sequences, piece);
    engine::ScanScratch scratch;
    for (std::size_t m = 0; m < count; ++m) {
      scans_[m].score(text, scratch, sums,
                      std::span(scores).subspan(m * piece.size(), piece.size()));
    }
  });
  std::vector<engine::PartScore> joined(sequences.size() * count);
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    const Piece& piece = pieces[at];
    for (std::size_t p = 0; p < piece.size(); ++p) {
      engine::PartScore* const to =
          joined.data() + static_cast<std::size_t>(piece[p].sequence) * count;
      for (std::size_t m = 0; m < count; ++m) add(to[m], scored[at][m * piece.size() + p]);
    }
  }
  std::vector<SequenceScore> result(joined.size());
  constexpr std::int64_t kAtOnce = 64;
  parallel_blocks(
      static_cast<std::int64_t>(sequences.size()), kAtOnce,
      [&](std::int64_t begin, std::int64_t end) {
        for (auto s = static_cast<std::size_t>(begin); s < static_cast<std::size_t>(end); ++s) {
          for (std::size_t m = 0; m < count; ++m) {
            result[s * count + m] = finished(sequences[s], m, joined[s * count + m], sums);
          }
        }
      });
  return result;
}

SequenceScore MotifScanner::finished(std::span<const data::Base> bases, std::size_t motif,
                                     const engine::PartScore& score, bool sums) const {
  if (score.windows == 0) return {};
  // Far below what the motif can reach: rare, for strong motifs on short sequences.
  if (score.out_of_reach || (sums && score.sum < engine::kTrustedSum)) return exact(bases, motif);
  if (!sums) return {score.windows, score.best, 0};
  return {score.windows, score.best, bits(scans_[motif].best()) + std::log2(score.sum)};
}

SequenceScore MotifScanner::exact(std::span<const data::Base> bases, std::size_t motif) const {
  const ScoreColumns& columns = columns_[motif];
  const std::size_t width = columns.size();
  SequenceScore result;
  std::vector<std::int32_t> scores;
  for (std::size_t i = 0; i + width <= bases.size(); ++i) {
    std::int32_t forward = 0;
    std::int32_t reverse = 0;
    bool known = true;
    for (std::size_t k = 0; k < width && known; ++k) {
      const data::Base base = bases[i + k];
      known = base < data::kUnknownBase;
      if (!known) break;
      forward += columns[k][base];
      reverse += columns[width - 1 - k][data::complement(base)];
    }
    if (!known) continue;
    ++result.windows;
    scores.push_back(forward);
    if (strands_ == ScanStrands::both) scores.push_back(reverse);
  }
  result.best = *std::max_element(scores.begin(), scores.end());
  for (const std::int32_t score : scores) result.sum += std::exp2(bits(score - result.best));
  result.sum = bits(result.best) + std::log2(result.sum);
  return result;
}

}  // namespace explainn::model
