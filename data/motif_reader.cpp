#include "data/motif_reader.h"

#include "data/motif_lines.h"

namespace explainn::data {

MotifFile read_motif_file(const std::string& path) {
  MotifLines lines(path);
  do {
    if (!lines.next_filled()) {
      lines.fail_whole("no motifs, the file is empty; give one in MEME or JASPAR format");
    }
  } while (lines.text().starts_with('#'));
  lines.put_back();
  return read_meme(lines);
}

}  // namespace explainn::data
