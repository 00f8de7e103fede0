#include "cli/match_table.h"

#include <array>

#include "data/fields.h"
#include "kernels/base/error.h"
#include "model/motif/matrix.h"

namespace explainn::cli {
namespace {

constexpr int kMatchDigits = 6;

/// As printf's %g.
std::string short_number(float value) {
  std::string text;
  data::append_number(static_cast<double>(value), kMatchDigits, text);
  return text;
}

// Of the motifs of a file as they were compared, on one strand; made when first asked for.
class Consensuses {
 public:
  Consensuses(const data::MotifFile& file, const std::array<double, 4>& background,
              double pseudocount, bool reverse)
      : motifs_(file.motifs),
        background_(background),
        pseudocount_(pseudocount),
        reverse_(reverse),
        texts_(file.motifs.size()) {}

  const std::string& of(std::size_t number) {
    std::string& text = texts_[number];
    if (text.empty()) {
      const data::Motif motif = model::with_pseudocount(motifs_[number], pseudocount_, background_);
      text = model::consensus(reverse_ ? model::reverse_complement(motif) : motif);
    }
    return text;
  }

 private:
  const std::vector<data::Motif>& motifs_;
  const std::array<double, 4>& background_;
  const double pseudocount_;
  const bool reverse_;
  std::vector<std::string> texts_;
};

}  // namespace

void write_matches(const data::MotifFile& queries, const data::MotifFile& targets,
                   const std::vector<model::MotifMatch>& matches,
                   const model::ComparisonOptions& options, TableWriter& table) {
  for (const char* const name :
       {"Query_ID", "Target_ID", "Optimal_offset", "p-value", "E-value", "q-value", "Overlap",
        "Query_consensus", "Target_consensus", "Orientation"}) {
    table.text(name);
  }
  table.end_row();
  const auto consensuses = [&](const data::MotifFile& file, bool reverse) {
    return Consensuses(file, queries.background, options.pseudocount, reverse);
  };
  Consensuses query_texts = consensuses(queries, false);
  Consensuses forward = consensuses(targets, false);
  Consensuses reverse = consensuses(targets, true);
  for (const model::MotifMatch& match : matches) {
    table.text(queries.motifs[match.query].id).text(targets.motifs[match.target].id);
    table.text(std::to_string(match.offset));
    for (const float value : {match.p, match.e, match.q}) table.text(short_number(value));
    table.text(std::to_string(match.overlap)).text(query_texts.of(match.query));
    table.text((match.reverse ? reverse : forward).of(match.target));
    table.text(match.reverse ? "-" : "+").end_row();
  }
  table.text(cat("# distance of columns: ", model::to_string(options.distance))).end_row();
}

}  // namespace explainn::cli
