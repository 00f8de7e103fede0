// explainn report: the page of a folder that interpret filled, made again from its files.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/report_folder.h"
#include "cli/signals.h"
#include "model/report/report.h"

namespace explainn::cli {
namespace {

struct ReportArguments {
  CommonOptions common;
  std::string folder;
  std::string file;
  bool figures = false;
};

int run(const ReportArguments& a, const Invocation& invocation) {
  const RunLog log(invocation, a.common, false);
  const std::string path =
      a.file.empty() ? in_folder(a.folder, model::report::kReportFile) : a.file;
  const std::string figures = in_folder(a.folder, model::report::kFigureFolder);
  refuse_existing({path}, a.common);
  if (a.figures) refuse_figures(a.folder, a.common);
  catch_signals(/*user_signal=*/false);
  const std::size_t plots = write_report(a.folder, path, a.figures);
  log.finish("wrote " + path +
             (a.figures
                  ? " and " + counted(static_cast<std::int64_t>(plots), "plot") + " into " + figures
                  : ""));
  return 0;
}

}  // namespace

Action declare_report(CLI::App& app) {
  auto a = std::make_shared<ReportArguments>();
  app.add_option("DIR", a->folder, "Folder that explainn interpret or discover has written")
      ->required()
      ->type_name("DIR");
  app.add_option("-o,--output", a->file, "Write the page here instead of DIR/report.html")
      ->type_name("FILE");
  app.add_flag("--figures", a->figures, "Also every plot as a file (SVG), in DIR/figures");
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn report motifs --figures --force\n"
      "makes report.html again from the tables and report.json in the folder: one file that needs\n"
      "nothing else, with the same bytes as before.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
