// MEME's formats: the minimal one, and the text that MEME, DREME and STREME print, in which motif
// lines and matrices stand far apart, with much else between.
#include <algorithm>
#include <optional>

#include "data/motif_keys.h"
#include "data/motif_lines.h"
#include "data/motif_reader.h"

namespace explainn::data {
namespace {

constexpr std::string_view kMatrix = "letter-probability matrix";
constexpr std::string_view kBackground = "Background letter frequencies";

/// The line of an alphabet's definition without what stands in quotes.
std::string unquoted(std::string_view text) {
  std::string out;
  bool inside = false;
  for (const char letter : text) {
    if (letter == '"') inside = !inside;
    if (!inside && letter != '"') out += letter;
  }
  return out;
}

class MemeReader {
 public:
  explicit MemeReader(MotifLines& lines) : lines_(lines), list_(lines) {}

  MotifFile read() {
    while (lines_.next()) read_line();
    if (!seen_version_) lines_.fail_whole("no line 'MEME version 4', this is no MEME file");
    check_last_motif();
    file_.motifs = list_.take();
    return std::move(file_);
  }

 private:
  void read_line();
  void read_alphabet();
  void read_alphabet_block();
  void check_alphabet(std::string_view letters) const;
  void read_background();
  void begin_motif();
  void check_last_motif() const;
  void read_matrix();
  std::optional<std::size_t> read_matrix_line();
  void check_what_follows();

