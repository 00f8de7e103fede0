#include "cli/logo_matches.h"

#include <map>
#include <string_view>

#include "data/fields.h"
#include "data/result_table.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

using Numbers = std::map<std::string_view, std::size_t>;

constexpr const char* kQuery = "Query_ID";
constexpr const char* kTarget = "Target_ID";
constexpr const char* kOffset = "Optimal_offset";
constexpr const char* kOrientation = "Orientation";

Numbers numbers_of(const std::vector<data::Motif>& motifs) {
  Numbers numbers;
  for (std::size_t i = 0; i < motifs.size(); ++i) numbers.try_emplace(motifs[i].id, i);
  return numbers;
}

class MatchReader {
 public:
  MatchReader(const std::string& path, const std::vector<data::Motif>& queries,
              const std::vector<data::Motif>& targets)
      : table_(path, "give a table of explainn tomtom"),
        queries_(queries),
        targets_(targets),
        query_numbers_(numbers_of(queries)),
        target_numbers_(numbers_of(targets)) {
    for (const char* column : {kQuery, kTarget, kOffset, kOrientation}) table_.text(column);
  }

  bool next(Match& match) {
    if (!table_.next()) return false;
    match.query = number_of(query_numbers_, table_.text(kQuery), "query");
    match.target = number_of(target_numbers_, table_.text(kTarget), "target");
    match.offset = offset(match);
    const std::string& orientation = table_.text(kOrientation);
    if (orientation != "+" && orientation != "-") {
      table_.fail("the orientation ", data::shown(orientation), " is neither + nor -");
    }
    match.reversed = orientation == "-";
    return true;
  }

 private:
  std::size_t number_of(const Numbers& numbers, std::string_view id, const char* what) const {
    const auto found = numbers.find(id);
    if (found != numbers.end()) return found->second;
    table_.fail("there is no ", what, " ", data::shown(id), "; give the files that were compared");
  }

  std::int64_t offset(const Match& match) const {
    const std::string& text = table_.text(kOffset);
    const double value = data::parse_number(text).value_or(0.5);
    const auto query = static_cast<double>(queries_[match.query].columns.size());
    const auto target = static_cast<double>(targets_[match.target].columns.size());
    if (-query < value && value < target &&
        value == static_cast<double>(static_cast<std::int64_t>(value))) {
      return static_cast<std::int64_t>(value);
    }
    table_.fail("the offset ", data::shown(text), " does not fit a query of ", query,
                " columns and a target of ", target);
  }

  data::ResultTable table_;
  const std::vector<data::Motif>& queries_;
  const std::vector<data::Motif>& targets_;
  Numbers query_numbers_;
  Numbers target_numbers_;
};

}  // namespace

std::vector<Match> read_matches(const std::string& path, const std::vector<data::Motif>& queries,
                                const std::vector<data::Motif>& targets, std::int64_t most) {
  MatchReader reader(path, queries, targets);
  std::vector<Match> matches;
  std::vector<std::int64_t> taken(queries.size(), 0);
  for (Match match{}; reader.next(match);) {
    if (++taken[match.query] <= most) matches.push_back(match);
  }
  return matches;
}

}  // namespace explainn::cli
