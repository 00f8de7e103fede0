#include "data/motif_blocks.h"

#include <algorithm>
#include <cmath>

namespace explainn::data {
namespace {

using Column = std::array<double, 4>;

constexpr double kFewestCounts = 2;

enum class Rows { letters, positions, either };

/// True if the sums are the same but for rounding.
bool are_even(const std::vector<double>& sums) {
  const auto [least, most] = std::minmax_element(sums.begin(), sums.end());
  return *most > 0 && *most - *least <= 0.01 * *most;
}

std::vector<double> column_sums(const std::vector<Column>& columns) {
  std::vector<double> sums;
  sums.reserve(columns.size());
  for (const Column& column : columns) {
    sums.push_back(column[0] + column[1] + column[2] + column[3]);
  }
  return sums;
}

std::vector<Column> columns_of(const MotifBlock& block, Rows rows) {
  const std::size_t width = rows == Rows::letters ? block.rows[0].values.size() : block.rows.size();
  std::vector<Column> columns(width);
  for (std::size_t i = 0; i < block.rows.size(); ++i) {
    const MotifRow& row = block.rows[i];
    for (std::size_t k = 0; k < row.values.size(); ++k) {
      if (rows == Rows::letters) {
        columns[k][row.letter.value_or(i)] = row.values[k];
      } else {
        columns[i][k] = row.values[k];
      }
    }
  }
  return columns;
}

/// What the rows of a block are. Four rows of four numbers are told by their sums, which are the
/// same for each position.
Rows meaning(const MotifBlock& block, const MotifLines& lines) {
  const std::size_t height = block.rows.size();
  const std::size_t width = block.rows[0].values.size();
  if (block.titled) return Rows::positions;
  if (block.rows[0].letter) {
    std::array<bool, 4> seen{};
    for (const MotifRow& row : block.rows) {
      if (seen[*row.letter]) {
        lines.fail_in(row.line, "a second row of the letter ", "ACGT"[*row.letter]);
      }
      seen[*row.letter] = true;
    }
    if (height == 4) return Rows::letters;
  } else if (height == 4 && width == 4) {
    const bool letters = are_even(column_sums(columns_of(block, Rows::letters)));
    const bool positions = are_even(column_sums(columns_of(block, Rows::positions)));
    if (letters == positions) return Rows::either;
    return letters ? Rows::letters : Rows::positions;
  } else if (height == 4 || width == 4) {
    return height == 4 ? Rows::letters : Rows::positions;
  }
  lines.fail_in(block.rows[0].line, "motif ", shown(block.id), " has ", height, " rows of ", width,
                " numbers; it needs four rows, A C G T, or four numbers a row");
}

/// Counts become probabilities, and the largest sum of a column the number of sites.
void add_motif(const MotifBlock& block, Rows rows, const MotifLines& lines, MotifList& list) {
  Motif& motif = list.begin(block.id, block.name, block.line);
  motif.columns = columns_of(block, rows);
  const std::vector<double> sums = column_sums(motif.columns);
  const double most = *std::max_element(sums.begin(), sums.end());
  const bool counts = most >= kFewestCounts;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const auto fail = [&](const char* what) {
      lines.fail_in(rows == Rows::positions ? block.rows[c].line : block.line, "column ", c + 1,
                    " of motif ", shown(block.id), " sums to ", sums[c], what);
    };
    if (!std::isfinite(sums[c])) fail(", which is too much");
    if (counts && sums[c] <= 0) fail(", so it tells nothing; take it out");
    if (counts) {
      for (double& value : motif.columns[c]) value /= sums[c];
    } else if (std::abs(sums[c] - 1) > kMostSumError) {
      fail("; probabilities sum to 1, counts of sites to 2 or more");
    } else {
      motif.columns[c] = distribution(motif.columns[c]);
    }
  }
  if (counts) list.set_sites(most);
}

}  // namespace

MotifFile motifs_of(const std::vector<MotifBlock>& blocks, const MotifLines& lines) {
  std::vector<Rows> meanings;
  meanings.reserve(blocks.size());
  for (const MotifBlock& block : blocks) meanings.push_back(meaning(block, lines));
  // What cannot be told by itself is as the others of the file, or as JASPAR has it.
  const auto some = [&](Rows rows) {
    return std::find(meanings.begin(), meanings.end(), rows) != meanings.end();
  };
  const bool positions = some(Rows::positions) && !some(Rows::letters);
  MotifList list(lines);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Rows usual = positions ? Rows::positions : Rows::letters;
    add_motif(blocks[i], meanings[i] == Rows::either ? usual : meanings[i], lines, list);
  }
  MotifFile file;
  file.motifs = list.take();
  return file;
}

}  // namespace explainn::data
