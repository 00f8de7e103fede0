#include "data/motif_reader.h"

#include <algorithm>

#include "data/motif_lines.h"

namespace explainn::data {
namespace {

bool begins_transfac(const MotifLines& lines) {
  constexpr std::array<std::string_view, 7> kCodes{"AC", "ID", "VV", "XX", "DE", "NA", "//"};
  return std::find(kCodes.begin(), kCodes.end(), lines.words().front()) != kCodes.end();
}

bool begins_meme(const MotifLines& lines) {
  // MEME and STREME print a row of stars first.
  constexpr std::array<std::string_view, 6> kStarts{"MEME",     "****",       "MOTIF",
                                                    "ALPHABET", "Background", "letter-probability"};
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return lines.text().starts_with(start); });
}

bool begins_matrix(const MotifLines& lines) {
  return lines.is_row() || is_base_title(lines.words()) || leading_base(lines.text());
}

}  // namespace

MotifFile read_motif_file(const std::string& path) {
  MotifLines lines(path);
  do {
    if (!lines.next_filled()) lines.fail_whole("no motifs, this file is empty");
  } while (lines.text().starts_with('#'));
  lines.put_back();
  if (lines.text().starts_with('>')) return read_motif_blocks(lines);
  if (begins_meme(lines)) return read_meme(lines);
  if (begins_transfac(lines)) return read_transfac(lines);
  if (begins_matrix(lines)) return read_bare_matrix(lines);
  if (lines.text().starts_with('<')) {
    lines.fail("this is XML or HTML; give the text output (meme.txt, dreme.txt, streme.txt)");
  }
  lines.fail("a file of motifs begins with 'MEME version 4', with '>id' (JASPAR), with TRANSFAC's ",
             "AC or ID, or is a matrix of numbers; this line is ", shown(lines.text()));
}

}  // namespace explainn::data
