#include "model/plot_axis.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "data/fields.h"

namespace explainn::model {
namespace {

// Below a million, since larger ones have no fixed number of decimals.
std::string fixed_number(double value, int decimals) {
  std::array<char, 400> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return {text.data(), end};
}

}  // namespace

std::vector<double> PlotAxis::ticks() const {
  std::vector<double> values;
  // A hair of tolerance: the ends may be multiples of the step up to rounding.
  const double first = std::ceil(least / step - 1e-6);
  const double last = std::floor(most / step + 1e-6);
  const auto steps = static_cast<std::int64_t>(last - first);
  for (std::int64_t i = 0; i <= steps; ++i) {
    values.push_back((first + static_cast<double>(i)) * step + 0.0);
  }
  return values;
}

std::string PlotAxis::label(double tick) const {
  const double largest = std::max(std::abs(least), std::abs(most));
  if (largest >= 1e6 || step < 1e-6) {
    const int digits = static_cast<int>(std::floor(std::log10(largest / step) + 1e-9)) + 2;
    return general_number(tick, digits);
  }
  const int decimals = static_cast<int>(-std::floor(std::log10(step) + 1e-9));
  return fixed_number(tick, std::max(decimals, 0));
}

double round_step(double span, double parts) {
  const double rough = span / parts;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

std::string general_number(double value, int digits) {
  std::string text;
  data::append_number(value, digits, text);
  return text;
}

}  // namespace explainn::model
