#include "data/motif_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using Column = std::array<double, 4>;

/// The motifs of tests/data/samples/motifs as counts.
struct Counts {
  std::string id;
  std::string name;
  std::string word;  ///< what MEME would call it
  std::vector<Column> columns;
};

const std::vector<Counts>& sample_counts() {
  static const std::vector<Counts> counts{
      {"EX0001.1",
       "alpha",
       "TGACGTCA",
       {{1, 0, 1, 18},
        {0, 1, 19, 0},
        {20, 0, 0, 0},
        {1, 17, 1, 1},
        {2, 1, 17, 0},
        {0, 0, 1, 19},
        {3, 16, 0, 1},
        {15, 2, 2, 1}}},
      {"EX0002.1",
       "beta::gamma",
       "CAYG",
       {{1, 14, 1, 0}, {15, 0, 0, 1}, {0, 8, 0, 8}, {2, 0, 13, 1}}},
      {"EX0003.2",
       "delta",
       "GGAANTTCC",
       {{2, 3, 20, 0},
        {1, 0, 24, 0},
        {25, 0, 0, 0},
        {22, 1, 1, 1},
        {7, 6, 6, 6},
        {0, 2, 0, 23},
        {1, 1, 0, 23},
        {0, 25, 0, 0},
        {2, 20, 1, 2}}}};
  return counts;
}

MotifFile sample(const std::string& name) {
  return read_motif_file(std::string(EXPLAINN_TEST_FILES "/data/samples/motifs/") + name);
}

/// Expects the columns of `counts` within half a millionth, as six decimals give them.
void expect_columns(const Motif& motif, const std::vector<Column>& counts) {
  ASSERT_EQ(motif.columns.size(), counts.size()) << motif.id;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double sum = counts[c][0] + counts[c][1] + counts[c][2] + counts[c][3];
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(motif.columns[c][i], counts[c][i] / sum, 0.5001e-6)
          << motif.id << ", column " << c;
    }
  }
}

/// How a form names motifs and whether it counts sites.
struct Form {
  std::string file;
  bool background = false;
  bool sites = true;
};

class EveryForm : public ::testing::TestWithParam<Form> {};

