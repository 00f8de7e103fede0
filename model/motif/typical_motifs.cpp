#include "model/motif/typical_motifs.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/base/philox.h"

namespace explainn::model {
namespace {

constexpr std::size_t kMotifs = 256;
constexpr std::size_t kColumns = 32;
// Of each fifty columns so many have one letter, or two.
constexpr std::uint64_t kFifty = 50;
constexpr std::uint64_t kOneLetter = 31;
constexpr std::uint64_t kTwoLetters = 38;

using Column = std::array<double, 4>;
using Uniform = std::array<double, 4>;

Uniform uniform(std::uint64_t column, std::uint32_t step) {
  Uniform values{};
  const PhiloxBlock words = philox(0, column, step, 0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = unit_interval(words[i]);
  return values;
}

// Gives `share` to the letters from `first` on (cyclically), in proportions that are drawn.
void spread(double share, std::size_t first, std::size_t letters, const Uniform& draws,
            Column& column) {
  constexpr double kLeast = 0.2;  // or some letter would nearly always be next to none
  double sum = 0;
  for (std::size_t i = 0; i < letters; ++i) sum += kLeast + draws[i];
  for (std::size_t i = 0; i < letters; ++i) {
    column[(first + i) % 4] = share * (kLeast + draws[i]) / sum;
  }
}

Column column_of(std::uint64_t number) {
  const Uniform shape = uniform(number, 0);
  const Uniform draws = uniform(number, 1);
  const auto letter = static_cast<std::size_t>(4 * shape[1]);
  Column column{};
  const std::uint64_t kind = number % kFifty;
  if (kind < kOneLetter) {
    column[letter] = 1 - 0.3 * std::pow(shape[0], 2.5);
    spread(1 - column[letter], letter + 1, 3, draws, column);
  } else if (kind < kTwoLetters) {
    const double both = 0.8 + 0.19 * shape[0];
    const std::size_t other = 1 + static_cast<std::size_t>(3 * shape[2]);
    spread(1 - both, letter, 4, draws, column);
    const double part = 0.5 + 0.2 * shape[3];
    column[letter] += both * part;
    column[(letter + other) % 4] += both * (1 - part);
  } else {
    spread(1, 0, 4, draws, column);
  }
  return column;
}

}  // namespace

const std::vector<data::Motif>& typical_motifs() {
  static const std::vector<data::Motif> motifs = [] {
    std::vector<data::Motif> made(kMotifs);
    for (std::size_t m = 0; m < kMotifs; ++m) {
      made[m].id = "typical" + std::to_string(m);
      for (std::size_t k = 0; k < kColumns; ++k) {
        made[m].columns.push_back(column_of(m * kColumns + k));
      }
    }
    return made;
  }();
  return motifs;
}

}  // namespace explainn::model
