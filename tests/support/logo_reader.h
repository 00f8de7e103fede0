// Reads sequence logos back: which letter stands where, in pixels.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/motif/logo.h"
#include "tests/support/xml.h"

namespace explainn::test {

struct PlacedLetter {
  char base;
  double x, y;  // of its upper left corner
  double width, height;
};

/// The numbers in "scale(2 0.5)" after `name`; none if it is not there.
inline std::vector<double> transform_numbers(const std::string& transform, const char* name) {
  std::vector<double> numbers;
  const std::string begin = std::string(name) + "(";
  const std::size_t at = transform.find(begin);
  if (at == std::string::npos) return numbers;
  std::string rest = transform.substr(at + begin.size());
  rest.resize(rest.find(')'));
  for (std::size_t used = 0; !rest.empty(); rest.erase(0, used)) {
    numbers.push_back(std::stod(rest, &used));
  }
  return numbers;
}

/// Ids and outlines of the glyphs -> their ids.
inline std::map<std::string, std::string> glyph_names() {
  std::map<std::string, std::string> names;
  for (const Element& path : elements_of("<?xml?>" + model::logo_glyphs(), "path")) {
    const std::string& id = path.attributes.at("id");
    EXPECT_TRUE(names.try_emplace("#" + id, id).second);
    EXPECT_TRUE(names.try_emplace(path.attributes.at("d"), id).second) << id;
  }
  return names;
}

/// The id of the glyph that an element draws; empty if it draws none.
inline std::string glyph_of(const Element& element) {
  static const std::map<std::string, std::string> names = glyph_names();
  if (element.name != "use" && element.name != "path") return "";
  const std::string& drawn = element.attributes.at(element.name == "use" ? "href" : "d");
  const auto found = names.find(drawn);
  EXPECT_TRUE(found != names.end() || element.name == "path") << drawn;
  return found == names.end() ? "" : found->second;
}

/// The logos of a picture, in its order: each the letters in their order. Knows of the groups that
/// enclose a logo only those that are moved, and that the last one before a logo is about it.
inline std::vector<std::vector<PlacedLetter>> logos_of(const std::string& svg) {
  std::vector<std::vector<PlacedLetter>> logos;
  std::vector<double> outer{0, 0};
  std::vector<double> moved;
  std::vector<double> scaled;
  for (const Element& element : Xml(svg).elements) {
    const auto transform = element.attributes.find("transform");
    if (transform == element.attributes.end()) continue;
    const std::string& text = transform->second;
    if (element.name == "g" && text.rfind("translate", 0) == 0) {
      const auto scale = transform_numbers(text, "scale");
      if (scale.empty() && text.find("rotate") == std::string::npos) {
        outer = transform_numbers(text, "translate");
      } else if (!scale.empty()) {
        moved = transform_numbers(text, "translate");
        scaled = scale;
        logos.emplace_back();
      }
    }
    const auto matrix = transform_numbers(text, "matrix");
    if (matrix.empty()) continue;
    EXPECT_EQ(matrix.size(), 6U);
    EXPECT_TRUE(matrix[0] == 1 && matrix[1] == 0 && matrix[2] == 0);
    const std::string id = glyph_of(element);
    EXPECT_EQ(id.size(), 5U) << id;
    logos.back().push_back({id.back(), outer[0] + moved[0] + matrix[4] * scaled[0],
                            outer[1] + moved[1] + matrix[5] * scaled[1], scaled[0],
                            matrix[3] * scaled[1]});
  }
  return logos;
}

}  // namespace explainn::test