  MotifLines& lines_;
  MotifList list_;
  MotifFile file_;
  bool seen_version_ = false;
  std::int64_t motif_line_ = 0;
};

void MemeReader::read_line() {
  if (lines_.words().empty()) return;
  const std::string_view text = lines_.text();
  const std::string_view first = lines_.words().front();
  if (text.starts_with("MEME version")) {
    seen_version_ = true;
  } else if (first == "ALPHABET" || first.starts_with("ALPHABET=")) {
    read_alphabet();
  } else if (text.starts_with(kBackground)) {
    read_background();
  } else if (first == "MOTIF") {
    begin_motif();
  } else if (text.starts_with(kMatrix)) {
    read_matrix();
  }
}

void MemeReader::check_alphabet(std::string_view letters) const {
  if (letters == "ACGT" || letters == "ACGU" || letters == "acgt" || letters == "acgu") return;
  lines_.fail("the alphabet ", shown(letters), " is not that of DNA; only ACGT (or ACGU) is read");
}

void MemeReader::read_alphabet() {
  std::string_view rest = lines_.text().substr(std::string_view("ALPHABET").size());
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t")));
  if (!rest.starts_with('=')) {
    read_alphabet_block();
    return;
  }
  rest.remove_prefix(1);
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t")));
  check_alphabet(rest);
}

void MemeReader::read_alphabet_block() {
  std::string core;
  while (lines_.next()) {
    if (lines_.text().starts_with("END ALPHABET")) {
      std::sort(core.begin(), core.end());
      check_alphabet(core);
      return;
    }
    if (lines_.text().starts_with('#')) continue;
    std::string text = unquoted(lines_.text());
    if (text.find('=') != std::string::npos) continue;  // stands for others
    // A letter, or two that pair: A ~ T.
    for (std::size_t at = 0; at < text.size(); ++at) {
      at = text.find_first_not_of(" \t", at);
      if (at == std::string::npos) break;
      core += text[at];
      at = text.find('~', at);
      if (at == std::string::npos) break;
    }
  }
  lines_.fail("the alphabet is not closed by 'END ALPHABET'");
}

void MemeReader::read_background() {
  std::array<double, 4> frequencies{};
  std::array<bool, 4> given{};
  while (std::find(given.begin(), given.end(), false) != given.end()) {
    if (!lines_.next_filled()) lines_.fail("the background is cut off");
    const auto& words = lines_.words();
    for (std::size_t i = 0; i < words.size(); i += 2) {
      const std::optional<std::size_t> letter = base_index(words[i]);
      if (!letter || given[*letter] || i + 1 == words.size()) {
        lines_.fail("the background must be given as 'A 0.25 C 0.25 G 0.25 T 0.25', not as ",
                    shown(lines_.text()));
      }
      given[*letter] = true;
      frequencies[*letter] = lines_.parse(words[i + 1]);
      if (frequencies[*letter] <= 0) lines_.fail("a frequency of 0 in the background");
    }
  }
  // Of several files behind each other, the first counts.
  if (file_.background_given) return;
  file_.background = checked_distribution(frequencies, lines_, "the background");
  file_.background_given = true;
}

void MemeReader::begin_motif() {
  check_last_motif();
  if (!seen_version_) lines_.fail("a motif before the line 'MEME version 4', put that first");
  const auto& words = lines_.words();
  if (words.size() < 2) lines_.fail("a motif without an id, write 'MOTIF id name'");
  // What MEME prints goes on with "width = 15 sites = 17 ..", some versions behind a tab.
  const std::vector<MotifKey> keys = keys_of(lines_.text());
  const std::optional<std::string_view> sites = find_key(keys, "sites");
  const bool printed = sites && find_key(keys, "width") && find_key(keys, "llr");
  std::string_view name;
  if (words.size() > 2) {
    name = lines_.text().substr(static_cast<std::size_t>(words[2].data() - lines_.text().data()));
    if (printed) name = name.substr(0, name.find("width"));
  }
  list_.begin(words[1], name, lines_.number());
  motif_line_ = lines_.number();
  if (printed) list_.set_sites(lines_.parse(*sites));
}

void MemeReader::check_last_motif() const {
  if (list_.empty() || !list_.last().columns.empty()) return;
  lines_.fail_in(motif_line_, "motif ", shown(list_.last().id), " has no ", kMatrix);
}

std::optional<std::size_t> MemeReader::read_matrix_line() {
  std::string_view rest = lines_.text().substr(kMatrix.size());
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const std::vector<MotifKey> keys = keys_of(rest);
  if (const auto letters = find_key(keys, "alength"); letters && lines_.parse(*letters) != 4) {
    lines_.fail("alength= ", *letters, ": only motifs of DNA are read, with four letters");
  }
  if (const auto sites = find_key(keys, "nsites")) list_.set_sites(lines_.parse(*sites));
  const auto width = find_key(keys, "w");
  if (!width) return std::nullopt;
  const double value = lines_.parse(*width);
  if (value < 1 || value > static_cast<double>(kMostMotifColumns) ||
      value != static_cast<double>(static_cast<std::size_t>(value))) {
    lines_.fail("w= ", *width, ": a width must be a whole number from 1 to ", kMostMotifColumns);
  }
  return static_cast<std::size_t>(value);
}

void MemeReader::read_matrix() {
  if (list_.empty()) lines_.fail("a matrix before any line 'MOTIF id name'");
  if (!list_.last().columns.empty()) {
    lines_.fail("a second matrix of motif ", shown(list_.last().id));
  }
  const std::optional<std::size_t> width = read_matrix_line();
  const auto& columns = list_.last().columns;
  bool more = lines_.next_filled();
  for (; more && lines_.is_row(); more = lines_.next()) {
    if (width && columns.size() == *width) {
      lines_.fail("more than the ", *width, " rows that w= of motif ", shown(list_.last().id),
                  " tells");
    }
    const std::vector<double> row = lines_.parse_numbers(lines_.text());
    if (row.size() != 4) lines_.fail(row.size(), " numbers in a row instead of 4: A C G T");
    list_.add_column(checked_distribution({row[0], row[1], row[2], row[3]}, lines_, "this row"));
  }
  if (columns.empty() || (width && columns.size() < *width)) {
    lines_.fail("the matrix of motif ", shown(list_.last().id), " ends here after ", columns.size(),
                " rows", width ? cat(" instead of ", *width) : "");
  }
  if (more) check_what_follows();
}

/// A blank line ended the matrix or something that is no row; other rows behind a blank line were
/// meant to belong to it.
void MemeReader::check_what_follows() {
  if (lines_.text().empty()) {
    if (!lines_.next_filled()) return;
    if (lines_.is_row() && lines_.words().size() == 4) {
      lines_.fail("a row of numbers behind the blank line that ended the matrix of motif ",
                  shown(list_.last().id));
    }
  }
  lines_.put_back();
}

}  // namespace

MotifFile read_meme(MotifLines& lines) {
  return MemeReader(lines).read();
}

}  // namespace explainn::data
