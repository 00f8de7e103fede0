#include "cli/mode_tables.h"

#include "cli/common_options.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/motif/matrix.h"

namespace explainn::cli {
namespace {

void header(TableWriter& table) {
  for (const char* const name : {"mode", "motif", "name", "representative", "start", "orientation",
                                 "p-value", "width", "sites", "consensus"}) {
    table.text(name);
  }
  table.end_row();
}

void row(const data::Motif& motif, const model::ModeMember& member, const std::string& mode,
         bool representative, TableWriter& table) {
  table.text(mode).text(motif.id).text(motif.name).text(representative ? "yes" : "no");
  table.text(std::to_string(member.start)).text(member.reverse ? "-" : "+");
  table.number(member.p).text(std::to_string(motif.columns.size()));
  table.text(motif.sites > 0 ? std::to_string(static_cast<std::int64_t>(motif.sites)) : "");
  table.text(model::iupac_consensus(member.reverse ? model::reverse_complement(motif) : motif));
  table.end_row();
}

}  // namespace

void write_modes(const std::string& folder, const data::MotifFile& motifs,
                 std::span<const model::BindingMode> modes, const model::ModeOptions& options,
                 const Invocation& invocation) {
  std::string text;
  TableWriter table([&text](std::string_view bytes) { text += bytes; });
  header(table);
  data::MotifFile archetypes{motifs.background, {}};
  for (const model::BindingMode& mode : modes) {
    const std::string name = cat("mode", archetypes.motifs.size() + 1);
    for (const model::ModeMember& member : mode.members) {
      row(motifs.motifs[member.motif], member, name, member.motif == mode.representative, table);
    }
    archetypes.motifs.push_back(mode.archetype);
    archetypes.motifs.back().id = name;
  }
  table.text(cat("# distance of columns: ", model::to_string(options.comparison.distance),
                 "; p-values of all pairs of a mode at most ", options.p_value));
  table.end_row();
  table.finish(invocation);
  data::write_file(in_folder(folder, kModes), text);
  data::write_file(in_folder(folder, kArchetypes), data::meme_text(archetypes));
}

void write_filter_modes(const InterpretTables& tables, const model::ComparisonOptions& comparison,
                        const RunLog& log) {
  const data::MotifFile motifs = data::as_written(tables.result.motifs);
  const model::ModeOptions options{comparison};
  const std::vector<model::BindingMode> modes = model::binding_modes(motifs, options);
  write_modes(tables.folder, motifs, modes, options, tables.invocation);
  std::size_t members = 0;
  for (const model::BindingMode& mode : modes) members += mode.members.size();
  log.say(cat(counted(static_cast<std::int64_t>(members), "motif"), " of ",
              counted(static_cast<std::int64_t>(modes.size()), "binding mode")));
}

}  // namespace explainn::cli
