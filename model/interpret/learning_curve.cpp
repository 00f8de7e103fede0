#include "model/interpret/learning_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kernels/base/error.h"
#include "model/plot_axis.h"
#include "model/svg.h"

namespace explainn::model {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 440;
constexpr double kLeft = 84;  // the frame that holds the curves
constexpr double kRight = 696;
constexpr double kTop = 68;
constexpr double kBottom = 384;
constexpr double kLargestLoss = 1e300;    // beyond, differences of losses could overflow
constexpr double kSmallestSpan = 1e-5;    // of an axis, relative to its values
constexpr std::size_t kMostMarkers = 60;  // epochs that get a marker each
constexpr double kLetterWidth = 6.2;      // of the 12 px text, about

// The two curves differ in hue, in lightness (for grey prints) and in the form of their markers.
struct Curve {
  std::string_view name;
  std::string_view colour;
  double EpochResult::*loss;
  bool round_marker;
};
constexpr std::array<Curve, 2> kCurves{
    Curve{"Train", "#4a90c4", &EpochResult::train_loss, true},
    Curve{"Validation", "#a8320a", &EpochResult::valid_loss, false}};

bool drawable(double loss) {
  return std::abs(loss) < kLargestLoss;
}

// A coordinate, in tenths of a pixel.
std::string at(double pixels) {
  return svg_number(pixels, 1);
}

PlotAxis epoch_axis(std::span<const EpochResult> epochs) {
  const auto first = epochs.empty() ? 1.0 : static_cast<double>(epochs.front().epoch);
  const auto last = epochs.empty() ? 1.0 : static_cast<double>(epochs.back().epoch);
  const double margin = last > first ? 0.0 : 0.5;
  return {first - margin, last + margin, kLeft + 12, kRight - 12,
          std::max(1.0, round_step(std::max(last - first, 1.0), 10))};
}

PlotAxis loss_axis(std::span<const EpochResult> epochs) {
  std::optional<std::pair<double, double>> range;
  for (const EpochResult& epoch : epochs) {
    for (const Curve& curve : kCurves) {
      const double loss = epoch.*curve.loss;
      if (!drawable(loss)) continue;
      if (!range) range = {loss, loss};
      range = {std::min(range->first, loss), std::max(range->second, loss)};
    }
  }
  auto [least, most] = range.value_or(std::pair{0.0, 1.0});
  const double largest = std::max(std::abs(least), std::abs(most));
  if (most - least <= kSmallestSpan * largest) {  // equal losses: a tenth of them to either side
    const double room = largest > 0 ? largest / 10 : 0.5;
    least -= room;
    most += room;
  }
  const double step = round_step(most - least, 6);
  return {std::floor(least / step + 1e-6) * step, std::ceil(most / step - 1e-6) * step, kBottom,
          kTop, step};
}

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return cat("<line x1=\"", at(x1), "\" y1=\"", at(y1), "\" x2=\"", at(x2), "\" y2=\"", at(y2),
             "\" ", style, "/>\n");
}

std::string marker(const Curve& curve, double x, double y) {
  if (curve.round_marker) {
    return cat("<circle cx=\"", at(x), "\" cy=\"", at(y), "\" r=\"3\" fill=\"", curve.colour,
               "\"/>\n");
  }
  return cat("<rect x=\"", at(x - 3), "\" y=\"", at(y - 3), "\" width=\"6\" height=\"6\" fill=\"",
             curve.colour, "\"/>\n");
}

std::string axes(const PlotAxis& x, const PlotAxis& y) {
  std::string svg;
  for (const double tick : y.ticks()) {
    const double pixel = y.pixel(tick);
    svg += line(kLeft, pixel, kRight, pixel, "stroke=\"#dddddd\"");
    svg += svg_text(kLeft - 8, pixel + 4, "end", y.label(tick));
  }
  for (const double tick : x.ticks()) {
    const double pixel = x.pixel(tick);
    svg += line(pixel, kBottom, pixel, kBottom + 5, "stroke=\"#333333\"");
    svg += svg_text(pixel, kBottom + 20, "middle", x.label(tick));
  }
  svg += line(kLeft, kBottom, kRight, kBottom, "stroke=\"#333333\"");
  svg += svg_text((kLeft + kRight) / 2, kHeight - 14, "middle", "Epoch");
  const double middle = (kTop + kBottom) / 2;
  svg +=
      svg_text(16, middle, "middle", "Loss", cat(" transform=\"rotate(-90 16 ", at(middle), ")\""));
  return svg;
}

