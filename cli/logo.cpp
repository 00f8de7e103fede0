// explainn logo: motifs as pictures.
#include <CLI/CLI.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/file_names.h"
#include "cli/logo_matches.h"
#include "cli/motif_choice.h"
#include "cli/parse.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "data/atomic_file.h"
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
  std::string matches;
  std::string targets;
  std::int64_t best = 1;
  std::string background = "uniform";
  std::optional<double> trim;
  bool no_axes = false;
};

std::array<double, 4> background_from(const std::string& text,
                                      const std::array<double, 4>& of_file) {
  if (text == "uniform") return {0.25, 0.25, 0.25, 0.25};
  const std::string refusal =
      "--background " + text +
      ": give uniform, file or the frequencies of A,C,G,T, above 0 and 1 together";
  std::array<double, 4> background = of_file;
  if (text != "file") {
    const auto numbers = parse_four(text, "--background");
    if (!numbers) throw UsageError(refusal);
    background = *numbers;
  }
  const double sum = std::accumulate(background.begin(), background.end(), 0.0);
  for (double& frequency : background) {
    if (!(frequency > 0 && std::abs(sum - 1) < 0.01)) {
      throw UsageError(refusal);
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
  if (a.best < 1) throw UsageError(cat("--best ", a.best, ": give 1 or more matches"));
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

// A file to be.
struct Picture {
  std::string id;  // its name, if that can be one
  std::function<std::string()> svg;
};

std::vector<Picture> single_pictures(const std::vector<data::Motif>& motifs,
                                     const model::LogoOptions& options) {
  std::vector<Picture> pictures;
  pictures.reserve(motifs.size());
  for (const data::Motif& motif : motifs) {
    pictures.push_back({motif.id, [&motif, &options] { return model::logo_svg(motif, options); }});
  }
  return pictures;
}

std::vector<Picture> pair_pictures(const std::vector<data::Motif>& queries,
                                   const std::vector<data::Motif>& targets,
                                   const std::vector<Match>& matches,
                                   const model::LogoOptions& options) {
  std::vector<Picture> pictures;
  for (const Match& match : matches) {
    const data::Motif& query = queries[match.query];
    const data::Motif& target = targets[match.target];
    pictures.push_back({query.id + "_" + target.id, [&query, &target, &match, &options] {
                          return model::aligned_logos(query, target, match.offset, match.reversed,
                                                      options);
                        }});
  }
  return pictures;
}

// One path a picture, in their order.
std::vector<std::string> paths_of(const LogoArguments& a, const std::vector<Picture>& pictures) {
  std::vector<std::string> ids;
  ids.reserve(pictures.size());
  for (const Picture& picture : pictures) ids.push_back(picture.id);
  std::vector<std::string> paths = file_names(ids);
  for (std::string& path : paths) path = in_folder(a.folder, path.append(".svg"));
  return paths;
}

void write_folder(const LogoArguments& a, const std::vector<Picture>& pictures,
                  const std::vector<std::string>& paths, const RunLog& log) {
  make_folder(a.folder);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    check_interrupted();
    data::write_file(paths[i], pictures[i].svg());
    if (!paths[i].ends_with("/" + pictures[i].id + ".svg")) {
      log.say(pictures[i].id + " is no name for a file: see " + paths[i]);
    }
  }
  std::vector<data::InputFile> inputs;
  for (const std::string& path : {a.file, a.targets, a.matches}) {
    if (!path.empty() && path != "-") inputs.push_back(describe_input(path));
  }
  write_run_json(a.folder, log, inputs, "finished");
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
  data::MotifFile targets;
  std::vector<Match> matches;
  if (!a.matches.empty()) {
    targets = data::read_motif_file(a.targets);
    matches = read_matches(a.matches, motifs, targets.motifs, a.best);
  }
  choose_motifs(a.ids, motifs);
  trim_motifs(a.trim, motifs, log);

  std::vector<Picture> pictures;
  if (!a.folder.empty()) {
    pictures = a.matches.empty() ? single_pictures(motifs, options)
                                 : pair_pictures(motifs, targets.motifs, matches, options);
  }
  const std::vector<std::string> paths = paths_of(a, pictures);
  std::vector<std::string> results = paths;
  if (!a.folder.empty()) results.push_back(in_folder(a.folder, "run.json"));
  if (!a.sheet.empty()) results.push_back(a.sheet);
  refuse_existing(results, a.common);

  catch_signals(/*user_signal=*/false);
  if (!a.folder.empty()) write_folder(a, pictures, paths, log);
  if (!a.sheet.empty()) {
    options.title = "Sequence logos of " + a.file;
    data::write_file(a.sheet, model::logo_sheet(motifs, options));
  }
  const bool pairs = !a.matches.empty();
  log.finish(cat("wrote ", a.folder, a.folder.empty() || a.sheet.empty() ? "" : " and ", a.sheet,
                 " (",
                 pairs ? counted(static_cast<std::int64_t>(matches.size()), "pair")
                       : counted(static_cast<std::int64_t>(motifs.size()), "motif"),
                 ")"));
  return 0;
}

// A match says how its two motifs lie, so none may be cut or turned.
void add_match_options(CLI::App& app, LogoArguments& a) {
  const std::string group = "Pairs of matching motifs instead";
  CLI::Option* matches =
      app.add_option("--matches", a.matches,
                     "A table of explainn tomtom: each motif of MOTIFS over what it matches best")
          ->type_name("FILE.tsv")
          ->group(group);
  CLI::Option* targets = app.add_option("--targets", a.targets, "The TARGET of that table")
                             ->type_name("FILE")
                             ->group(group);
  app.add_option("--best", a.best, "So many matches of each motif")
      ->type_name("N")
      ->group(group)
      ->needs(matches);
  matches->needs(targets);
  targets->needs(matches);
  for (const char* const other : {"--ids", "--trim", "--reverse-complement", "--sheet"}) {
    matches->excludes(app.get_option(other));
  }
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
  app.add_option("--ids", a->ids, "These motifs alone, a,b,c: ids or names")->type_name("IDS");
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
  add_match_options(app, *a);
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn logo trained/filters.meme -o logos --trim 0.25 --sheet logos.svg\n"
      "The background of a picture is transparent; its letters are legible on light and dark\n"
      "pages and need no fonts.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
