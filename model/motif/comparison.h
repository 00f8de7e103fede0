// Motifs against motifs: which known motif a filter looks like, and how likely that is by chance.
// The algorithm of Gupta 2007 (Genome Biol 8:R24) with complete scores (Tanaka 2011,
// Bioinformatics 27:1603), so that the numbers are those of the field's standard tool.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "data/motif_file.h"

namespace explainn::model {

/// How alike two columns of probabilities are: minus their Euclidean distance, or the correlation
/// of what they have beyond 1/4 (0 where one of them has nothing).
enum class ColumnDistance { euclidean, pearson };

/// "ed", "pearson". The other way round throws UsageError for any other name.
std::string_view to_string(ColumnDistance distance);
ColumnDistance column_distance_from(std::string_view name);

struct ComparisonOptions {
  ColumnDistance distance = ColumnDistance::euclidean;
  double pseudocount = 0.1;      ///< sites added to each column, spread as the background; >= 0
  std::int64_t min_overlap = 1;  ///< >= 1; of a narrower motif all columns must overlap
  /// Targets on both strands. Without: each target's columns count once, chance has one alignment
  /// where it had two, and there is one p-value a target.
  bool both_strands = true;
  double threshold = 0.5;            ///< matches have q (or E) <= threshold; >= 0
  bool threshold_on_evalue = false;  ///< on E = p * number of targets
};

/// The best alignment of a query with a target.
struct MotifMatch {
  std::size_t query, target;  ///< their numbers in their files
  std::int64_t offset;        ///< first aligned column of the target less that of the query
  std::int64_t overlap;       ///< aligned columns
  float p;                    ///< chance of as good an alignment with a target of that length
  float e;                    ///< p * number of targets
  float q;                    ///< least false discovery rate at which it counts as found, 0 .. 1
  bool reverse;               ///< the target is reverse complemented; `offset` refers to that
};

/// All matches within the threshold, at most one a pair (the strand with the smaller p), query by
/// query, the smallest p first, then the larger overlap, then by strand and id. With a threshold of
/// 1 on q every pair has one. `queries` and `targets` may be the same object. The background is
/// that of `queries`, averaged over strands. q-values take the share of chance among the 2 T (or
/// T) p-values of a query from a bootstrap, if there are more than 100 of them; its random numbers
/// run through the queries in their order, so q may change a little where queries are left out.
/// Neither the number of threads nor the instruction set changes a bit. Memory: 5 N w bytes a
/// thread for N target columns (both strands) and w query columns, and 24 bytes a match.
/// `progress` is told the part done, 0 .. 1, by the calling thread.
/// Throws std::invalid_argument for options out of range and for motifs without columns, with more
/// than 16,000, or with columns that are no distribution (sum off by more than 1e-4).
std::vector<MotifMatch> compare_motifs(const data::MotifFile& queries,
                                       const data::MotifFile& targets,
                                       const ComparisonOptions& options,
                                       const std::function<void(double)>& progress = {});

/// `motif` as it is compared, and as the standard tool writes its consensus: with `pseudocount`
/// sites spread as the background, averaged over strands, added to its own (their integer part; 20
/// where not known).
data::Motif with_pseudocount(const data::Motif& motif, double pseudocount,
                             const std::array<double, 4>& background);

/// Information below which a motif cannot tell anything: one base, fully determined.
inline constexpr double kUninformativeBits = 2;

/// Whether all columns of `motif` together hold less than kUninformativeBits (over a uniform
/// background). Such a motif is near every flat stretch of a target: what it matches under the
/// Euclidean distance means nothing.
bool is_uninformative(const data::Motif& motif);

}  // namespace explainn::model
