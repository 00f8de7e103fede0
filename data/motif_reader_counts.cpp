// Matrices of counts or probabilities: JASPAR's forms, HOCOMOCO's and HOMER's, and bare matrices.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "data/motif_blocks.h"
#include "data/motif_lines.h"
#include "data/motif_reader.h"

namespace explainn::data {
namespace {

/// "A [ 1 2 3 ]", "A: 1 2 3", "A | 1 2 3" or the numbers alone.
MotifRow parse_row(const MotifLines& lines) {
  MotifRow row;
  row.line = lines.number();
  std::string_view text = lines.text();
  const auto skip = [&](std::size_t count) {
    text.remove_prefix(count);
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t")));
  };
  row.letter = leading_base(text);
  if (row.letter) {
    skip(1);
    if (text.starts_with(':') || text.starts_with('|') || text.starts_with('=')) skip(1);
  }
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) lines.fail("'[' without ']' at the end of the line");
    text.remove_suffix(1);
    skip(1);
  }
  row.values = lines.parse_numbers(text);
  if (row.values.empty()) lines.fail("a row without numbers");
  if (row.values.size() > kMostMotifColumns) {
    lines.fail("a row of more than ", kMostMotifColumns, " numbers, this is no motif");
  }
  return row;
}

void add_row(const MotifLines& lines, MotifBlock& block) {
  MotifRow row = parse_row(lines);
  if (block.titled) {
    // The position's number may come first.
    if (row.values.size() == 5) row.values.erase(row.values.begin());
    if (row.values.size() != 4 || row.letter) {
      lines.fail("under a line 'A C G T', a row must have four numbers");
    }
  } else if (!block.rows.empty()) {
    const MotifRow& before = block.rows.back();
    if (row.values.size() != before.values.size()) {
      lines.fail(row.values.size(), " numbers in this row, but ", before.values.size(),
                 " in the one before");
    }
    if (row.letter.has_value() != before.letter.has_value()) {
      lines.fail("either all rows of a matrix begin with their letter or none");
    }
  }
  if (block.rows.size() == kMostMotifColumns) {
    lines.fail("a matrix of more than ", kMostMotifColumns, " rows, this is no motif");
  }
  block.rows.push_back(std::move(row));
}

/// The rows from the current line to the next blank one, `>`, or the end. False at the end.
bool read_rows(MotifLines& lines, MotifBlock& block) {
  bool more = true;
  for (; more && !lines.text().empty() && !lines.text().starts_with('>'); more = lines.next()) {
    if (lines.text().starts_with('#')) continue;
    if (block.rows.empty() && !block.titled && is_base_title(lines.words())) {
      block.titled = true;
    } else {
      add_row(lines, block);
    }
  }
  if (more && lines.text().empty()) more = lines.next_filled();
  if (more && !lines.text().starts_with('>') && !lines.text().starts_with('#')) {
    lines.fail("more text behind a blank line, which ends a motif; begin each one with '>id'");
  }
  return more;
}

/// The file's name without folders and what follows the first point, fit for an id.
std::string id_from_path(const std::string& path) {
  std::string id = std::filesystem::path(path).filename().string();
  id = id.substr(0, id.find('.', 1));
  std::replace_if(
      id.begin(), id.end(),
      [](char letter) { return static_cast<unsigned char>(letter) <= ' ' || letter == '='; }, '_');
  return id.empty() ? "motif" : id;
}

}  // namespace

MotifFile read_motif_blocks(MotifLines& lines) {
  std::vector<MotifBlock> blocks;
  bool more = lines.next_filled();
  while (more) {
    if (!lines.text().starts_with('>')) {
      more = lines.next_filled();  // a comment
      continue;
    }
    MotifBlock block;
    block.line = lines.number();
    std::string_view title = lines.text().substr(1);
    title.remove_prefix(std::min(title.size(), title.find_first_not_of(" \t")));
    block.id = title.substr(0, title.find_first_of(" \t"));
    title.remove_prefix(block.id.size());
    title.remove_prefix(std::min(title.size(), title.find_first_not_of(" \t")));
    block.name = title;
    more = lines.next_filled() && read_rows(lines, block);
    if (block.rows.empty()) lines.fail_in(block.line, "no matrix follows the id ", shown(block.id));
    blocks.push_back(std::move(block));
  }
  return motifs_of(blocks, lines);
}

MotifFile read_bare_matrix(MotifLines& lines) {
  MotifBlock block;
  block.id = lines.is_standard_input() ? "motif" : id_from_path(lines.name());
  lines.next_filled();
  block.line = lines.number();
  const bool more = read_rows(lines, block);
  if (block.rows.empty()) lines.fail("a matrix without rows");
  if (more) {
    lines.fail("a second motif, but the first had no '>id'; begin each one with such a line");
  }
  return motifs_of({block}, lines);
}

}  // namespace explainn::data
