// Axes of plots: from data to pixels, and where the ticks are.
#pragma once

#include <string>
#include <vector>

namespace explainn::model {

/// Ticks lie at multiples of 1, 2 or 5 times a power of ten (round_step()).
struct PlotAxis {
  double least;
  double most;
  double first_pixel;
  double last_pixel;
  double step = 1;

  double pixel(double value) const {
    return first_pixel + (value - least) / (most - least) * (last_pixel - first_pixel);
  }
  std::vector<double> ticks() const;
  std::string label(double tick) const;
};

/// The least of 1, 2, 5, 10 times a power of ten that cuts `span` into at most `parts`.
double round_step(double span, double parts);

/// As printf's %.<digits>g, whatever the locale.
std::string general_number(double value, int digits);

}  // namespace explainn::model
