// Binding modes, as files.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"
#include "cli/interpret_tables.h"
#include "cli/run_log.h"
#include "data/motif_file.h"
#include "model/motif/binding_modes.h"
#include "model/report/report.h"

namespace explainn::cli {

inline constexpr const char* kModes = model::report::kModesFile;
inline constexpr const char* kArchetypes = model::report::kArchetypesFile;

/// modes.tsv (a row a motif, mode by mode: how it lies along the representative of its mode) and
/// archetypes.meme (a motif a mode, "mode1" ..) of the motifs of a file, into `folder`.
void write_modes(const std::string& folder, const data::MotifFile& motifs,
                 std::span<const model::BindingMode> modes, const model::ModeOptions& options,
                 const Invocation& invocation);

/// The same of the filters' motifs, compared as they are named; says on stderr how many there are.
void write_filter_modes(const InterpretTables& tables, const model::ComparisonOptions& comparison,
                        const RunLog& log);

}  // namespace explainn::cli
