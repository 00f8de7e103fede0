#include "cli/motif_choice.h"

#include <algorithm>

#include "cli/parse.h"
#include "kernels/base/error.h"
#include "kernels/base/nearest.h"
#include "model/motif/matrix.h"

namespace explainn::cli {

void choose_motifs(const std::string& list, std::vector<data::Motif>& motifs) {
  if (list.empty()) return;
  std::vector<std::string> known;
  known.reserve(motifs.size());
  for (const data::Motif& motif : motifs) known.push_back(motif.id);
  const std::vector<std::string> ids = split_list(list, "--ids");
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string near = nearest_name(id, known);
    throw Error(cat("--ids: no motif has the id ", id,
                    near.empty() ? "; see explainn motifs FILE" : "; did you mean " + near + "?"));
  }
  std::erase_if(motifs, [&](const data::Motif& motif) {
    return std::find(ids.begin(), ids.end(), motif.id) == ids.end();
  });
}

void check_trim(std::optional<double> bits) {
  if (bits && !(*bits >= 0 && *bits <= 2)) {
    throw UsageError(cat("--trim ", *bits, ": a column has 0 to 2 bits"));
  }
}

void trim_motifs(std::optional<double> bits, std::vector<data::Motif>& motifs, const RunLog& log) {
  if (!bits) return;
  for (data::Motif& motif : motifs) motif = model::trim(motif, *bits);
  const std::size_t flat =
      std::erase_if(motifs, [](const data::Motif& motif) { return motif.columns.empty(); });
  if (flat > 0) {
    log.warn(cat("left out: ", counted(static_cast<std::int64_t>(flat), "motif"),
                 " without a column of ", *bits, " bits"));
  }
}

}  // namespace explainn::cli
