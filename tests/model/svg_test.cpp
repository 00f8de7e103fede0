// Numbers and words of pictures.
#include "model/svg.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/xml.h"

namespace explainn::model {
namespace {

TEST(Svg, NumbersAreShort) {
  EXPECT_EQ(svg_number(3.5, 2), "3.5");
  EXPECT_EQ(svg_number(3, 2), "3");
  EXPECT_EQ(svg_number(100, 0), "100");
  EXPECT_EQ(svg_number(0.125, 2), "0.12");  // to even
  EXPECT_EQ(svg_number(-0.001, 2), "0");
  EXPECT_EQ(svg_number(-1.5, 1), "-1.5");
  EXPECT_EQ(svg_number(1e20, 3), "100000000000000000000");
}

TEST(Svg, WordsAreEscaped) {
  EXPECT_EQ(xml_text("a < b && c > \"d\"'"), "a &lt; b &amp;&amp; c &gt; &quot;d&quot;'");
  EXPECT_EQ(xml_text(""), "");
}

TEST(Svg, WhatXmlCannotHoldIsReplaced) {
  const std::string good = "\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\xa7\xac \xef\xbf\xbd";
  EXPECT_EQ(xml_text(good), good);
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(xml_text(std::string("a\0b\x1b\n", 5)), "a" + mark + "b" + mark + mark);
  EXPECT_EQ(xml_text("\xff\xc3"), mark + mark);
  EXPECT_EQ(xml_text("\xc0\xaf"), mark + mark);                        // overlong "/"
  EXPECT_EQ(xml_text("\xe0\x80\xaf"), mark + mark + mark);             // overlong "/"
  EXPECT_EQ(xml_text("\xed\xa0\x80"), mark + mark + mark);             // half of a surrogate pair
  EXPECT_EQ(xml_text("\xf4\x90\x80\x80"), mark + mark + mark + mark);  // beyond U+10FFFF
  EXPECT_EQ(xml_text("\xe6\x97x"), mark + mark + "x");                 // cut off
  EXPECT_EQ(xml_text("\xef\xbf\xbe"), mark);                           // U+FFFE
}

TEST(Svg, AFileIsReadBack) {
  const std::string svg = svg_file(12.5, 3, "<&\">", " color=\"red\"") +
                          svg_text(1, 2.25, "end", "a<b", " id=\"t\"") + "</svg>\n";
  const auto root = test::elements_of(svg, "svg").at(0).attributes;
  EXPECT_EQ(root.at("viewBox"), "0 0 12.5 3");
  EXPECT_EQ(root.at("role"), "img");
  EXPECT_EQ(root.at("xmlns"), "http://www.w3.org/2000/svg");
  EXPECT_EQ(root.at("color"), "red");
  EXPECT_EQ(test::elements_of(svg, "title").at(0).text, "<&\">");
  EXPECT_EQ(test::elements_of(svg, "text").at(0).text, "a<b");
  EXPECT_EQ(svg_element(1, 1, "t").find("xmlns"), std::string::npos);
}

}  // namespace
}  // namespace explainn::model
