#include "data/dinucleotide_shuffle.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/base/philox.h"

namespace explainn::data {
namespace {

constexpr std::size_t kLetters = 5;

// The random numbers of one sequence.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t number) : seed_(seed), number_(number) {}

  // Uniform in 0 .. count - 1, without bias (Lemire 2019). Requires count > 0.
  std::size_t below(std::size_t count) {
    const auto bound = static_cast<std::uint32_t>(count);
    const std::uint32_t least = (0U - bound) % bound;
    std::uint64_t product = std::uint64_t{word()} * bound;
    while (static_cast<std::uint32_t>(product) < least) product = std::uint64_t{word()} * bound;
    return static_cast<std::size_t>(product >> 32);
  }

 private:
  std::uint32_t word() {
    if (used_ == block_.size()) {
      const std::uint64_t counter = (number_ >> 32 << 32) | drawn_++;
      block_ = philox(seed_, counter, static_cast<std::uint32_t>(number_),
                      static_cast<std::uint32_t>(Stream::sequence_shuffle));
      used_ = 0;
    }
    return block_[used_++];
  }

  std::uint64_t seed_;
  std::uint64_t number_;
  std::uint32_t drawn_ = 0;
  PhiloxBlock block_{};
  std::size_t used_ = block_.size();
};

// The letters that follow each letter, in the order in which a walk will take them.
using Successors = std::array<std::vector<Base>, kLetters>;

// Whether the walk that takes the last successor of every letter comes to `end` from everywhere.
// Then, and only then, a walk that takes all others before uses up every successor.
bool ends_connect(const Successors& next, Base end) {
  for (std::size_t from = 0; from < kLetters; ++from) {
    if (next[from].empty()) continue;
    Base at = static_cast<Base>(from);
    for (std::size_t steps = 0; steps < kLetters && at != end; ++steps) at = next[at].back();
    if (at != end) return false;
  }
  return true;
}

// Last successors drawn anew until they connect: each such choice is as likely as any other.
void draw_ends(Successors& next, Base end, Draws& draws) {
  do {
    for (std::size_t from = 0; from < kLetters; ++from) {
      std::vector<Base>& successors = next[from];
      if (from == end || successors.empty()) continue;
      std::swap(successors[draws.below(successors.size())], successors.back());
    }
  } while (!ends_connect(next, end));
}

// All but the last in random order; of `end`, whose last is as free as the others, all.
void draw_order(std::vector<Base>& successors, bool all, Draws& draws) {
  if (successors.empty()) return;
  for (std::size_t left = successors.size() - (all ? 0 : 1); left > 1; --left) {
    std::swap(successors[left - 1], successors[draws.below(left)]);
  }
}

}  // namespace

void dinucleotide_shuffle(std::span<const Base> sequence, std::uint64_t seed, std::uint64_t number,
                          std::span<Base> out) {
  if (sequence.empty()) return;
  Successors next;
  for (std::size_t i = 0; i + 1 < sequence.size(); ++i) {
    next[sequence[i]].push_back(sequence[i + 1]);
  }
  Draws draws(seed, number);
  const Base end = sequence.back();
  draw_ends(next, end, draws);
  for (std::size_t from = 0; from < kLetters; ++from) draw_order(next[from], from == end, draws);
  std::array<std::size_t, kLetters> taken{};
  Base at = sequence.front();
  out[0] = at;
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    at = next[at][taken[at]++];
    out[i] = at;
  }
}

}  // namespace explainn::data
