// Where in a genome a sequence lies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/alphabet.h"

namespace explainn::data {

/// An interval as BED counts: from 0, the end not included.
struct Place {
  std::string_view chrom;
  std::int64_t start = 0;
  std::int64_t end = 0;
  Strand strand = Strand::forward;  ///< reverse: the sequence is the reverse complement of it
};

/// What an id like chr1:100-200 says, also behind `name::` and with `(+)` or `(-)` after it (as
/// bedtools writes them); the numbers as they stand there. Nothing for ids of another form.
std::optional<Place> place_of(std::string_view id);

/// The place of a sequence of `length` bases by its id. bedtools writes intervals of BED, samtools
/// and genome browsers count from 1 and include the end: the length tells which. Nothing where
/// neither fits.
std::optional<Place> place_of(std::string_view id, std::int64_t length);

/// Where the bases begin .. end - 1 of a sequence at `whole` lie, as seen on `strand` of it.
Place part_of(const Place& whole, std::int64_t begin, std::int64_t end, Strand strand);

/// The same, or where nothing is known of the genome the place within the sequence, called `id`.
Place part_of(const std::optional<Place>& whole, std::string_view id, std::int64_t begin,
              std::int64_t end, Strand strand);

}  // namespace explainn::data
