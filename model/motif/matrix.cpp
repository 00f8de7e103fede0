#include "model/motif/matrix.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

using Column = std::array<double, 4>;

constexpr Column kUniform{0.25, 0.25, 0.25, 0.25};

double bits_of(const Column& column, const Column& background) {
  double bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (column[i] > 0) bits += column[i] * std::log2(column[i] / background[i]);
  }
  return bits;
}

}  // namespace

std::vector<double> information_content(const data::Motif& motif, const Column& background) {
  for (const double frequency : background) {
    require(frequency > 0 && std::isfinite(frequency), "information_content", frequency,
            " is no frequency of a background, all must be above 0");
  }
  std::vector<double> bits;
  bits.reserve(motif.columns.size());
  for (const Column& column : motif.columns) bits.push_back(bits_of(column, background));
  return bits;
}

data::Motif reverse_complement(const data::Motif& motif) {
  data::Motif out = motif;
  std::reverse(out.columns.begin(), out.columns.end());
  for (Column& column : out.columns) std::reverse(column.begin(), column.end());
  return out;
}

std::string consensus(const data::Motif& motif) {
  std::string letters;
  letters.reserve(motif.columns.size());
  for (const Column& column : motif.columns) {
    std::size_t best = 0;
    auto most = static_cast<float>(column[0]);
    for (std::size_t i = 1; i < 4; ++i) {
      if (column[i] <= static_cast<double>(most)) continue;
      best = i;
      most = static_cast<float>(column[i]);
    }
    letters += "ACGT"[best];
  }
  return letters;
}

std::string iupac_consensus(const data::Motif& motif) {
  constexpr std::string_view kCodes = "-ACMGRSVTWYHKDBN";  // index: bits A 1, C 2, G 4, T 8
  std::string letters;
  letters.reserve(motif.columns.size());
  for (const Column& p : motif.columns) {
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
    const double first = p[order[0]];
    const double second = p[order[1]];
    std::size_t count = 4;
    if (first > 0.5 && first > 2 * second) {
      count = 1;
    } else if (first + second > 0.75) {
      count = 2;
    } else if (p[order[3]] == 0) {
      count = 3;
    }
    std::size_t code = 0;
    for (std::size_t i = 0; i < count; ++i) code |= std::size_t{1} << order[i];
    letters += kCodes[code];
  }
  return letters;
}

double total_information(const data::Motif& motif) {
  const std::vector<double> bits = information_content(motif, kUniform);
  return std::accumulate(bits.begin(), bits.end(), 0.0);
}

data::Motif trim(const data::Motif& motif, double bits) {
  const auto informative = [bits](const Column& column) {
    return bits_of(column, kUniform) >= bits;
  };
  const auto& columns = motif.columns;
  const auto first = std::find_if(columns.begin(), columns.end(), informative);
  const auto last = std::find_if(columns.rbegin(), columns.rend(), informative).base();
  data::Motif out = motif;
  out.columns.clear();
  if (first < last) out.columns.assign(first, last);
  return out;
}

data::Motif resize(const data::Motif& motif, std::int64_t width) {
  require(width >= 1, "resize", "a motif of ", width, " columns is none");
  const auto have = static_cast<std::int64_t>(motif.columns.size());
  data::Motif out = motif;
  out.columns.assign(static_cast<std::size_t>(width), kUniform);
  const std::int64_t kept = std::min(have, width);
  std::copy_n(motif.columns.begin() + (have - kept) / 2, kept,
              out.columns.begin() + (width - kept) / 2);
  return out;
}

}  // namespace explainn::model
