// TRANSFAC's flat files, as JASPAR and others write them too: lines that begin with a code of two
// letters, a matrix of counts with a position in each row, `//` behind every motif.
#include <optional>

#include "data/motif_blocks.h"
#include "data/motif_lines.h"
#include "data/motif_reader.h"

namespace explainn::data {
namespace {

bool is_matrix_title(const MotifLines& lines) {
  const std::string_view code = lines.words().front();
  return (code == "P0" || code == "PO") && lines.words().size() >= 5;
}

/// `01 1 2 3 4 A`: the position, four counts, and perhaps a letter of the consensus.
void add_row(const MotifLines& lines, MotifBlock& block) {
  const auto& words = lines.words();
  if (words.size() != 5 && words.size() != 6) {
    lines.fail("a row of a matrix must be 'position A C G T consensus', not ", shown(lines.text()));
  }
  if (block.rows.size() == kMostMotifColumns) {
    lines.fail("a matrix of more than ", kMostMotifColumns, " rows, this is no motif");
  }
  MotifRow row;
  row.line = lines.number();
  for (std::size_t i = 1; i < 5; ++i) row.values.push_back(lines.parse(words[i]));
  block.rows.push_back(std::move(row));
}

/// The matrix from its title on, up to the first line that does not begin with a position.
void read_rows(MotifLines& lines, MotifBlock& block) {
  if (!block.rows.empty()) lines.fail("a second matrix of motif ", shown(block.id));
  const auto& title = lines.words();
  if (!is_base_title({title.begin(), title.begin() + 5})) {
    lines.fail("the columns of a matrix must be A C G T, not ", shown(lines.text()));
  }
  bool more = lines.next();
  for (; more && lines.is_row(); more = lines.next()) add_row(lines, block);
  if (more) lines.put_back();
}

/// What the lines of one motif say, by their codes.
struct Entry {
  std::string accession;    ///< AC
  std::string id;           ///< ID, the whole line
  std::string name;         ///< NA, the whole line
  std::string description;  ///< DE, the first word
  MotifBlock block;
  std::int64_t matrix_line = 0;
};

std::string first_word(const std::string& text) {
  return text.substr(0, text.find_first_of(" \t"));
}

/// The id is the first of accession, id, name and description that there is; the name is the next
/// of id and name.
void name_block(Entry& entry) {
  MotifBlock& block = entry.block;
  if (!entry.accession.empty()) {
    block.id = entry.accession;
    block.name = entry.id.empty() ? entry.name : entry.id;
  } else if (!entry.id.empty()) {
    block.id = first_word(entry.id);
    block.name = entry.name;
  } else {
    block.id = entry.name.empty() ? entry.description : first_word(entry.name);
  }
}

void close(Entry& entry, std::vector<MotifBlock>& blocks, const MotifLines& lines) {
  if (entry.matrix_line > 0) {
    MotifBlock& block = entry.block;
    if (block.rows.empty()) lines.fail_in(entry.matrix_line, "a matrix without rows");
    block.line = entry.matrix_line;
    block.titled = true;
    name_block(entry);
    blocks.push_back(std::move(block));
  }
  entry = {};
}

/// The line behind its code.
std::string_view rest_of(const MotifLines& lines) {
  if (lines.words().size() < 2) return {};
  const std::string_view text = lines.text();
  return text.substr(static_cast<std::size_t>(lines.words()[1].data() - text.data()));
}

}  // namespace

MotifFile read_transfac(MotifLines& lines) {
  std::vector<MotifBlock> blocks;
  Entry entry;
  while (lines.next_filled()) {
    const auto& words = lines.words();
    const std::string_view code = words.front();
    const std::string_view value = words.size() > 1 ? words[1] : std::string_view();
    if (code == "//") {
      close(entry, blocks, lines);
    } else if (code == "AC") {
      entry.accession = value;
    } else if (code == "ID") {
      entry.id = rest_of(lines);
    } else if (code == "NA") {
      entry.name = rest_of(lines);
    } else if (code == "DE") {
      entry.description = value;
    } else if (is_matrix_title(lines)) {
      entry.matrix_line = lines.number();
      read_rows(lines, entry.block);
    }
  }
  close(entry, blocks, lines);
  if (blocks.empty()) lines.fail_whole("no matrix in this file of TRANSFAC's form");
  return motifs_of(blocks, lines);
}

}  // namespace explainn::data
