// explainn modes: groups of motifs that match each other.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/comparison_options.h"
#include "cli/mode_tables.h"
#include "cli/motif_choice.h"
#include "cli/progress.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "data/atomic_file.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

constexpr const char* kRepresentatives = "representatives.meme";

struct ModesArguments {
  CommonOptions common;
  ComparisonArguments comparison;
  std::string motifs;
  std::string folder;
  std::string ids;
  double p_value = model::kSameMotif;
};

model::ModeOptions mode_options(const ModesArguments& a) {
  if (!(a.p_value >= 0 && a.p_value <= 1)) {
    throw UsageError(cat("--p-value ", a.p_value, ": give a number from 0 to 1"));
  }
  return {comparison_options(a.comparison), a.p_value};
}

int run(const ModesArguments& a, const Invocation& invocation) {
  const model::ModeOptions options = mode_options(a);
  const RunLog log(invocation, a.common, false);
  refuse_existing_in(a.folder, {kModes, kArchetypes, kRepresentatives}, a.common);
  data::MotifFile file = data::read_motif_file(a.motifs);
  choose_motifs(a.ids, file.motifs);
  warn_of_uninformative(log, file.motifs, "so in no mode");
  catch_signals(/*user_signal=*/false);
  Progress progress(a.common.quiet);
  progress.start("comparing", "");
  const std::vector<model::BindingMode> modes =
      model::binding_modes(file, options, [&](double part) {
        progress.update(static_cast<std::int64_t>(part * 1000), 1000);
        check_interrupted();
      });
  progress.clear();
  make_folder(a.folder);
  write_modes(a.folder, file, modes, options, invocation);
  data::MotifFile representatives{file.background, {}};
  for (const model::BindingMode& mode : modes) {
    representatives.motifs.push_back(file.motifs[mode.representative]);
  }
  data::write_file(in_folder(a.folder, kRepresentatives), data::meme_text(representatives));
  std::vector<data::InputFile> inputs;
  if (a.motifs != "-") inputs.push_back(describe_input(a.motifs));
  write_run_json(a.folder, log, inputs, "finished");
  log.finish(cat("wrote ", kModes, ", ", kArchetypes, " and ", kRepresentatives, " (",
                 counted(static_cast<std::int64_t>(modes.size()), "binding mode"), " of ",
                 counted(static_cast<std::int64_t>(file.motifs.size()), "motif"), ") into ",
                 a.folder));
  return 0;
}

}  // namespace

Action declare_modes(CLI::App& app) {
  auto a = std::make_shared<ModesArguments>();
  app.add_option("MOTIFS", a->motifs, "Motifs in any form that explainn motifs reads; - for stdin")
      ->required()
      ->type_name("FILE");
  app.add_option("-o,--output-dir", a->folder, "Folder for the results")
      ->required()
      ->type_name("DIR");
  app.add_option("--p-value", a->p_value,
                 "Largest p-value of any two motifs of a mode, in both directions")
      ->type_name("P");
  app.add_option("--ids", a->ids, "These motifs alone, a,b,c: ids or names")->type_name("IDS");
  add_comparison_options(app, a->comparison);
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn modes JASPAR.meme -o modes\n"
      "Motifs are compared as tomtom does, each with each, and clustered by complete linkage. "
      "Writes\n"
      "modes.tsv (a row a motif: its mode, and how it lies along the motif that stands for the\n"
      "mode), archetypes.meme (a motif a mode: all its sites laid over each other) and\n"
      "representatives.meme (the motifs that stand for modes: the same file without the "
      "redundant).");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
