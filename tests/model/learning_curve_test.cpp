// The learning curve read back: its picture must say what the numbers say.
#include "model/interpret/learning_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/xml.h"

namespace explainn::model {
namespace {

using test::Element;
using test::elements_of;
using Epochs = std::vector<EpochResult>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Epochs run(std::int64_t count, const std::function<double(std::int64_t)>& train,
           const std::function<double(std::int64_t)>& valid) {
  Epochs epochs;
  for (std::int64_t e = 1; e <= count; ++e) epochs.push_back({e, train(e), valid(e), false});
  return epochs;
}

Epochs usual(std::int64_t count) {
  const auto wave = [](std::int64_t e) { return 0.003 * std::sin(static_cast<double>(7 * e)); };
  return run(
      count, [&](auto e) { return 0.3 + 0.4 * std::exp(-0.2 * static_cast<double>(e)) + wave(e); },
      [&](auto e) { return 0.35 + 0.3 * std::exp(-0.3 * static_cast<double>(e)) + 2 * wave(e); });
}

void expect_sound(const std::string& svg) {
  for (const char* const bad : {"nan", "inf", "<script", "href", "-0.0\"", ">-0<"}) {
    EXPECT_EQ(svg.find(bad), std::string::npos) << bad;
  }
  for (const Element& element : test::Xml(svg).elements) {
    for (const auto& [name, value] : element.attributes) {
      const bool is_x = name == "x" || name == "x1" || name == "x2" || name == "cx";
      const bool is_y = name == "y" || name == "y1" || name == "y2" || name == "cy";
      if (!is_x && !is_y) continue;
      EXPECT_GE(std::stod(value), 0);
      EXPECT_LE(std::stod(value), is_x ? 720 : 440);
    }
  }
}

// A linear scale recovered from the first and the last tick of an axis.
struct Scale {
  std::vector<std::string> labels;
  std::vector<double> pixels;

