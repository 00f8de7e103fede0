#include "cli/filter_names.h"

#include <set>

#include "cli/interpret_tables.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "kernels/base/error.h"
#include "model/motif/binding_modes.h"

namespace explainn::cli {
namespace {

std::vector<model::BindingMode> known_modes(const data::MotifFile& known,
                                            const model::ComparisonOptions& options, bool quiet) {
  Progress progress(quiet);
  progress.start("comparing known motifs", "");
  std::vector<model::BindingMode> modes = model::binding_modes(known, {options}, [&](double part) {
    check_interrupted();
    progress.update(static_cast<std::int64_t>(part * 1000), 1000);
  });
  progress.clear();
  return modes;
}

void say_names(const RunLog& log, const std::vector<model::Annotation>& filters,
               const model::ComparisonOptions& options, std::size_t modes) {
  std::int64_t named = 0;
  std::set<std::size_t> motifs;
  std::string empty;
  for (std::size_t u = 0; u < filters.size(); ++u) {
    if (filters[u].best) {
      ++named;
      motifs.insert(filters[u].best->target);
    }
    if (filters[u].kind == model::FilterKind::uninformative) {
      empty += (empty.empty() ? "" : ", ") + filter_name(u);
    }
  }
  log.say(cat(named, " of ", counted(static_cast<std::int64_t>(filters.size()), "filter"),
              " named after ", counted(static_cast<std::int64_t>(motifs.size()), "known motif"),
              " (", model::to_string(options.distance), ", q <= ", options.threshold, "), of ",
              model::known_modes_found(filters), " of ", modes, " known binding modes"));
  if (!empty.empty()) log.warn("without information, so not named: " + empty);
}

}  // namespace

model::ComparisonOptions naming_options(double q_value, const std::string& distance) {
  if (!(q_value >= 0 && q_value <= 1)) {
    throw UsageError(cat("--q-value ", q_value, ": give a number from 0 to 1"));
  }
  model::ComparisonOptions options;
  options.distance = model::column_distance_from(distance);
  options.threshold = q_value;
  return options;
}

model::AnnotatedFilters name_filters(model::Interpretation& result, const data::MotifFile& known,
                                     const model::ComparisonOptions& options, const RunLog& log,
                                     bool quiet) {
  if (known.motifs.empty()) return {};
  model::AnnotatedFilters named = model::annotate(result, known, options);
  const std::vector<model::BindingMode> modes = known_modes(known, options, quiet);
  model::name_modes(modes, named.filters);
  say_names(log, named.filters, options, modes.size());
  return named;
}

}  // namespace explainn::cli
