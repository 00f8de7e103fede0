#include "cli/motif_choice.h"

#include <algorithm>

#include "cli/parse.h"
#include "kernels/base/error.h"
#include "kernels/base/nearest.h"
#include "model/motif/matrix.h"

namespace explainn::cli {

void choose_motifs(const std::string& list, std::vector<data::Motif>& motifs) {
  if (list.empty()) return;
  std::vector<std::string> ids;
  std::vector<std::string> names;
  for (const data::Motif& motif : motifs) {
    ids.push_back(motif.id);
    names.push_back(motif.name);
  }
  const auto among = [](const std::vector<std::string>& some, const std::string& one) {
    return std::find(some.begin(), some.end(), one) != some.end();
  };
  const std::vector<std::string> asked = split_list(list, "--ids");
  for (const std::string& one : asked) {
    if (among(ids, one) || among(names, one)) continue;
    std::string near = nearest_name(one, ids);
    if (near.empty()) near = nearest_name(one, names);
    throw Error(cat("--ids: no motif has the id or name ", one,
                    near.empty() ? "; see explainn motifs FILE" : "; did you mean " + near + "?"));
  }
  std::erase_if(motifs, [&](const data::Motif& motif) {
    return std::none_of(asked.begin(), asked.end(), [&](const std::string& one) {
      return motif.id == one || (motif.name == one && !among(ids, one));
    });
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
