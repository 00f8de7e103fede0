// What the readers of motif files share: lines cut into words, rows of numbers, checked motifs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/input_stream.h"
#include "data/motif_file.h"

namespace explainn::data {

/// A line after the other, without blanks around it.
class MotifLines {
 public:
  explicit MotifLines(const std::string& path);

  /// Moves on; false after the last line. Throws Error for control characters and lines beyond
  /// 1 MiB.
  bool next();
  /// The next call of next() gives this line once more.
  void put_back() { input_.put_back(); }
  /// Moves on to the next line that is not blank.
  bool next_filled();

  std::string_view text() const { return text_; }
  /// The line cut at blanks; views that hold until next() is called.
  const std::vector<std::string_view>& words() const { return words_; }
  std::int64_t number() const { return input_.line_number(); }
  /// The path as messages show it.
  const std::string& name() const { return input_.source().name(); }
  bool is_standard_input() const { return is_standard_input_; }
  /// Throws Error "<file>:<this line>: <what>".
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    input_.fail(number(), what...);
  }
  /// Throws Error "<file>:<line>: <what>".
  template <typename... Parts>
  [[noreturn]] void fail_in(std::int64_t line, const Parts&... what) const {
    input_.fail(line, what...);
  }
  /// Throws Error "<file>: <what>".
  template <typename... Parts>
  [[noreturn]] void fail_whole(const Parts&... what) const {
    input_.fail(0, what...);
  }

  /// True if the line begins with a number (nan and inf are such), so that it is meant as a row.
  bool is_row() const;
  /// A word as a finite number that is not negative. Throws Error for any other.
  double parse(std::string_view word) const;
  /// Such numbers with blanks between.
  std::vector<double> parse_numbers(std::string_view text) const;

 private:
  InputStream input_;
  bool is_standard_input_;
  std::string_view text_;
  std::vector<std::string_view> words_;
};

/// 0..3 for A C G T (or U) in either case, if `text` is one of these letters.
std::optional<std::size_t> base_index(std::string_view text);
/// The same for the letter that a row like "A [ 1 2 3 ]" begins with.
std::optional<std::size_t> leading_base(std::string_view text);
/// True for the words A C G T, or these behind another word.
bool is_base_title(const std::vector<std::string_view>& words);

/// How far from 1 probabilities may sum to be taken, divided by their sum, as rounded ones.
inline constexpr double kMostSumError = 0.1;

/// Probabilities as they are, if they sum to 1 within kSumTolerance, else divided by their sum.
std::array<double, 4> distribution(const std::array<double, 4>& values);
/// The same; throws Error at the current line, calling them `what`, beyond kMostSumError.
std::array<double, 4> checked_distribution(const std::array<double, 4>& values,
                                           const MotifLines& lines, std::string_view what);

/// The motifs of a file as they come, each with the line it begins at.
class MotifList {
 public:
  explicit MotifList(const MotifLines& lines) : lines_(lines) {}

  /// Begins a motif at `line`; its name ends at the first tab. Throws Error if the id is empty,
  /// holds '=' or is given already.
  Motif& begin(std::string_view id, std::string_view name, std::int64_t line);
  bool empty() const { return motifs_.empty(); }
  Motif& last() { return motifs_.back(); }
  const Motif& last() const { return motifs_.back(); }
  /// Adds a column to the last motif. Throws Error beyond kMostMotifColumns.
  void add_column(const std::array<double, 4>& column);
  /// The number of sites of the last motif. Throws Error beyond kMostSites.
  void set_sites(double sites);
  std::vector<Motif> take() { return std::move(motifs_); }

 private:
  const MotifLines& lines_;
  std::vector<Motif> motifs_;
  std::map<std::string, std::int64_t, std::less<>> line_of_;
};

// The readers of each form; what they are given stands before the first line.
MotifFile read_meme(MotifLines& lines);
MotifFile read_motif_blocks(MotifLines& lines);
MotifFile read_bare_matrix(MotifLines& lines);
MotifFile read_transfac(MotifLines& lines);

}  // namespace explainn::data
