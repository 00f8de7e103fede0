// The motifs that explainn discover found, as files.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/interpret_tables.h"
#include "model/motif/discovery.h"
#include "model/report/report.h"

namespace explainn::cli {

inline constexpr const char* kDiscovered = model::report::kDiscoveredFile;
inline constexpr const char* kDiscoveredMotifs = "motifs.meme";

/// motifs.tsv (a row a motif, by rank) and motifs.meme (the same motifs in this order, named by
/// rank and by what they look like, else by their consensus) into the tables' folder. `effects`
/// [U]: those of effects.tsv.
void write_discovered(const InterpretTables& tables,
                      const std::vector<model::DiscoveredMotif>& found,
                      std::span<const double> effects);

/// "1e-312": a probability by its decimal logarithm, with three digits; below what a double holds,
/// too.
std::string probability_text(double log10_p);

/// The consensus without unknown letters at its ends.
std::string short_consensus(const data::Motif& motif);

}  // namespace explainn::cli
