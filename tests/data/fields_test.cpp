#include "data/fields.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace explainn::data {
namespace {

using Fields = std::vector<std::string>;

Fields split(char separator, std::string_view row) {
  FieldSplitter splitter(separator);
  const auto* const fields = splitter.split(row);
  if (fields == nullptr) return {"<open quote>"};
  return {fields->begin(), fields->end()};
}

TEST(FieldSplitter, cutsAtTheSeparatorAlone) {
  EXPECT_EQ(split('\t', "a\tb,c\t\td"), (Fields{"a", "b,c", "", "d"}));
  EXPECT_EQ(split('\t', "a\t"), (Fields{"a", ""}));
  EXPECT_EQ(split('\t', ""), (Fields{""}));
  EXPECT_EQ(split(',', "a,b\tc,"), (Fields{"a", "b\tc", ""}));
  EXPECT_EQ(split(',', "longer than eight,and this one too,x"),
            (Fields{"longer than eight", "and this one too", "x"}));
  EXPECT_EQ(split(',', "1234567,12345678,123456789"), (Fields{"1234567", "12345678", "123456789"}));
}

TEST(FieldSplitter, blanksAndQuotesAreTakenOff) {
  EXPECT_EQ(split('\t', " a \t\"b\"\t\"c"), (Fields{"a", "b", "\"c"}));
  EXPECT_EQ(split(',', "\"a,b\" , c,\"say \"\"so\"\"\",\"\""),
            (Fields{"a,b", "c", "say \"so\"", ""}));
  EXPECT_EQ(split(',', "a,\"b"), (Fields{"<open quote>"}));
  EXPECT_EQ(split(',', "a,\"b\"\"\",c"), (Fields{"a", "b\"", "c"}));
}

TEST(GuessSeparator, tabBeforeComma) {
  EXPECT_EQ(guess_separator("a,b\tc"), '\t');
  EXPECT_EQ(guess_separator("a,b"), ',');
  EXPECT_EQ(guess_separator("ACGT"), '\t');
}

TEST(ParseLabel, unresolvedMarks) {
  for (const char* const mark : {"", "nan", "NaN", "NAN", "NA", "-nan"}) {
    ASSERT_TRUE(parse_label(mark)) << mark;
    EXPECT_TRUE(std::isnan(*parse_label(mark))) << mark;
  }
  EXPECT_TRUE(is_unresolved("NaN"));
  EXPECT_FALSE(is_unresolved("na"));
  EXPECT_FALSE(is_unresolved("0"));
}

TEST(ParseLabel, whatIsNoNumber) {
  for (const char* const text : {"x", "+", "-", ".", "1x", "1 2", "0x10", "1,5", "True", "na",
                                 "--1", "+-1", "++1", "1e", "n", "chr1"}) {
    EXPECT_FALSE(parse_label(text)) << text;
  }
}

TEST(ParseLabel, equalsTheLibraryOnPrintedNumbers) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::ldexp(static_cast<double>(random() >> 11) - 4.5e15,
                                    static_cast<int>(random() % 120) - 110);
    for (const char* const format : {"%.17g", "%.6g", "%+.3f", "%e"}) {
      char text[400];
      std::snprintf(text, sizeof text, format, value);
      const std::optional<float> parsed = parse_label(text);
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(*parsed, std::strtof(text, nullptr)) << text;
    }
  }
  for (int digit = 0; digit < 10; ++digit) EXPECT_EQ(parse_label(std::to_string(digit)), digit);
}

TEST(ParseLabel, theEndsOfTheRange) {
  for (const char* const text : {"inf", "-inf", "Infinity", "1e39", "-1e39", "1e400", "1e9999"}) {
    ASSERT_TRUE(parse_label(text)) << text;
    EXPECT_TRUE(std::isinf(*parse_label(text))) << text;
  }
  for (const char* const text : {"1e-60", "1e-400", "-1e-9999"}) {
    ASSERT_TRUE(parse_label(text)) << text;
    EXPECT_EQ(*parse_label(text), 0.0F) << text;
  }
  EXPECT_EQ(*parse_label("0." + std::string(400, '0') + "1"), 0.0F);
  EXPECT_TRUE(std::isinf(*parse_label("1" + std::string(400, '0'))));
}

TEST(WholeNumber, isDigitsAlone) {
  EXPECT_EQ(whole_number("0"), 0);
  EXPECT_EQ(whole_number("0123"), 123);
  EXPECT_EQ(whole_number("9223372036854775807"), 9223372036854775807);
  for (const char* other : {"", "-", "-1", "+1", "1 ", "1.5", "1e3", "x", "9223372036854775808"}) {
    EXPECT_EQ(whole_number(other), std::nullopt) << other;
  }
}

TEST(ParseNumber, theForms) {
  EXPECT_EQ(parse_number("0.1"), 0.1);
  EXPECT_EQ(parse_number("+1e-3"), 1e-3);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_EQ(parse_number("1."), 1.0);
  EXPECT_TRUE(std::isnan(*parse_number("NaN")));
  for (const char* const other :
       {"", " ", "+", "-", ".", "+-1", "-+1", "1,5", "0x1", "1e", "1 ", " 1", "1d3", "abc"}) {
    EXPECT_EQ(parse_number(other), std::nullopt) << other;
  }
}

TEST(ParseNumber, theEndsOfTheRange) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::string& tiny :
       {std::string("1e-999"), std::string("-1e-999"), "0." + std::string(400, '0') + "1"}) {
    EXPECT_EQ(parse_number(tiny), 0.0) << tiny;
  }
  EXPECT_EQ(parse_number("1e999"), infinity);
  EXPECT_EQ(parse_number("-1E+999"), -infinity);
  EXPECT_EQ(parse_number("1" + std::string(400, '0')), infinity);
  EXPECT_EQ(parse_number("inf"), infinity);
  EXPECT_EQ(parse_number("5e-324"), 5e-324);
}

TEST(SplitWords, CutsAtBlanksAndTabs) {
  std::vector<std::string_view> words{"before"};
  for (const std::string_view text : {"", " ", " \t\t "}) {
    split_words(text, words);
    EXPECT_TRUE(words.empty());
  }
  split_words("one", words);
  EXPECT_EQ(words, (std::vector<std::string_view>{"one"}));
  split_words(" \tA  0.3\t|x ", words);
  EXPECT_EQ(words, (std::vector<std::string_view>{"A", "0.3", "|x"}));
}

TEST(AppendNumber, IsPrintfsG) {
  for (const double value : {0.0, 1.0, -2.5, 1e-5, 123456789.0, 0.1, 1e300, -4.9e-324, 99999.96}) {
    for (const int digits : {1, 6, 9}) {
      std::array<char, 64> expected{};
      std::snprintf(expected.data(), expected.size(), "%.*g", digits, value);
      std::string text = "<";
      append_number(value, digits, text);
      EXPECT_EQ(text, "<" + std::string(expected.data()));
    }
  }
}

}  // namespace
}  // namespace explainn::data
