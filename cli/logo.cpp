// explainn logo: motifs as pictures.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/file_names.h"
#include "cli/motif_choice.h"
#include "cli/parse.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "data/atomic_file.h"
#include "data/fields.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/motif/logo.h"

namespace explainn::cli {
namespace {

struct LogoArguments {
  CommonOptions common;
  model::LogoOptions options;
  std::string file;
  std::string folder;
  std::string sheet;
  std::string ids;
  std::string background = "uniform";
  std::optional<double> trim;
  bool no_axes = false;
};

std::array<double, 4> background_from(const std::string& text,
                                      const std::array<double, 4>& of_file) {
  if (text == "uniform") return {0.25, 0.25, 0.25, 0.25};
  const std::string wanted =
      ": give uniform, file or the frequencies of A,C,G,T, above 0 and 1 together";
  std::array<double, 4> background = of_file;
  if (text != "file") {
    const std::vector<std::string> parts = split_list(text, "--background");
    if (parts.size() != 4) throw UsageError("--background " + text + wanted);
    for (std::size_t i = 0; i < 4; ++i) background[i] = data::parse_number(parts[i]).value_or(0);
  }
  const double sum = std::accumulate(background.begin(), background.end(), 0.0);
  for (double& frequency : background) {
    if (!(frequency > 0 && std::abs(sum - 1) < 0.01)) {
      throw UsageError("--background " + text + wanted);
    }
    frequency /= sum;
  }
  return background;
}

void check_arguments(const LogoArguments& a) {
  if (a.folder.empty() && a.sheet.empty()) {
    throw UsageError("give -o DIR for one picture a motif, --sheet FILE for all in one, or both");
  }
  check_trim(a.trim);
  constexpr double kMost = 10000;
  if (!(a.options.height >= 1 && a.options.height <= kMost)) {
    throw UsageError(cat("--height ", a.options.height, ": give 1 to ", kMost, " pixels"));
  }
  if (a.options.frequencies && (a.background != "uniform" || a.options.small_sample_correction)) {
    throw UsageError(
        "--frequencies shows probabilities as they are; --background and "
        "--small-sample-correction are for bits");
  }
}

// One path a motif, in their order.
std::vector<std::string> picture_paths(const LogoArguments& a,
                                       const std::vector<data::Motif>& motifs) {
  std::vector<std::string> ids;
  for (const data::Motif& motif : motifs) ids.push_back(motif.id);
  std::vector<std::string> paths = file_names(ids);
  for (std::string& path : paths) path = in_folder(a.folder, path + ".svg");
  return paths;
}

void name_renamed(const RunLog& log, const std::vector<data::Motif>& motifs,
                  const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < motifs.size(); ++i) {
    if (paths[i].ends_with("/" + motifs[i].id + ".svg")) continue;
    log.say(motifs[i].id + " is no name for a file: see " + paths[i]);
  }
}

int run(const LogoArguments& a, const Invocation& invocation) {
  check_arguments(a);
  const RunLog log(invocation, a.common, false);
  data::MotifFile file = data::read_motif_file(a.file);
  std::vector<data::Motif>& motifs = file.motifs;
  model::LogoOptions options = a.options;
  options.axes = !a.no_axes;
  options.column_width = options.height / 5;
  options.background = background_from(a.background, file.background);
  choose_motifs(a.ids, motifs);
  trim_motifs(a.trim, motifs, log);

  std::vector<std::string> pictures;
  std::vector<std::string> results;
  if (!a.folder.empty()) {
    pictures = picture_paths(a, motifs);
    results = pictures;
    results.push_back(in_folder(a.folder, "run.json"));
  }
  if (!a.sheet.empty()) results.push_back(a.sheet);
  refuse_existing(results, a.common);

  catch_signals(/*user_signal=*/false);
  if (!a.folder.empty()) {
    make_folder(a.folder);
    name_renamed(log, motifs, pictures);
    for (std::size_t i = 0; i < motifs.size(); ++i) {
      check_interrupted();
      data::write_file(pictures[i], model::logo_svg(motifs[i], options));
    }
  }
  if (!a.sheet.empty()) {
    options.title = "Sequence logos of " + a.file;
    data::write_file(a.sheet, model::logo_sheet(motifs, options));
  }
  if (!a.folder.empty()) {
    std::vector<data::InputFile> inputs;
    if (a.file != "-") inputs.push_back(describe_input(a.file));
    write_run_json(a.folder, log, inputs, "finished");
  }
  const std::string counts = counted(static_cast<std::int64_t>(motifs.size()), "motif");
  log.finish(cat("wrote ", a.folder, a.folder.empty() || a.sheet.empty() ? "" : " and ", a.sheet,
                 " (", counts, ")"));
  return 0;
}

}  // namespace

Action declare_logo(CLI::App& app) {
  auto a = std::make_shared<LogoArguments>();
  app.add_option("MOTIFS", a->file, "Motifs in MEME format or another; - for stdin")
      ->required()
      ->type_name("FILE");
  app.add_option("-o,--output-dir", a->folder, "Folder for one picture a motif, ID.svg")
      ->type_name("DIR");
  app.add_option("--sheet", a->sheet, "All motifs in one picture, to print")->type_name("FILE.svg");
  app.add_option("--ids", a->ids, "These motifs alone, a,b,c")->type_name("IDS");
  app.add_flag("--reverse-complement", a->options.reverse_complement, "The other strand");
  app.add_option("--trim", a->trim, "Take off outer columns with less information than this")
      ->type_name("BITS");
  app.add_flag("--frequencies", a->options.frequencies,
               "Letters as high as their probabilities, not bits");
  app.add_option("--background", a->background,
                 "Bits are over this: uniform, file (what MOTIFS says) or frequencies of A,C,G,T")
      ->type_name("NAME");
  app.add_flag("--small-sample-correction", a->options.small_sample_correction,
               "Take off the bits that so few sites show by chance");
  app.add_flag("--no-axes", a->no_axes, "Letters alone");
  app.add_option("--height", a->options.height,
                 "Pixels of the vertical axis; a column is a fifth as wide")
      ->type_name("PIXELS");
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn logo trained/filters.meme -o logos --trim 0.25 --sheet logos.svg\n"
      "The background of a picture is transparent; its letters are legible on light and dark\n"
      "pages and need no fonts.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
