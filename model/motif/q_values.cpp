#include "model/motif/q_values.h"

#include <algorithm>
#include <limits>

namespace explainn::model {
namespace {

using engine::kTwisterWords;

constexpr std::size_t kTestsForBootstrap = 101;
constexpr int kLambdas = 100;
constexpr double kLargestLambda = 0.5F;
constexpr int kResamples = 100;
constexpr std::int64_t kDraws = 1000;
constexpr std::int64_t kWordsOfDraw = 2;

using Shares = std::array<double, kLambdas>;

double lambda(int i) {
  return static_cast<double>(i + 1) / kLambdas * kLargestLambda;
}

// Numbers of tests by how many lambdas their p exceeds, turned into estimates of the share without
// an effect: so many beyond each lambda, compared with what is expected of chance.
template <typename Counts>
Shares estimates(const Counts& counts, double tests) {
  Shares shares{};
  double beyond = 0;
  for (int i = kLambdas - 1; i >= 0; --i) {
    const auto at = static_cast<std::size_t>(i);
    beyond += static_cast<double>(counts[at + 1]);
    shares[at] = beyond / (tests * (1 - lambda(i)));
  }
  return shares;
}

// floor(r tests) for r = first 2^-32 + second 2^-64, all in double.
std::uint32_t drawn_exactly(std::uint32_t first, std::uint32_t second, std::size_t tests) {
  constexpr double kUnit = 0x1p-32;
  const double random = first * kUnit + second * kUnit * kUnit;
  const auto whole = static_cast<std::size_t>(random * static_cast<double>(tests));
  return static_cast<std::uint32_t>(std::min(whole, tests - 1));  // r may be rounded to 1
}

}  // namespace

TwisterWords::TwisterWords(std::uint32_t seed) {
  for (std::uint32_t& word : state_) {
    word = seed;
    seed *= 69069;
  }
}

void TwisterWords::twist() {
  std::array<std::uint32_t, kTwisterWords> next;
  engine::comparison_loops(chosen_instruction_set()).twist(state_.data(), next.data());
  state_ = next;
  used_ = 0;
}

void TwisterWords::take(std::int64_t count, std::uint32_t* out) {
  while (count > 0) {
    if (used_ == kTwisterWords) twist();
    const std::int64_t some = std::min(count, kTwisterWords - used_);
    std::copy_n(state_.data() + used_, some, out);
    used_ += some;
    out += some;
    count -= some;
  }
}

void TwisterWords::skip(std::int64_t count) {
  while (count > 0) {
    if (used_ == kTwisterWords) twist();
    const std::int64_t some = std::min(count, kTwisterWords - used_);
    used_ += some;
    count -= some;
  }
}

std::int64_t QValues::words_needed(std::size_t tests) {
  return tests < kTestsForBootstrap ? 0 : kResamples * kDraws * kWordsOfDraw;
}

// Numbers of tests for one resample.
void QValues::draw(TwisterWords& random) {
  const auto& loops = engine::comparison_loops(chosen_instruction_set());
  words_.resize(kDraws * kWordsOfDraw);
  drawn_.resize(kDraws);
  random.take(kDraws * kWordsOfDraw, words_.data());
  const std::size_t tests = sorted_.size();
  if (tests <= std::numeric_limits<std::uint16_t>::max()) {
    const bool doubtful = loops.draw({.state = words_.data(),
                                      .draws = kDraws,
                                      .tests = static_cast<std::uint32_t>(tests),
                                      .drawn = drawn_.data()});
    if (!doubtful) return;
  }
  loops.temper(words_.data(), kDraws * kWordsOfDraw, words_.data());
  for (std::size_t i = 0; i < drawn_.size(); ++i) {
    drawn_[i] = drawn_exactly(words_[2 * i], words_[2 * i + 1], tests);
  }
}

double QValues::share_without_effect(TwisterWords& random) {
  const std::size_t tests = sorted_.size();
  lambdas_below_.resize(tests);
  std::array<std::int64_t, kLambdas + 1> all{};
  int below = 0;
  for (std::size_t i = 0; i < tests; ++i) {
    while (below < kLambdas && sorted_[i] > lambda(below)) ++below;
    lambdas_below_[i] = static_cast<std::uint8_t>(below);
    ++all[static_cast<std::size_t>(below)];
  }
  const Shares shares = estimates(all, static_cast<double>(tests));
  const double least = *std::min_element(shares.begin(), shares.end());
  Shares errors{};
  for (int resample = 0; resample < kResamples; ++resample) {
    draw(random);
    // Two tables: a count must be stored before it can be read again.
    std::array<std::array<std::uint32_t, kLambdas + 1>, 2> counts{};
    for (std::size_t i = 0; i < drawn_.size(); i += 2) {
      ++counts[0][lambdas_below_[drawn_[i]]];
      ++counts[1][lambdas_below_[drawn_[i + 1]]];
    }
    for (std::size_t i = 0; i < counts[0].size(); ++i) counts[0][i] += counts[1][i];
    const Shares resampled = estimates(counts[0], kDraws);
    for (std::size_t i = 0; i < errors.size(); ++i) {
      errors[i] += (resampled[i] - least) * (resampled[i] - least);
    }
  }
  const auto best = std::min_element(errors.begin(), errors.end()) - errors.begin();
  return std::min(shares[static_cast<std::size_t>(best)], 1.0);
}

void QValues::compute(const std::vector<float>& p, TwisterWords& random) {
  sorted_ = p;
  std::sort(sorted_.begin(), sorted_.end());
  const double share = p.size() < kTestsForBootstrap ? 1 : share_without_effect(random);
  q_.resize(p.size());
  double least = 1;
  for (std::size_t i = p.size(); i-- > 0;) {
    const double q =
        sorted_[i] * static_cast<double>(p.size()) / static_cast<double>(i + 1) * share;
    least = std::min(least, q);
    q_[i] = static_cast<float>(least);
  }
}

float QValues::of(float p) const {
  // Of equal ones the last has the least.
  const auto after = std::upper_bound(sorted_.begin(), sorted_.end(), p);
  return q_.at(static_cast<std::size_t>(after - sorted_.begin()) - 1);
}

float QValues::largest_p(double limit) const {
  const auto after =
      std::upper_bound(q_.begin(), q_.end(), limit, [](double most, float q) { return most < q; });
  return after == q_.begin() ? -1 : sorted_[static_cast<std::size_t>(after - q_.begin()) - 1];
}

}  // namespace explainn::model