std::string legend() {
  std::string svg = svg_text(kLeft, 28, "start", "Loss by epoch", " font-size=\"16\"");
  double x = kRight - 190;
  for (const Curve& curve : kCurves) {
    svg += line(x, 24, x + 28, 24, cat("stroke=\"", curve.colour, "\" stroke-width=\"2\""));
    svg += marker(curve, x + 14, 24);
    svg += svg_text(x + 34, 28, "start", curve.name);
    x += 96;
  }
  return svg;
}

// One path, broken where a loss cannot be drawn; a point on its own becomes a dot.
std::string curve_path(std::span<const EpochResult> epochs, const Curve& curve, const PlotAxis& x,
                       const PlotAxis& y) {
  std::string path;
  std::string markers;
  const bool few = epochs.size() <= kMostMarkers;
  std::size_t connected = 0;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const double loss = epochs[i].*curve.loss;
    if (!drawable(loss)) {
      connected = 0;
      continue;
    }
    const double px = x.pixel(static_cast<double>(epochs[i].epoch));
    const double py = y.pixel(loss);
    const bool alone =
        connected == 0 && (i + 1 == epochs.size() || !drawable(epochs[i + 1].*curve.loss));
    path += cat(connected == 0 ? "M" : "L", at(px), " ", at(py), alone ? "h0" : "");
    if (few) markers += marker(curve, px, py);
    ++connected;
  }
  if (path.empty()) return path;
  return cat("<path d=\"", path, "\" fill=\"none\" stroke=\"", curve.colour, "\" stroke-width=\"",
             few ? 2 : 1.2, "\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n", markers);
}

const EpochResult* best_of(std::span<const EpochResult> epochs) {
  const EpochResult* best = nullptr;
  for (const EpochResult& epoch : epochs) {
    if (!drawable(epoch.valid_loss)) continue;
    if (best == nullptr || epoch.valid_loss < best->valid_loss) best = &epoch;
  }
  return best;
}

// A line through the best epoch, a ring around its point, and the words above the frame, where no
// curve can cross them.
std::string best_mark(const EpochResult& best, const PlotAxis& x, const PlotAxis& y) {
  const double px = x.pixel(static_cast<double>(best.epoch));
  const std::string words =
      cat("best: epoch ", best.epoch, ", validation loss ", general_number(best.valid_loss, 4));
  const double half = kLetterWidth * static_cast<double>(words.size()) / 2;
  const double centre = std::clamp(px, kLeft + half, kRight - half);
  return line(px, kTop - 6, px, kBottom, "stroke=\"#333333\" stroke-dasharray=\"4 3\"") +
         cat("<circle cx=\"", at(px), "\" cy=\"", at(y.pixel(best.valid_loss)),
             "\" r=\"7\" fill=\"none\" stroke=\"#333333\" stroke-width=\"1.5\"/>\n") +
         svg_text(centre, kTop - 12, "middle", words);
}

}  // namespace

std::string learning_curve_svg(std::span<const EpochResult> epochs) {
  const PlotAxis x = epoch_axis(epochs);
  const PlotAxis y = loss_axis(epochs);
  std::string svg =
      svg_file(kWidth, kHeight, "Train and validation loss by epoch",
               " font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"#222222\"");
  svg += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  svg += axes(x, y);
  svg += legend();
  for (const Curve& curve : kCurves) svg += curve_path(epochs, curve, x, y);
  if (epochs.empty()) {
    svg += svg_text((kLeft + kRight) / 2, (kTop + kBottom) / 2, "middle", "no epoch was finished");
  }
  if (const EpochResult* const best = best_of(epochs)) svg += best_mark(*best, x, y);
  return svg + "</svg>\n";
}

}  // namespace explainn::model
