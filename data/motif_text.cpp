#include "data/motif_text.h"

#include <algorithm>
#include <cmath>

#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

bool is_blank_or_control(char letter) {
  const auto code = static_cast<unsigned char>(letter);
  return code <= ' ' || code == 0x7f;
}

bool is_control(char letter) {
  return letter != ' ' && is_blank_or_control(letter);
}

}  // namespace

double checked_sum(const std::array<double, 4>& row, const std::string& where) {
  double sum = 0;
  for (const double value : row) {
    require(std::isfinite(value) && value >= 0, "motif text", where, ": ", value,
            " is no probability");
    sum += value;
  }
  require(std::abs(sum - 1) <= kSumTolerance, "motif text", where, ": the probabilities sum to ",
          sum, " instead of 1");
  return sum;
}

std::array<std::int64_t, 4> apportion(const std::array<double, 4>& row, std::int64_t total,
                                      const std::string& where) {
  const double sum = checked_sum(row, where);
  std::array<std::int64_t, 4> whole{};
  std::array<double, 4> remainder{};
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  std::int64_t missing = total;
  for (std::size_t i = 0; i < 4; ++i) {
    const double scaled = row[i] / sum * static_cast<double>(total);
    whole[i] = static_cast<std::int64_t>(scaled);
    remainder[i] = scaled - static_cast<double>(whole[i]);
    missing -= whole[i];
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
  for (std::int64_t i = 0; i < missing; ++i) ++whole[order[static_cast<std::size_t>(i % 4)]];
  return whole;
}

std::string six_decimals(std::int64_t millionths) {
  const std::string digits = std::to_string(kMillion + millionths % kMillion);
  return cat(millionths / kMillion, ".", digits.substr(1));
}

void check_motif(const Motif& motif, std::set<std::string_view>& known) {
  const std::string& id = motif.id;
  require(!id.empty() && std::none_of(id.begin(), id.end(), is_blank_or_control) &&
              id.find('=') == std::string::npos,
          "motif text", "the motif id ", shown(id), " is empty or holds a blank or '='");
  require(known.insert(id).second, "motif text", "the motif id ", shown(id), " is given twice");
  require(std::none_of(motif.name.begin(), motif.name.end(), is_control), "motif text",
          "the motif name ", shown(motif.name), " holds a line break or control character");
  require(!motif.columns.empty(), "motif text", "motif ", shown(id), " has no columns");
  require(motif.sites >= 0 && motif.sites <= kMostSites, "motif text", "motif ", shown(id), ": ",
          motif.sites, " is no number of sites");
}

std::string column_place(const Motif& motif, std::size_t column) {
  return cat("motif ", shown(motif.id), ", column ", column + 1);
}

}  // namespace explainn::data
