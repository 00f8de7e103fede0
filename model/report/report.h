// The report: one page of HTML, and the same plots as files.
//
// Who writes it (interpret, discover) puts the tables and report.json (facts.h) into a folder, then
// reads them back: read_report(), report_html(), report_figures().
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/motif_file.h"
#include "data/result_table.h"
#include "model/report/facts.h"

namespace explainn::model::report {

inline constexpr const char* kReportFile = "report.html";
inline constexpr const char* kFigureFolder = "figures";
/// What discover found; a folder of interpret has none.
inline constexpr const char* kDiscoveredFile = "motifs.tsv";
/// Binding modes of the filters' motifs.
inline constexpr const char* kModesFile = "modes.tsv";
inline constexpr const char* kArchetypesFile = "archetypes.meme";

using data::Number;

/// The motif that a filter is named after.
struct Match {
  std::string motif;  ///< id
  Number p, e, q;
  Number overlap, offset;
  bool reverse;
  std::string known_mode;  ///< id of the known motif that stands for the mode of this one
};

/// A row of filters.tsv with what the other tables say about the same filter.
struct Filter {
  std::string id;
  std::string
      annotation;  ///< name, or what kind of filter it is; empty: there were no known motifs
  std::optional<Match> match;
  Number sites, max_activation, information, importance;
  std::string consensus, top_task;
  std::vector<Number> weights;                          ///< [T] final weights
  std::vector<Number> effects;                          ///< [T] what model/interpret/effects.h says
  std::vector<Number> importances;                      ///< [T] medians
  std::optional<data::Motif> motif;                     ///< nothing without sites
  std::vector<std::pair<std::string, Number>> matches;  ///< id and q of the best ones in tomtom.tsv

  bool dead() const { return !motif; }
  bool named() const { return match.has_value(); }
};

/// A row of motifs.tsv: a motif by what its best hits tell on the test part.
struct Discovered {
  std::string rank;
  std::size_t unit;  ///< the filter that stands for its group
  std::string consensus;
  Number sites, precision;  ///< the latter: aucPR
  Number positives_hit, positives, negatives_hit, negatives;
  std::string e_value;  ///< a text, for it may be below what a double holds
  bool significant;
  std::string overlaps;  ///< better motif whose sites most of its best hits overlap; may be empty
  Number overlap;        ///< the share that do
  std::size_t group;     ///< number of filters in it
};

/// A filter's motif in its binding mode.
struct ModeFilter {
  std::size_t unit;
  Number start;  ///< the representative's column under its first one
  bool reverse;
};

/// Rows of modes.tsv: filters whose motifs say the same.
struct Mode {
  std::string id;
  std::size_t representative;       ///< the filter that stands for it
  std::vector<ModeFilter> members;  ///< the representative among them
  data::Motif archetype;
};

struct Report {
  Facts facts;
  std::vector<Filter> filters;         ///< [U]
  std::vector<Mode> modes;             ///< the largest first; empty without modes.tsv
  std::vector<Discovered> discovered;  ///< by rank; empty without motifs.tsv

  std::size_t tasks() const { return facts.tasks.size(); }
  /// Null if report.json does not hold it.
  const data::Motif* known(const std::string& id) const;
};

/// Whether `folder` has a motifs.tsv that discover wrote; one of a user's own is left alone.
bool holds_discovered(const std::string& folder);

/// Reads what interpret or discover wrote into `folder`. Throws Error with file and line where
/// something is missing or tables do not agree.
Report read_report(const std::string& folder);

/// One file: well-formed as XML behind its first line, without requests for anything else, useful
/// without scripts. Depends on nothing but `report`.
std::string report_html(const Report& report);

/// A plot as a file of its own: name without the ending .svg, which may hold a folder.
struct Figure {
  std::string folder, name;
  std::string svg;
};

/// learning-curve, heat-map; roc/, precision-recall/ a task; modes/ a binding mode of several
/// filters; logos/, matches/, importances/ a filter.
std::vector<Figure> report_figures(const Report& report);

}  // namespace explainn::model::report