  double value(double pixel) const {
    const double first = std::stod(labels.front());
    const double last = std::stod(labels.back());
    return first + (pixel - pixels.front()) / (pixels.back() - pixels.front()) * (last - first);
  }
};

Scale loss_scale(const std::string& svg) {
  Scale scale;
  for (const Element& text : elements_of(svg, "text")) {
    if (text.attributes.at("text-anchor") != "end") continue;
    scale.labels.push_back(text.text);
    scale.pixels.push_back(text.number("y") - 4);  // the base line lies below the middle
  }
  return scale;
}

Scale epoch_scale(const std::string& svg) {
  Scale scale;
  for (const Element& text : elements_of(svg, "text")) {
    if (text.text.find_first_not_of("0123456789") != std::string::npos) continue;
    if (text.attributes.at("text-anchor") != "middle") continue;
    scale.labels.push_back(text.text);
    scale.pixels.push_back(text.number("x"));
  }
  return scale;
}

struct Point {
  double x, y;
  bool starts;
};

std::vector<std::vector<Point>> curves(const std::string& svg) {
  std::vector<std::vector<Point>> result;
  for (const Element& path : elements_of(svg, "path")) {
    result.emplace_back();
    const std::string& d = path.attributes.at("d");
    for (std::size_t at = d.find_first_of("ML"); at != std::string::npos;
         at = d.find_first_of("ML", at + 1)) {
      const std::size_t blank = d.find(' ', at);
      result.back().push_back(
          {std::stod(d.substr(at + 1)), std::stod(d.substr(blank)), d[at] == 'M'});
    }
  }
  return result;
}

std::vector<Element> circles(const std::string& svg, const std::string& radius) {
  std::vector<Element> found;
  for (const Element& circle : elements_of(svg, "circle")) {
    if (circle.attributes.at("r") == radius) found.push_back(circle);
  }
  return found;
}

TEST(LearningCurve, PointsReadOnTheAxesAreTheLosses) {
  for (const std::int64_t count : {2, 25, 100}) {
    const Epochs epochs = usual(count);
    const std::string svg = learning_curve_svg(epochs);
    expect_sound(svg);
    const Scale x = epoch_scale(svg);
    const Scale y = loss_scale(svg);
    EXPECT_GE(y.labels.size(), 4U);
    EXPECT_LE(y.labels.size(), 9U);
    EXPECT_LE(x.labels.size(), 11U);
    const auto drawn = curves(svg);
    ASSERT_EQ(drawn.size(), 2U);
    // Pixels have one decimal: what a tenth of one is worth.
    const double epoch_tolerance = 0.11 * std::abs(x.value(1) - x.value(0));
    const double loss_tolerance = 0.11 * std::abs(y.value(1) - y.value(0));
    for (std::size_t i = 0; i < epochs.size(); ++i) {
      ASSERT_EQ(drawn[0].size(), epochs.size());
      ASSERT_EQ(drawn[1].size(), epochs.size());
      EXPECT_NEAR(x.value(drawn[0][i].x), static_cast<double>(epochs[i].epoch), epoch_tolerance);
      EXPECT_EQ(drawn[0][i].x, drawn[1][i].x);
      EXPECT_NEAR(y.value(drawn[0][i].y), epochs[i].train_loss, loss_tolerance);
      EXPECT_NEAR(y.value(drawn[1][i].y), epochs[i].valid_loss, loss_tolerance);
      EXPECT_EQ(drawn[0][i].starts, i == 0);
    }
  }
}

TEST(LearningCurve, TicksAreRoundNumbers) {
  const auto labels = [](double least, double most) {
    const auto train = [&](std::int64_t e) { return e == 1 ? most : least; };
    return loss_scale(learning_curve_svg(run(2, train, [&](auto) { return least; }))).labels;
  };
  using Labels = std::vector<std::string>;
  EXPECT_EQ(labels(0.31, 0.69), (Labels{"0.3", "0.4", "0.5", "0.6", "0.7"}));
  EXPECT_EQ(labels(0, 10), (Labels{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(labels(-2, 3), (Labels{"-2", "-1", "0", "1", "2", "3"}));
  EXPECT_EQ(labels(120, 410), (Labels{"100", "150", "200", "250", "300", "350", "400", "450"}));
  EXPECT_EQ(labels(0.0011, 0.0019),
            (Labels{"0.0010", "0.0012", "0.0014", "0.0016", "0.0018", "0.0020"}));
}

TEST(LearningCurve, TheFirstOfTheBestEpochsIsMarked) {
  const std::vector<double> valid{0.5, 0.25, 0.3, 0.25};
  const std::string svg = learning_curve_svg(run(
      4, [](auto) { return 0.4; }, [&](auto e) { return valid[static_cast<std::size_t>(e - 1)]; }));
  EXPECT_NE(svg.find("best: epoch 2, validation loss 0.25<"), std::string::npos);
  const auto ring = circles(svg, "7");
  ASSERT_EQ(ring.size(), 1U);
  EXPECT_EQ(ring[0].number("cx"), curves(svg)[1][1].x);
  EXPECT_EQ(ring[0].number("cy"), curves(svg)[1][1].y);
}

TEST(LearningCurve, AxesAndLegendAreNamed) {
  const std::string svg = learning_curve_svg(usual(5));
  for (const char* const words : {">Epoch<", ">Loss<", ">Train<", ">Validation<"}) {
    EXPECT_NE(svg.find(words), std::string::npos) << words;
  }
}

TEST(LearningCurve, OddRunsAreDrawnToo) {
  const auto constant = [](double loss) { return [loss](std::int64_t) { return loss; }; };
  for (const double loss : {0.25, 0.0, -3.0, 1e-12, 1e12, 1e299}) {
    for (const std::int64_t count : {1, 7}) {
      SCOPED_TRACE(testing::Message() << count << " epochs of " << loss);
      const std::string svg = learning_curve_svg(run(count, constant(loss), constant(loss)));
      expect_sound(svg);
      EXPECT_EQ(curves(svg).at(1).size(), static_cast<std::size_t>(count));
      EXPECT_GE(loss_scale(svg).labels.size(), 2U);
    }
  }
  expect_sound(learning_curve_svg(run(3, constant(0.7), constant(0.7 + 1e-15))));
  expect_sound(learning_curve_svg(run(3, constant(-1e299), constant(1e299))));
  const std::string none = learning_curve_svg({});
  expect_sound(none);
  EXPECT_TRUE(curves(none).empty());
  EXPECT_EQ(none.find("best"), std::string::npos);
}

TEST(LearningCurve, AThousandEpochsStayOneCleanLine) {
  const std::string svg = learning_curve_svg(usual(1000));
  expect_sound(svg);
  EXPECT_EQ(curves(svg).at(0).size(), 1000U);
  EXPECT_LT(svg.size(), 60'000U);
  EXPECT_LE(circles(svg, "3").size(), 1U);  // only the legend has a marker
}

TEST(LearningCurve, LossesThatAreNotFiniteLeaveAGap) {
  const std::vector<double> valid{1, kNan, 0.5, std::numeric_limits<double>::infinity(), 0.75, 0.8};
  const std::string svg = learning_curve_svg(run(
      6, [](auto) { return kNan; },
      [&](auto e) { return valid[static_cast<std::size_t>(e - 1)]; }));
  expect_sound(svg);
  const auto drawn = curves(svg);
  ASSERT_EQ(drawn.size(), 1U);  // no train loss at all
  std::vector<bool> starts;
  for (const Point& point : drawn[0]) starts.push_back(point.starts);
  EXPECT_EQ(starts, (std::vector<bool>{true, true, true, false}));
  EXPECT_NE(svg.find("best: epoch 3"), std::string::npos);
}

}  // namespace
}  // namespace explainn::model
