// What a data set of bound sequences alone lacks: sequences that are not, and parts to judge by.
#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"

namespace explainn::data {

/// Labels the n sequences of `dataset`, which has no labels, 1 and adds a dinucleotide_shuffle() of
/// each, labelled 0, as rows n .. 2n - 1 with the ids `<id>_shuffled`, in the same split if there
/// are splits. The task is named `target`. The shuffle of a sequence depends on `seed`, its bases
/// and its row.
void add_shuffled_negatives(Dataset& dataset, const std::string& target, std::uint64_t seed);

/// Makes a tenth of the sequences validation rows, a tenth test rows and the others training rows,
/// drawn by `seed`. Row r belongs to family r modulo `families`. A family stays together, and so do
/// families whose first sequences are equal or reverse complements: what a model has seen would
/// flatter it. More equal ones than there is room for in a tenth go to training. Throws Error where
/// there are fewer than ten families, so that a part would be empty.
void assign_parts(Dataset& dataset, std::int64_t families, std::uint64_t seed);

}  // namespace explainn::data
