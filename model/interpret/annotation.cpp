#include "model/interpret/annotation.h"

#include <map>
#include <set>

namespace explainn::model {
namespace {

const char* kind_name(FilterKind kind) {
  switch (kind) {
    case FilterKind::uninformative:
      return "uninformative";
    case FilterKind::dead:
      return "dead";
    default:
      return "unknown";
  }
}

// The best match of each motif; matches come motif by motif, the best first.
std::vector<const MotifMatch*> best_matches(const std::vector<MotifMatch>& matches,
                                            std::size_t motifs) {
  std::vector<const MotifMatch*> best(motifs, nullptr);
  for (const MotifMatch& match : matches) {
    if (best[match.query] == nullptr) best[match.query] = &match;
  }
  return best;
}

}  // namespace

AnnotatedFilters annotate(Interpretation& result, const data::MotifFile& known,
                          const ComparisonOptions& options) {
  AnnotatedFilters annotated;
  annotated.matches = compare_motifs(data::as_written(result.motifs), known, options);
  std::vector<data::Motif>& motifs = result.motifs.motifs;
  const auto best = best_matches(annotated.matches, motifs.size());
  std::size_t next = 0;
  for (const std::int64_t sites : result.sites) {
    Annotation annotation;
    if (sites > 0) {
      const std::size_t at = next++;
      annotation.kind = is_uninformative(motifs[at]) ? FilterKind::uninformative
                        : best[at] == nullptr        ? FilterKind::unknown
                                                     : FilterKind::named;
      if (annotation.kind == FilterKind::named) {
        annotation.best = *best[at];
        const data::Motif& target = known.motifs[best[at]->target];
        annotation.name = target.name.empty() ? target.id : target.name;
        motifs[at].name = annotation.name;
      }
    }
    if (annotation.name.empty()) annotation.name = kind_name(annotation.kind);
    annotated.filters.push_back(std::move(annotation));
  }
  return annotated;
}

void name_modes(std::span<const BindingMode> modes, std::vector<Annotation>& filters) {
  std::map<std::size_t, std::size_t> representative_of;
  for (const BindingMode& mode : modes) {
    for (const ModeMember& member : mode.members) {
      representative_of.emplace(member.motif, mode.representative);
    }
  }
  for (Annotation& filter : filters) {
    if (!filter.best) continue;
    const auto found = representative_of.find(filter.best->target);
    if (found != representative_of.end()) filter.known_mode = found->second;
  }
}

std::size_t known_modes_found(std::span<const Annotation> filters) {
  std::set<std::size_t> modes;
  for (const Annotation& filter : filters) {
    if (filter.known_mode) modes.insert(*filter.known_mode);
  }
  return modes.size();
}

}  // namespace explainn::model
