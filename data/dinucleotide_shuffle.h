// Sequences that look alike but mean nothing: shuffles that keep every dinucleotide.
#pragma once

#include <cstdint>
#include <span>

#include "data/alphabet.h"

namespace explainn::data {

/// Writes to `out` (as long as `sequence`) one of the sequences with the same first base and the
/// same number of each dinucleotide, all of them equally likely (Altschul and Erickson 1985, Mol
/// Biol Evol 2:526); so the last base and the number of each base stay too. Unknown bases are a
/// fifth letter. The same (sequence, seed, number) give the same shuffle everywhere; give each
/// sequence a number of its own.
void dinucleotide_shuffle(std::span<const Base> sequence, std::uint64_t seed, std::uint64_t number,
                          std::span<Base> out);

}  // namespace explainn::data
