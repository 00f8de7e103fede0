#include "cli/report_folder.h"

#include <filesystem>
#include <map>

#include "cli/file_names.h"
#include "cli/signals.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/report/report.h"

namespace explainn::cli {
namespace {

std::size_t write_figures(const std::string& folder, const model::report::Report& report) {
  std::map<std::string, std::vector<const model::report::Figure*>> folders;
  const std::vector<model::report::Figure> figures = model::report::report_figures(report);
  for (const model::report::Figure& figure : figures) folders[figure.folder].push_back(&figure);
  for (const auto& [name, members] : folders) {
    std::string place = in_folder(folder, model::report::kFigureFolder);
    if (!name.empty()) place = in_folder(place, name);
    make_folder(place);
    std::vector<std::string> ids;
    for (const model::report::Figure* figure : members) ids.push_back(figure->name);
    const std::vector<std::string> names = file_names(ids);
    for (std::size_t i = 0; i < members.size(); ++i) {
      check_interrupted();
      data::write_file(in_folder(place, names[i] + ".svg"), members[i]->svg);
    }
  }
  return figures.size();
}

}  // namespace

model::report::Source source_of(const std::string& part, const data::InputFile& file) {
  const std::string name =
      file.path == "-" ? "standard input" : std::filesystem::path(file.path).filename().string();
  return {part, name, file.hash};
}

void write_facts(const std::string& folder, const model::report::Facts& facts) {
  data::write_file(in_folder(folder, model::report::kFactsFile), model::report::facts_text(facts));
}

void refuse_figures(const std::string& folder, const CommonOptions& options) {
  const std::string path = in_folder(folder, model::report::kFigureFolder);
  if (options.force || !std::filesystem::exists(path)) return;
  fail_at(path, 0, "exists already; give --force to write over the files in it");
}

std::size_t write_report(const std::string& folder, const std::string& path, bool figures) {
  const model::report::Report report = model::report::read_report(folder);
  check_interrupted();
  data::write_file(path, model::report::report_html(report));
  return figures ? write_figures(folder, report) : 0;
}

}  // namespace explainn::cli
