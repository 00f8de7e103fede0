#include "data/alphabet.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace explainn::data {
namespace {

TEST(Alphabet, everyByteHasTheCodeOfTheRule) {
  for (int value = 0; value < 256; ++value) {
    const char letter = static_cast<char>(value);
    const char upper = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    Base expected = kNotABase;
    if (upper != 0 && std::string("NRYSWKMBDHV").find(upper) != std::string::npos) expected = 4;
    if (upper == 'A') expected = 0;
    if (upper == 'C') expected = 1;
    if (upper == 'G') expected = 2;
    if (upper == 'T' || upper == 'U') expected = 3;
    EXPECT_EQ(base_code(letter), expected) << value;
  }
}

TEST(Alphabet, complementPairsAndKeepsTheUnknown) {
  EXPECT_EQ(complement(base_code('A')), base_code('T'));
  EXPECT_EQ(complement(base_code('T')), base_code('A'));
  EXPECT_EQ(complement(base_code('C')), base_code('G'));
  EXPECT_EQ(complement(base_code('G')), base_code('C'));
  EXPECT_EQ(complement(kUnknownBase), kUnknownBase);
}

TEST(Alphabet, encodingStopsAtTheFirstLetterThatIsNoBase) {
  std::array<Base, 8> out{};
  EXPECT_EQ(encode_bases("aCgUnRt", out.data()), 7U);
  EXPECT_EQ(out, (std::array<Base, 8>{0, 1, 2, 3, 4, 4, 3, 0}));
  EXPECT_EQ(encode_bases("AC-TX", out.data()), 2U);
  EXPECT_EQ(encode_bases("", out.data()), 0U);
  EXPECT_EQ(encode_bases("\xff", out.data()), 0U);
}

TEST(Alphabet, allBasesNeedsOneLetterAtLeast) {
  EXPECT_TRUE(all_bases("ACGTUNacgtunRYSWKMBDHV"));
  EXPECT_FALSE(all_bases(""));
  EXPECT_FALSE(all_bases("ACGTX"));
  EXPECT_FALSE(all_bases("chr1"));
}

TEST(Alphabet, LettersAreThoseOfTheStrand) {
  const std::vector<Base> bases{0, 1, 4, 2, 2, 3};
  std::string text = "x";
  append_letters(bases, Strand::forward, text);
  EXPECT_EQ(text, "xACNGGT");
  append_letters(bases, Strand::reverse, text);
  EXPECT_EQ(text, "xACNGGTACCNGT");
  append_letters({}, Strand::reverse, text);
  EXPECT_EQ(text, "xACNGGTACCNGT");
}

}  // namespace
}  // namespace explainn::data
