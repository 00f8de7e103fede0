// The learning curve read back: its picture must say what the numbers say.
#include "model/interpret/learning_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace explainn::model {
namespace {

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

std::vector<std::smatch> all_matches(const std::string& text, const std::string& pattern) {
  static std::map<std::string, std::regex> cache;
  const std::regex& regex = cache.try_emplace(pattern, pattern).first->second;
  return {std::sregex_iterator(text.begin(), text.end(), regex), std::sregex_iterator()};
}

// Every tag closed by its own name, one root, nothing odd between tags.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  std::size_t roots = 0;
  std::size_t at = svg.find("?>");
  ASSERT_EQ(svg.rfind("<?xml", 0), 0U);
  ASSERT_NE(at, std::string::npos);
  at += 2;
  static const std::regex tag(R"re(<(/?)([a-z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<&]*")*)\s*(/?)>)re");
  for (std::sregex_iterator it(svg.begin() + static_cast<std::ptrdiff_t>(at), svg.end(), tag), end;
       it != end; ++it) {
    EXPECT_EQ(it->prefix().str().find_first_of("<>&"), std::string::npos) << it->prefix();
    const std::string name = (*it)[2];
    if ((*it)[1].length() > 0) {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), name);
      open.pop_back();
    } else {
      roots += open.empty() ? 1 : 0;
      if ((*it)[4].length() == 0) open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(roots, 1U);
}

void expect_sound(const std::string& svg) {
  expect_well_formed(svg);
  for (const char* const bad : {"nan", "inf", "<script", "href", "-0.0\"", ">-0<"}) {
    EXPECT_EQ(svg.find(bad), std::string::npos) << bad;
  }
  for (const auto& match : all_matches(svg, R"re( c?(x|y)[12]?="([^"]*)")re")) {
    const double pixel = std::stod(match[2]);
    EXPECT_GE(pixel, 0);
    EXPECT_LE(pixel, match[1] == "x" ? 720 : 440);
  }
}

// A linear scale recovered from the first and last tick of an axis.
struct Scale {
  double first_value, first_pixel, last_value, last_pixel;
  std::size_t ticks;
  double value(double pixel) const {
    return first_value +
           (pixel - first_pixel) / (last_pixel - first_pixel) * (last_value - first_value);
  }
};

Scale scale_from(const std::vector<std::smatch>& ticks, std::size_t pixel_group, double shift) {
  const auto pixel = [&](const std::smatch& tick) { return std::stod(tick[pixel_group]) - shift; };
  const std::smatch& last = ticks.back();
  return {std::stod(ticks[0][3]), pixel(ticks[0]), std::stod(last[3]), pixel(last), ticks.size()};
}

Scale loss_scale(const std::string& svg) {
  return scale_from(
      all_matches(svg, R"re(<text x="([^"]*)" y="([^"]*)" text-anchor="end">([^<]*)<)re"), 2, 4);
}

Scale epoch_scale(const std::string& svg) {
  return scale_from(
      all_matches(svg, R"re(<text x="([^"]*)" y="([^"]*)" text-anchor="middle">([0-9]+)<)re"), 1,
      0);
}

struct Point {
  double x, y;
  bool starts;
};

std::vector<std::vector<Point>> curves(const std::string& svg) {
  std::vector<std::vector<Point>> result;
  for (const auto& path : all_matches(svg, R"re(<path d="([^"]*)")re")) {
    const std::string d = path[1];
    result.emplace_back();
    for (const auto& point : all_matches(d, R"re(([ML])(\S+) ([0-9.]+))re")) {
      result.back().push_back({std::stod(point[2]), std::stod(point[3]), point[1] == "M"});
    }
  }
  return result;
}

TEST(LearningCurve, PointsReadOnTheAxesAreTheLosses) {
  for (const std::int64_t count : {2, 25, 100}) {
    const Epochs epochs = usual(count);
    const std::string svg = learning_curve_svg(epochs);
    expect_sound(svg);
    const Scale x = epoch_scale(svg);
    const Scale y = loss_scale(svg);
    EXPECT_GE(y.ticks, 4U);
    EXPECT_LE(y.ticks, 9U);
    EXPECT_LE(x.ticks, 11U);
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
    const std::string svg = learning_curve_svg(run(
        2, [&](auto e) { return e == 1 ? most : least; }, [&](auto) { return least; }));
    std::vector<std::string> texts;
    for (const auto& tick :
         all_matches(svg, R"re(<text x="[^"]*" y="[^"]*" text-anchor="end">([^<]*)<)re")) {
      texts.push_back(tick[1]);
    }
    return texts;
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
  const auto ring = all_matches(svg, R"re(<circle cx="([^"]*)" cy="([^"]*)" r="7")re");
  ASSERT_EQ(ring.size(), 1U);
  EXPECT_EQ(std::stod(ring[0][1]), curves(svg)[1][1].x);
  EXPECT_EQ(std::stod(ring[0][2]), curves(svg)[1][1].y);
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
      EXPECT_GE(loss_scale(svg).ticks, 2U);
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
  EXPECT_LE(all_matches(svg, "<circle").size(), 3U);  // no marker on every point
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
