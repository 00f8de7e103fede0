#include "cli/logo_matches.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "data/fields.h"
#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

using Numbers = std::map<std::string_view, std::size_t>;

constexpr std::array<std::string_view, 4> kColumns{"Query_ID", "Target_ID", "Optimal_offset",
                                                   "Orientation"};

Numbers numbers_of(const std::vector<data::Motif>& motifs) {
  Numbers numbers;
  for (std::size_t i = 0; i < motifs.size(); ++i) numbers.try_emplace(motifs[i].id, i);
  return numbers;
}

class MatchReader {
 public:
  MatchReader(const std::string& path, const std::vector<data::Motif>& queries,
              const std::vector<data::Motif>& targets)
      : input_(path),
        queries_(queries),
        targets_(targets),
        query_numbers_(numbers_of(queries)),
        target_numbers_(numbers_of(targets)) {
    if (!next_row()) fail("is empty; give a table of explainn tomtom");
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto found = std::find(fields_->begin(), fields_->end(), kColumns[i]);
      if (found == fields_->end()) {
        fail("no column ", kColumns[i], "; give a table of explainn tomtom");
      }
      places_[i] = static_cast<std::size_t>(found - fields_->begin());
    }
    columns_ = fields_->size();
  }

  bool next(Match& match) {
    if (!next_row()) return false;
    if (fields_->size() != columns_) {
      fail(fields_->size(), " fields under a header of ", columns_);
    }
    match.query = number_of(query_numbers_, field(0), "query");
    match.target = number_of(target_numbers_, field(1), "target");
    match.offset = offset(match);
    if (field(3) != "+" && field(3) != "-") {
      fail("the orientation ", data::shown(field(3)), " is neither + nor -");
    }
    match.reversed = field(3) == "-";
    return true;
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    input_.fail(input_.line_number(), what...);
  }

  std::string_view field(std::size_t i) const { return (*fields_)[places_[i]]; }

  // Empty lines and comments are none.
  bool next_row() {
    std::string_view line;
    do {
      if (!input_.line(line)) return false;
    } while (line.empty() || line.front() == '#');
    fields_ = splitter_.split(line);
    if (fields_ == nullptr) fail("a quote is opened and never closed");
    return true;
  }

  std::size_t number_of(const Numbers& numbers, std::string_view id, const char* what) const {
    const auto found = numbers.find(id);
    if (found != numbers.end()) return found->second;
    fail("there is no ", what, " ", data::shown(id), "; give the files that were compared");
  }

  std::int64_t offset(const Match& match) const {
    const double value = data::parse_number(field(2)).value_or(0.5);
    const auto query = static_cast<double>(queries_[match.query].columns.size());
    const auto target = static_cast<double>(targets_[match.target].columns.size());
    if (-query < value && value < target &&
        value == static_cast<double>(static_cast<std::int64_t>(value))) {
      return static_cast<std::int64_t>(value);
    }
    fail("the offset ", data::shown(field(2)), " does not fit a query of ", query,
         " columns and a target of ", target);
  }

  data::InputStream input_;
  data::FieldSplitter splitter_{'\t'};
  const std::vector<std::string_view>* fields_ = nullptr;
  std::array<std::size_t, kColumns.size()> places_{};
  std::size_t columns_ = 0;
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
