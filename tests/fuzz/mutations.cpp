#include "tests/fuzz/mutations.h"

#include <algorithm>
#include <array>

namespace explainn::fuzz {
namespace {

constexpr std::string_view kNumberLetters = "0123456789.+-eE";

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

/// A line with its end.
Range some_line(const std::string& text, Random& random) {
  const std::size_t at = random.below(text.size());
  Range line;
  line.begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  line.end = std::min(text.find('\n', at), text.size() - 1) + 1;
  return line;
}

/// Bytes anywhere, more often few than many.
Range some_bytes(const std::string& text, Random& random) {
  const std::size_t begin = random.below(text.size());
  const std::size_t most = random.below(2) == 0 ? 8 : text.size();
  return {begin, std::min(text.size(), begin + 1 + random.below(most))};
}

/// The number at or behind a random place; empty if there is none.
Range some_number(const std::string& text, Random& random) {
  const std::size_t digit = text.find_first_of("0123456789", random.below(text.size()));
  if (digit == std::string::npos) return {};
  const std::size_t before = text.find_last_not_of(kNumberLetters, digit);
  const std::size_t after = text.find_first_not_of(kNumberLetters, digit);
  return {before == std::string::npos ? 0 : before + 1, std::min(after, text.size())};
}

void change_byte(std::string& text, Random& random) {
  text[random.below(text.size())] ^= static_cast<char>(1U << random.below(8));
}

void insert_byte(std::string& text, Random& random) {
  const auto byte = static_cast<char>(random.below(256));
  text.insert(random.below(text.size() + 1), 1, byte);
}

void erase(std::string& text, Range range) {
  text.erase(range.begin, range.size());
}

void move_copy(std::string& text, Range range, bool keep, std::size_t place) {
  const std::string piece = text.substr(range.begin, range.size());
  if (!keep) erase(text, range);
  text.insert(std::min(place, text.size()), piece);
}

void change_number(std::string& text, Random& random) {
  constexpr std::array<const char*, 22> kNumbers{"0",      "1",
                                                 "2",      "4",
                                                 "1000",   "1001",
                                                 "-1",     "0.25",
                                                 "0.1",    "0.9",
                                                 "1.1",    "1e-5",
                                                 "1e99",   "1e999",
                                                 "1e-999", "nan",
                                                 "-inf",   "0x1",
                                                 "1e308",  "-0.0",
                                                 "+0.5",   "18446744073709551616"};
  const Range number = some_number(text, random);
  if (number.size() == 0) return;
  text.replace(number.begin, number.size(), kNumbers[random.below(kNumbers.size())]);
}

void splice(std::string& text, const std::string& other, Random& random) {
  if (other.empty()) return;
  if (random.below(2) == 0) {  // the front of one, the end of another, at their lines
    text.resize(some_line(text, random).begin);
    text += other.substr(some_line(other, random).begin);
  } else {
    const Range piece = some_bytes(other, random);
    text.insert(random.below(text.size() + 1), other, piece.begin, piece.size());
  }
}

void change(std::string& text, const std::vector<std::string>& samples,
            const std::vector<std::string>& dictionary, Random& random) {
  switch (random.below(10)) {
    case 0:
      return change_byte(text, random);
    case 1:
      return insert_byte(text, random);
    case 2:
      return erase(text, some_bytes(text, random));
    case 3:
      return erase(text, some_line(text, random));
    case 4: {  // a line twice, or elsewhere
      const Range line = some_line(text, random);
      const std::size_t place = some_line(text, random).begin;
      return move_copy(text, line, random.below(2) == 0, place);
    }
    case 5:
      return splice(text, random.one_of(samples), random);
    case 6:
      return text.resize(random.below(text.size() + 1));
    case 7: {
      const std::string& word = random.one_of(dictionary);
      const std::size_t place =
          random.below(2) == 0 ? some_line(text, random).begin : random.below(text.size() + 1);
      text.insert(place, word);
      return;
    }
    default:
      return change_number(text, random);
  }
}

}  // namespace

std::string mutated(const std::vector<std::string>& samples,
                    const std::vector<std::string>& dictionary, Random& random) {
  constexpr std::size_t kLongest = std::size_t{1} << 16;
  std::string text = random.one_of(samples);
  for (std::size_t left = 1 + random.below(8); left > 0; --left) {
    if (text.empty()) text = random.one_of(samples);
    change(text, samples, dictionary, random);
  }
  text.resize(std::min(text.size(), kLongest));
  return text;
}

}  // namespace explainn::fuzz
