// explainn motifs: what a file of motifs holds, and the same motifs in another form.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/motif_choice.h"
#include "cli/run_log.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/motif/matrix.h"

namespace explainn::cli {
namespace {

struct MotifsArguments {
  CommonOptions common;
  std::vector<std::string> files;
  std::string output = "-";
  std::string format;
  std::string ids;
  std::optional<double> trim;
  std::optional<std::int64_t> width;
  bool reverse_complement = false;
  bool list = false;
};

struct Format {
  const char* name;
  std::string (*text)(const data::MotifFile&);
};

constexpr std::array<Format, 4> kFormats{{{"meme", data::meme_text},
                                          {"jaspar", data::jaspar_text},
                                          {"pfm", data::pfm_text},
                                          {"transfac", data::transfac_text}}};

// The form to write: the one asked for, else that of the output's name; none for a list.
const Format* chosen_format(const MotifsArguments& a) {
  if (a.list) return nullptr;
  for (const Format& format : kFormats) {
    if (a.format.empty() ? a.output.ends_with(cat(".", format.name)) : a.format == format.name) {
      return &format;
    }
  }
  if (a.format.empty()) return nullptr;
  throw UsageError(cat("--to ", a.format, ": there is meme, jaspar, pfm and transfac"));
}

void check_arguments(const MotifsArguments& a) {
  refuse_gzip_name(a.output, "motifs");
  if (std::count(a.files.begin(), a.files.end(), "-") > 1) {
    throw UsageError("standard input can be read once only");
  }
  check_trim(a.trim);
  const auto most = static_cast<std::int64_t>(data::kMostMotifColumns);
  if (a.width && (*a.width < 1 || *a.width > most)) {
    throw UsageError(cat("--resize ", *a.width, ": give a width from 1 to ", most));
  }
}

// All files as one; the background is the first that a file gives.
data::MotifFile read_files(const MotifsArguments& a, const RunLog& log) {
  data::MotifFile all;
  for (const std::string& path : a.files) {
    data::MotifFile file = data::read_motif_file(path);
    if (file.background_given && !all.background_given) {
      all.background = file.background;
      all.background_given = true;
    } else if (file.background_given && file.background != all.background) {
      log.warn(path + ": has another background than a file before it, which counts");
    }
    std::move(file.motifs.begin(), file.motifs.end(), std::back_inserter(all.motifs));
  }
  return all;
}

void change(const MotifsArguments& a, std::vector<data::Motif>& motifs, const RunLog& log) {
  trim_motifs(a.trim, motifs, log);
  for (data::Motif& motif : motifs) {
    if (a.reverse_complement) motif = model::reverse_complement(motif);
    if (a.width) motif = model::resize(motif, *a.width);
  }
}

void refuse_repeated(const std::vector<data::Motif>& motifs) {
  std::set<std::string_view> known;
  for (const data::Motif& motif : motifs) {
    if (known.insert(motif.id).second) continue;
    throw Error(cat("the id ", motif.id,
                    " is in several files, and no file may hold it twice; rename one, or write "
                    "one file after the other"));
  }
}

void write_list(const std::vector<data::Motif>& motifs, const std::string& path,
                const Invocation& invocation) {
  data::AtomicFile file(path);
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  for (const char* const name :
       {"id", "name", "width", "sites", "information", "consensus", "iupac"}) {
    table.text(name);
  }
  table.end_row();
  for (const data::Motif& motif : motifs) {
    table.text(motif.id).text(motif.name).number(static_cast<double>(motif.columns.size()));
    table.number(motif.sites > 0 ? motif.sites : std::numeric_limits<double>::quiet_NaN());
    table.number(model::total_information(motif));
    table.text(model::consensus(motif)).text(model::iupac_consensus(motif)).end_row();
  }
  table.finish(invocation);
  file.commit();
}

int run(const MotifsArguments& a, const Invocation& invocation) {
  check_arguments(a);
  const Format* const format = chosen_format(a);
  const RunLog log(invocation, a.common, false);
  if (a.output != "-") refuse_existing({a.output}, a.common);
  data::MotifFile file = read_files(a, log);
  choose_motifs(a.ids, file.motifs);
  change(a, file.motifs, log);
  if (format == nullptr) {
    write_list(file.motifs, a.output, invocation);
  } else {
    refuse_repeated(file.motifs);
    data::write_file(a.output, format->text(file));
  }
  log.finish(cat("wrote ", output_name(a.output), " (",
                 counted(static_cast<std::int64_t>(file.motifs.size()), "motif"), ")"));
  return 0;
}

}  // namespace

Action declare_motifs(CLI::App& app) {
  auto a = std::make_shared<MotifsArguments>();
  app.add_option("FILES", a->files,
                 "MEME (also what MEME, DREME and STREME print), JASPAR, TRANSFAC, HOCOMOCO or a "
                 "bare matrix; - for stdin")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->default_str("")
      ->type_name("FILE");
  app.add_option("-o,--output", a->output, "File to write; - for stdout")->type_name("FILE");
  CLI::Option* format =
      app.add_option("--to", a->format,
                     "Write motifs: meme, jaspar, pfm or transfac [by the name of -o; else a list]")
          ->type_name("FORMAT");
  app.add_flag("--list", a->list, "A list whatever the name of -o")->excludes(format);
  app.add_option("--ids", a->ids, "These motifs alone, a,b,c: ids or names")->type_name("IDS");
  app.add_flag("--reverse-complement", a->reverse_complement, "Turn each motif");
  app.add_option("--trim", a->trim, "Take off outer columns with less information than this")
      ->type_name("BITS");
  app.add_option("--resize", a->width,
                 "Columns about the centre: crop, or pad with columns of 1/4 (after --trim)")
      ->type_name("WIDTH");
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn motifs trained/filters.meme --trim 0.5 --to jaspar -o filters.jaspar\n"
      "A list is a table: id, name, width, sites (nan: not known), information (bits over a\n"
      "uniform background), consensus, and consensus in IUPAC letters. jaspar holds whole counts\n"
      "(100 sites where they are not known); pfm and transfac hold decimals, meme probabilities.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