TEST_P(EveryForm, givesTheSameMotifs) {
  const MotifFile file = sample(GetParam().file);
  EXPECT_EQ(file.background_given, GetParam().background);
  const Column background =
      GetParam().background ? Column{0.3, 0.2, 0.2, 0.3} : Column{0.25, 0.25, 0.25, 0.25};
  EXPECT_EQ(file.background, background);
  ASSERT_EQ(file.motifs.size(), sample_counts().size());
  for (std::size_t i = 0; i < file.motifs.size(); ++i) {
    const Counts& wanted = sample_counts()[i];
    EXPECT_EQ(file.motifs[i].id, wanted.id);
    EXPECT_EQ(file.motifs[i].name, wanted.name);
    const Column& first = wanted.columns[0];
    EXPECT_EQ(file.motifs[i].sites,
              GetParam().sites ? first[0] + first[1] + first[2] + first[3] : 0);
    expect_columns(file.motifs[i], wanted.columns);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Samples, EveryForm,
    ::testing::Values(Form{.file = "minimal.meme", .background = true},
                      Form{.file = "minimal.meme.gz", .background = true},
                      Form{.file = "crlf.meme", .background = true},
                      Form{.file = "rna.meme", .background = true}, Form{.file = "bare.meme"},
                      Form{.file = "brackets.jaspar"}, Form{.file = "letters.jaspar"},
                      Form{.file = "plain.pfm"}, Form{.file = "hocomoco.pcm"},
                      Form{.file = "homer.motif", .sites = false}, Form{.file = "transfac.dat"}),
    [](const auto& test) {
      std::string name = test.param.file;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(MotifReader, theTextOutputsOfMemeDremeAndStreme) {
  for (const char* const program : {"meme", "old_meme", "dreme", "streme"}) {
    const MotifFile file = sample(std::string(program) + ".txt");
    const std::string form = program;
    EXPECT_TRUE(file.background_given);
    EXPECT_EQ(file.background, (Column{0.3, 0.2, 0.2, 0.3}));
    ASSERT_EQ(file.motifs.size(), 3U) << program;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string number = std::to_string(i + 1);
      const Motif& motif = file.motifs[i];
      const std::string& word = sample_counts()[i].word;
      EXPECT_EQ(motif.id, form == "old_meme" ? number
                          : form == "streme" ? number + "-" + word
                                             : word);
      EXPECT_EQ(motif.name, form == "meme"     ? "MEME-" + number
                            : form == "dreme"  ? "DREME-" + number
                            : form == "streme" ? "STREME-" + number
                                               : "");
      EXPECT_EQ(motif.sites, i == 0 ? 20 : i == 1 ? 16 : 25);
      expect_columns(motif, sample_counts()[i].columns);
    }
  }
}

TEST(MotifReader, bareMatricesAreNamedAfterTheirFile) {
  for (const char* const name : {"four_rows", "four_columns", "cisbp"}) {
    const MotifFile file = sample(std::string(name) + ".txt");
    ASSERT_EQ(file.motifs.size(), 1U);
    EXPECT_EQ(file.motifs[0].id, name);
    EXPECT_EQ(file.motifs[0].sites, std::string(name) == "cisbp" ? 0 : 20);
    expect_columns(file.motifs[0], sample_counts()[0].columns);
  }
}

class MotifReaderTest : public ReaderTest {
 protected:
  MotifFile read(std::string_view text) const { return read_motif_file(write("m", text)); }

  /// The message for `text`, which must begin with the file and `line` (0: no line) and hold
  /// `part`.
  void expect_error(std::string_view text, int line, const std::string& part) const {
    const std::string path = write("m", text);
    const std::string start = path + ":" + (line > 0 ? std::to_string(line) + ":" : "") + " ";
    EXPECT_TRUE(says(error_of([&] { read_motif_file(path); }), start, part)) << text;
  }
};

constexpr std::string_view kHead = "MEME version 4\n";

TEST_F(MotifReaderTest, keysOfAMatrixInAnyOrder) {
  for (const char* const keys :
       {": alength= 4 w= 1 nsites= 7.5 E= 0", ":w=1 nsites=7.5", " E= 1e-3 nsites = 7.5 alength=4",
        ": nsites=7.5 P= w= 1 strange= 3", ":E=\tnsites=\t7.5"}) {
    const MotifFile file = read(std::string(kHead) + "MOTIF a\nletter-probability matrix" + keys +
                                "\n0.1\t0.2 0.3  0.4");
    ASSERT_EQ(file.motifs.size(), 1U) << keys;
    EXPECT_EQ(file.motifs[0].sites, 7.5) << keys;
    EXPECT_EQ(file.motifs[0].columns, (std::vector<Column>{{0.1, 0.2, 0.3, 0.4}}));
  }
}

TEST_F(MotifReaderTest, namesAreTheRestOfTheLine) {
  const std::string matrix = "\nletter-probability matrix:\n1 0 0 0\n";
  const MotifFile file =
      read(std::string(kHead) + "MOTIF a" + matrix + "MOTIF b two  words " + matrix +
           "MOTIF c width of it" + matrix + "MOTIF d MEME-1 width = 1 sites = 3.5 llr = 4" +
           matrix + "MOTIF e\twidth=1 sites=4 llr=1" + matrix + "MOTIF f x\ty" + matrix);
  ASSERT_EQ(file.motifs.size(), 6U);
  const std::array<std::string, 6> names{"", "two  words", "width of it", "MEME-1", "", "x"};
  const std::array<double, 6> sites{0, 0, 0, 3.5, 4, 0};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(file.motifs[i].name, names[i]);
    EXPECT_EQ(file.motifs[i].sites, sites[i]);
  }
}

TEST_F(MotifReaderTest, rowsThatDoNotSumToOne) {
  const MotifFile file = read(std::string(kHead) +
                              "MOTIF a\nletter-probability matrix:\n"
                              "0.250002 0.250002 0.250002 0.250002\n"  // 8e-6 too much: kept
                              "0.250003 0.250003 0.250003 0.250003\n"  // 1.2e-5: divided
                              "0.5 0.5 0.05 0\n");
  const auto& columns = file.motifs.at(0).columns;
  EXPECT_EQ(columns.at(0)[0], 0.250002);
  EXPECT_DOUBLE_EQ(columns.at(1)[0], 0.25);
  EXPECT_DOUBLE_EQ(columns.at(2)[0], 0.5 / 1.05);
  EXPECT_DOUBLE_EQ(columns.at(2)[2], 0.05 / 1.05);
}

TEST_F(MotifReaderTest, alphabets) {
  const std::string rest = "MOTIF a\nletter-probability matrix:\n1 0 0 0\n";
  for (const char* const alphabet :
       {"ALPHABET= ACGT", "ALPHABET=ACGT", "ALPHABET= ACGU",
        "ALPHABET \"x\"\nA \"=~\"\nC\nG\nT\n#Z\nN = ACGT\nEND ALPHABET",
        "ALPHABET DNA-LIKE\nC ~ G\nA~T\nEND ALPHABET"}) {
    EXPECT_EQ(read(cat(kHead, alphabet, "\n", rest)).motifs.size(), 1U) << alphabet;
  }
  expect_error(cat(kHead, "ALPHABET= ACDEFGHIKLMNPQRSTVWY\n", rest), 2, "not that of DNA");
  expect_error(cat(kHead, "ALPHABET= TGCA\n", rest), 2, "'TGCA' is not that of DNA");
  expect_error(cat(kHead, "ALPHABET \"m\"\nA ~ T\nC ~ G\nm ~ 1\nEND ALPHABET\n", rest), 6,
               "'1ACGTm'");
  expect_error(cat(kHead, "ALPHABET \"m\"\nA ~ T\nC ~ G\n", rest), 7, "END ALPHABET");
}

TEST_F(MotifReaderTest, backgroundsOverLinesAndOfTheFirstFile) {
  const std::string motif = "\nletter-probability matrix:\n1 0 0 0\n";
  const MotifFile file =
      read(cat(kHead, "Background letter frequencies (from file bg 1 2 3):\n\nA 0.4\nC 0.1 G 0.2\n",
               "t 0.3\nMOTIF a", motif, kHead, "Background letter frequencies\n",
               "A 0.25 C 0.25 G 0.25 T 0.25\nMOTIF b", motif));
  EXPECT_EQ(file.background, (Column{0.4, 0.1, 0.2, 0.3}));
  EXPECT_EQ(file.motifs.size(), 2U);
  const auto bad = [&](const char* text, int line, const char* part) {
    expect_error(cat(kHead, "Background letter frequencies\n", text), line, part);
  };
  bad("A 0.25 C 0.25 G 0.25", 3, "cut off");
  bad("A 0.25 C 0.25 G 0.25 G 0.25\n", 3, "must be given as");
  bad("A 0.25 C 0.25 G 0.25 T\n", 3, "must be given as");
  bad("A 0.25 C 0.25 G 0.25 T 0.25 N 0\n", 3, "must be given as");
  bad("A 0.5 C 0.5\nG 0 T 0.5\n", 4, "frequency of 0");
  bad("A 0.5 C 0.5 G 0.5 T 0.5\n", 3, "sums to 2 instead of 1");
  bad("A 0.5 C 0.5 G x T 0.5\n", 3, "'x' is no number");
}

TEST_F(MotifReaderTest, badMemeFiles) {
  const auto bad = [&](const std::string& text, int line, const char* part) {
    expect_error(std::string(kHead) + text, line, part);
  };
  const std::string matrix = "MOTIF a\nletter-probability matrix:";
  bad("MOTIF\n", 2, "without an id");
  bad("MOTIF a=b\n", 2, "holds '='");
  bad("MOTIF a\nMOTIF b\n", 2, "'a' has no letter-probability matrix");
  bad("MOTIF a\nURL x\n", 2, "'a' has no letter-probability matrix");
  bad(matrix + "\n1 0 0 0\nMOTIF b\nletter-probability matrix:\n1 0 0 0\nMOTIF a\n", 8,
      "'a' is given already in line 2");
  bad(matrix + "\n1 0 0 0\n\nletter-probability matrix:\n1 0 0 0\n", 6, "second matrix");
  bad("letter-probability matrix:\n1 0 0 0\n", 2, "before any line 'MOTIF");
  bad(matrix + " w= 2\n1 0 0 0\n\nURL x\n", 5, "after 1 rows instead of 2");
  bad(matrix + " w= 2\n1 0 0 0", 4, "after 1 rows instead of 2");
  bad(matrix + " w= 1\n1 0 0 0\n1 0 0 0\n", 5, "more than the 1 rows");
  bad(matrix + "\n", 3, "after 0 rows");
  bad(matrix + "\nURL\n1 0 0 0\n", 4, "after 0 rows");
  bad(matrix + "\n1 0 0 0\n\n\n0 1 0 0\n", 7, "behind the blank line");
  bad(matrix + " alength= 20\n", 3, "only motifs of DNA");
  for (const char* const width : {"0", "1.5", "1001", "1e30"}) {
    bad(matrix + " w= " + width + "\n1 0 0 0\n", 3, "a whole number from 1 to 1000");
  }
  bad(matrix + " w=\n1 0 0 0\n", 3, "'' is no number");
  bad(matrix + " nsites= 2e12\n1 0 0 0\n", 3, "more than anybody has counted");
  bad(matrix + " nsites= -3\n1 0 0 0\n", 3, "negative");
  bad(matrix + "\n1 0 0\n", 4, "3 numbers in a row instead of 4");
  bad(matrix + "\n1 0 0 0 0\n", 4, "5 numbers in a row instead of 4");
  bad(matrix + "\n1 0 0 0\n0 0 0 0\n", 5, "sums to 0 instead of 1");
  bad(matrix + "\n0.3 0.3 0.3 0.3\n", 4, "sums to 1.2 instead of 1");
  bad(matrix + "\n1 0 0 0x\n", 4, "'0x' is no number");
  bad(matrix + "\n1 0,5 0 0\n", 4, "'0,5' is no number");
  bad(matrix + "\n1.5 -0.5 0 0\n", 4, "'-0.5' is negative");
  for (const char* const value : {"nan", "inf", "-inf", "1e999"}) {
    bad(cat(matrix, "\n", value, " 0 0 0\n"), 4, "is not finite");
  }
  std::string wide = matrix;
  for (int i = 0; i < 1001; ++i) wide += "\n1 0 0 0";
  bad(wide, 1004, "more than 1000 columns");
  expect_error("MOTIF a\n", 1, "before the line 'MEME version 4'");
  expect_error("MEME 4\n", 0, "no line 'MEME version 4'");
}

TEST_F(MotifReaderTest, badMatricesOfCounts) {
  expect_error(">a\n1 2\n3 4 5\n", 3, "3 numbers in this row, but 2");
  expect_error(">a\n1 2\n3 4\n\n>b\n1 2\n3 4\n5 6\n7 8\n", 2, "has 2 rows of 2 numbers");
  expect_error(">a\nA 1 2\nC 1 2\nC 1 2\nT 1 2\n", 4, "a second row of the letter C");
  expect_error(">a\nA 1 2\nC 1 2\nG 1 2\n", 2, "has 3 rows of 2 numbers");
  expect_error(">a\nA 1 2\n1 2\n", 3, "begin with their letter or none");
  expect_error(">a\nA [ 1 2\n", 2, "'[' without ']'");
  expect_error(">a\nA [ ]\n", 2, "without numbers");
  expect_error(">a\nA [ 1 2 ] 3\n", 2, "'[' without ']'");
  expect_error(">a\nACGTTGCA\n", 2, "'ACGTTGCA' is no number");
  expect_error(">a\n>b\n", 1, "no matrix follows the id 'a'");
  expect_error(">a\n1 2 3 4\n\n1 2 3 4\n", 4, "behind a blank line");
  expect_error("> \n1 2 3 4\n", 1, "without an id");
  expect_error(">a\n1 2 3 4\n>b\n1 2 3 4\n>a\n1 2 3 4\n", 5, "'a' is given already in line 1");
  expect_error(">a\n9 1\n0 0\n0 0\n0 0\n>b\n1 0\n0 0\n1 0\n9 0\n", 6,
               "column 2 of motif 'b' sums to 0");
  expect_error(">a\n9 0 0 0\n0 0 0 0\n1 1 1 1\n", 3, "column 2 of motif 'a' sums to 0");
  expect_error(">a\n0.2 0.2 0.2 0.2\n0 1 0 0\n", 2, "sums to 0.8");
  expect_error(">a\n1 0.5 0 0\n0 1 0 0\n", 2, "sums to 1.5; probabilities sum to 1");
  expect_error(">a\n1e308 1e308 1e308 0\n", 2, "sums to inf");
  expect_error("1 2 3 4\n>b\n1 2 3 4\n", 2, "had no '>id'");
  expect_error("A C G T\n", 1, "without rows");
  expect_error("A C G T\n1 2 3\n", 2, "four numbers");
  expect_error("A C G T\nA 1 2 3 4\n", 2, "four numbers");
  std::string wide = "1";
  for (int i = 0; i < 1000; ++i) wide += " 1";
  expect_error(wide, 1, "more than 1000 numbers");
  std::string high;
  for (int i = 0; i < 1001; ++i) high += "1 1 1 1\n";
  expect_error(high, 1001, "more than 1000 rows");
  expect_error("AC x\nP0 A C T G\n", 2, "must be A C G T");
  expect_error("AC x\nP0 A C G T\nXX\n", 2, "without rows");
  expect_error("AC x\nP0 A C G T\n01 1 2 3\n", 3, "must be 'position A C G T consensus'");
  expect_error("AC x\nP0 A C G T\n01 1 2 3 4\nP0 A C G T\n", 4, "second matrix");
  expect_error("AC x\nP0 A C G\n", 0, "no matrix");
  expect_error("XX\nP0 A C G T\n01 1 2 3 4\n//\n", 2, "without an id");
  expect_error("AC x\nXX\n//\n", 0, "no matrix");
}

TEST_F(MotifReaderTest, otherFiles) {
  expect_error("", 0, "this file is empty");
  expect_error("\n# nothing\n\n", 0, "this file is empty");
  expect_error("hello\n", 1, "'hello'");
  expect_error("<?xml version='1.0'?>\n", 1, "XML or HTML");
  expect_error("seq\ty\nACGT\t1\n", 1, "a file of motifs begins with");
  expect_error(std::string_view("MEME version 4\n\0\n", 17), 2, "NUL");
  expect_error("MEME version 4\nMOTIF a\x01 b\n", 2, "control character '\\x01'");
  expect_error("MEME version 4\rMOTIF a b\r", 1, "control character '\\x0d'");
  expect_error(cat(kHead, "MOTIF a ", std::string(std::size_t{1} << 22, 'x')), 2,
               "longer than 1 MiB");
  EXPECT_TRUE(says(error_of([&] { read_motif_file(folder_ / "none"); }), folder_ / "none",
                   "cannot be opened"));
  EXPECT_TRUE(says(error_of([&] { read_motif_file(folder_); }), folder_, "is a folder"));
}

TEST_F(MotifReaderTest, anEmptyMemeFileIsValid) {
  const MotifFile file = read(meme_text(MotifFile{}));
  EXPECT_TRUE(file.motifs.empty());
  EXPECT_TRUE(file.background_given);
}

TEST_F(MotifReaderTest, fourRowsOfFourByTheirSums) {
  // [k][i]: rows are letters if the columns sum to the same, positions if the rows do.
  const std::string letters = "1 0 5 4\n2 8 0 1\n3 1 0 0\n4 1 5 5\n";
  const std::string positions = "1 2 3 4\n0 8 1 1\n5 0 0 5\n4 1 0 5\n";
  const std::string even = "5 2 1 0\n0 5 2 1\n1 0 5 2\n2 1 0 5\n";
  EXPECT_EQ(read(">a\n" + letters).motifs[0].columns[0], (Column{0.1, 0.2, 0.3, 0.4}));
  EXPECT_EQ(read(">a\n" + positions).motifs[0].columns[0], (Column{0.1, 0.2, 0.3, 0.4}));
  // Where the sums do not tell: as the others of the file, else as JASPAR has it.
  EXPECT_EQ(read(">a\n" + even).motifs[0].columns[1], (Column{0.25, 0.625, 0, 0.125}));
  EXPECT_EQ(read(">b\n" + letters + ">a\n" + even).motifs[1].columns[1],
            (Column{0.25, 0.625, 0, 0.125}));
  EXPECT_EQ(read(">a\n" + even + ">b\n" + positions).motifs[0].columns[1],
            (Column{0, 0.625, 0.25, 0.125}));
}

TEST_F(MotifReaderTest, lettersInAnyOrder) {
  const MotifFile file = read("# bare\nt: 4 1\nC|\t[2 5 ]\nG =1 2\nA[ 3 2]\n\n");
  ASSERT_EQ(file.motifs.size(), 1U);
  EXPECT_EQ(file.motifs[0].columns,
            (std::vector<Column>{{0.3, 0.2, 0.1, 0.4}, {0.2, 0.5, 0.2, 0.1}}));
  EXPECT_EQ(file.motifs[0].sites, 10);
}

TEST_F(MotifReaderTest, idsAndNamesOfTransfac) {
  const std::string matrix = "P0 A C G T\n01 1 2 3 4 N\n//\n";
  const MotifFile file =
      read("AC a\nID  two words\tmore\n" + matrix + "ID b c\n" + matrix + "DE d e\n" + matrix +
           "NA\tg two\nDE y\n" + matrix + "AC h\nNA i\n" + matrix + "ID j\nNA k l\n" + matrix +
           "DE x\nID f\tg\nPO\tA\tC\tG\tU\n1\t1\t2\t3\t4\n");
  const std::array<std::string, 7> ids{"a", "b", "d", "g", "h", "j", "f"};
  const std::array<std::string, 7> names{"two words", "", "", "", "i", "k l", ""};
  ASSERT_EQ(file.motifs.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(file.motifs[i].id, ids[i]);
    EXPECT_EQ(file.motifs[i].name, names[i]);
    EXPECT_EQ(file.motifs[i].columns, (std::vector<Column>{{0.1, 0.2, 0.3, 0.4}}));
  }
}

TEST_F(MotifReaderTest, theLocaleDoesNotMatter) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  // Few machines have one of these; the numbers are parsed without any.
  for (const char* const name : {"de_DE.UTF-8", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) != nullptr) break;
  }
  EXPECT_EQ(read(">a\n0.5 0.5 0 0\n").motifs[0].columns[0][0], 0.5);
  std::setlocale(LC_ALL, before.c_str());
}

}  // namespace
}  // namespace explainn::data
