#include "data/table.h"

#include <cmath>
#include <random>
#include <sstream>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using TableTest = ReaderTest;
using Names = std::vector<std::string>;

/// All records as text: "id bases labels [split];" with n for nan.
std::string read_all(RecordReader& reader) {
  std::ostringstream out;
  Record record;
  while (reader.next(record)) {
    out << record.id << " ";
    for (const Base base : record.bases) out << kBaseLetters[base];
    for (const float label : record.labels) std::isnan(label) ? out << " n" : out << " " << label;
    if (record.split)
      out << " " << Names{"train", "valid", "test"}[static_cast<int>(*record.split)];
    out << ";";
  }
  return out.str();
}

class Read {
 public:
  Read(const std::string& path, const ReadOptions& options)
      : reader_(open_records(path, options)),
        text(read_all(*reader_)),
        targets(reader_->targets()) {}

 private:
  std::unique_ptr<RecordReader> reader_;

 public:
  std::string text;
  Names targets;
};

TEST_F(TableTest, headerlessTablesAsTheOriginalProgramHasThem) {
  const Read with_id(write("a", "p1\tACGT\t1\t0\np2\tGGN\tnan\t0.5\n"), {});
  EXPECT_EQ(with_id.text, "p1 ACGT 1 0;p2 GGN n 0.5;");
  EXPECT_EQ(with_id.targets, (Names{"y0", "y1"}));
  EXPECT_EQ(Read(write("b", "ACGT,1,0\nGG,,2"), {}).text, "1 ACGT 1 0;2 GG n 2;");
  ReadOptions named;
  named.targets = {"MAX", "JUND"};
  EXPECT_EQ(Read(write("c", "ACGT\t1\t0\n"), named).targets, (Names{"MAX", "JUND"}));
  ReadOptions ignoring;
  ignoring.ignore = {"y0"};
  EXPECT_EQ(Read(write("d", "ACGT\t1\t7\n"), ignoring).text, "1 ACGT 7;");
}

TEST_F(TableTest, headersNameTheRoles) {
  const std::string text =
      "id\tchrom\tstart\tend\tset\tseq\tFOXA1\tSET\n"
      "a\tchr1\t1\t2\ttrain\tAC\t1\tNA\n"
      "b\tchr2\t1\t2\tValidation\tGT\t0\t3\n"
      "c\tchr3\t1\t2\ttest\tAA\t\t-1.5\n";
  const Read read(write("a", text), {});
  EXPECT_EQ(read.text, "a AC 1 n train;b GT 0 3 valid;c AA n -1.5 test;");
  EXPECT_EQ(read.targets, (Names{"FOXA1", "SET"}));
  ReadOptions by_chrom;
  by_chrom.valid_chroms = {"chr1"};
  by_chrom.test_chroms = {"chr2"};
  EXPECT_EQ(Read(write("a", text), by_chrom).text,
            "a AC 1 n valid;b GT 0 3 test;c AA n -1.5 train;");
  ReadOptions without_set;
  without_set.ignore = {"set", "SET"};
  EXPECT_EQ(Read(write("a", text), without_set).text, "a AC 1;b GT 0;c AA n;");
  ReadOptions chosen;
  chosen.targets = {"SET", "FOXA1", "start"};
  EXPECT_EQ(Read(write("a", text), chosen).text,
            "a AC n 1 1 train;b GT 3 0 1 valid;c AA -1.5 n 1 test;");
}

TEST_F(TableTest, otherNamesForSequenceAndId) {
  EXPECT_EQ(Read(write("a", ",Sequence,y\n7,AC,1\n"), {}).text, "7 AC 1;");
  EXPECT_EQ(Read(write("b", "SEQ,y\nAC,1\n"), {}).text, "1 AC 1;");
  EXPECT_EQ(Read(write("c", ",id,seq,y\n7,x,AC,1\n"), {}).text, "x AC 1;");
  EXPECT_EQ(Read(write("g", "seq\tSET\nAC\t1\n"), {}).targets, (Names{"SET"})) << "a gene";
  ReadOptions named;
  named.sequence_column = "SEQ110";
  named.id_column = "peak";
  EXPECT_EQ(Read(write("d", "y,seq110,peak\n4,AC,p\n"), named).text, "p AC 4;");
}

TEST_F(TableTest, commentsEmptyLinesCrlfQuotesAndMarks) {
  const std::string text =
      "\xef\xbb\xbf# made by hand\r\n\r\n#id\tseq\t\"y\"\r\n\"a\"\tAC\t1\r\n\r\n# end\tof it\r\n";
  const Read read(write("a", text), {});
  EXPECT_EQ(read.text, "a AC 1;");
  EXPECT_EQ(read.targets, (Names{"y"}));
  EXPECT_EQ(Read(write("b", "\"id\",\"seq\",\"a,b\"\n\"x,\"\"1\"\"\",\"ACG\", 1\n"), {}).text,
            "x,\"1\" ACG 1;");
  EXPECT_EQ(Read(write("c", gzip("seq\ty\nAC\t1\n") + gzip("GT\t2")), {}).text, "1 AC 1;2 GT 2;");
}

TEST_F(TableTest, predictionNeedsSequencesOnly) {
  ReadOptions options;
  options.need_labels = false;
  EXPECT_EQ(Read(write("a", "ACGT\nGG\n"), options).text, "1 ACGT;2 GG;");
  EXPECT_EQ(Read(write("b", "id\tnote\tseq\na\tfree text\tAC\na\tx\tGT\n"), options).text,
            "a AC;a GT;");
  EXPECT_TRUE(Read(write("c", "x\tACGT\tword\n"), options).targets.empty());
  options.drop_unknown = true;
  EXPECT_EQ(Read(write("d", "ACGT\nGGN\nT\n"), options).text, "1 ACGT;3 T;");
}

TEST_F(TableTest, classesAsNamesOrAsColumns) {
  ReadOptions options;
  options.kind = LabelKind::classes;
  const Read names(write("a", "seq\tcell\nA\tT\nC\tB\nG\tNA\nT\tT\n"), options);
  EXPECT_EQ(names.text, "1 A 0;2 C 1;3 G n;4 T 0;");
  EXPECT_EQ(names.targets, (Names{"T", "B"}));
  const Read columns(write("b", "seq\tx\ty\tz\nA\t0\t1\t0\nC\t1\t0\tnan\nG\t\t\t\n"), options);
  EXPECT_EQ(columns.text, "1 A 1;2 C 0;3 G n;");
  EXPECT_EQ(columns.targets, (Names{"x", "y", "z"}));
  options.targets = {"cell"};
  EXPECT_EQ(Read(write("c", "seq\tcell\tage\nA\tT\t3\n"), options).targets, (Names{"T"}));
  options.model_targets = {"B", "T"};
  const Read known(write("d", "seq\tcell\tage\nA\tT\t3\nC\tB\t4\n"), options);
  EXPECT_EQ(known.text, "1 A 1;2 C 0;");
  EXPECT_EQ(known.targets, (Names{"B", "T"}));
  options.targets.clear();
  EXPECT_EQ(Read(write("e", "seq\tT\tage\tB\nA\t0\t3\t1\n"), options).text, "1 A 0;");
}

TEST_F(TableTest, modelTargetsAreFoundByNameOrPosition) {
  ReadOptions options;
  options.model_targets = {"MAX", "JUND"};
  EXPECT_EQ(Read(write("a", "seq\tJUND\tother\tMAX\nA\t1\tx\t2\n"), options).text, "1 A 2 1;");
  EXPECT_EQ(Read(write("b", "A\t1\t2\n"), options).targets, (Names{"MAX", "JUND"}));
  options.targets = {"b", "a"};
  const Read renamed(write("c", "seq\ta\tb\nA\t1\t2\n"), options);
  EXPECT_EQ(renamed.text, "1 A 2 1;");
  EXPECT_EQ(renamed.targets, (Names{"MAX", "JUND"}));
}

class BadTable : public ReaderTest {
 protected:
  void fails(const std::string& text, int line, const std::string& part) {
    const std::string path = write("bad", text);
    const std::string place = line == 0 ? path + ": " : path + ":" + std::to_string(line) + ": ";
    EXPECT_TRUE(says(error_of([&] { Read(path, options_); }), place, part)) << text;
  }
  ReadOptions options_;
};

TEST_F(BadTable, rowsAndSequences) {
  fails("", 0, "empty");
  fails("\n\n", 0, "empty");
  fails("# only\n# comments\n", 2, "no sequences");
  fails("id\tseq\ty\na\tAC\t1\nb\tAC\n", 3, "2 fields in this row, but 3 in the header");
  fails("AC\t1\nAC\t1\t2\n", 2, "3 fields in this row, but 2 in the first");
  fails("seq\ty\nAC\t1\nACXT\t1\n", 3, "'X' at position 3");
  fails("seq\ty\n\t1\n", 2, "no sequence");
  fails("chr1\t100\t200\n", 1, "--seq-column");
  fails("hello world\n", 1, "its only field, 'hello world', is not made of bases");
  fails(std::string("seq\ty\nA\t1\nA\0\t1\n", 15), 3, "NUL");
  fails("seq,y\n\"AC,1\n", 2, "quote");
  fails("seq\tset\ty\nA\ttrian\t1\n", 2, "'trian'");
  // All three lines are there, the check sum behind them is not.
  fails(gzip("seq\ty\nA\t1\nC\t1\n").substr(0, 30), 4, "cut off");
}

TEST_F(BadTable, labels) {
  fails("seq\ty\tz\nA\t1\t1\nA\t1\tred\n", 3, "'red' in column 'z' is no number");
  fails("seq\ty\nA\tTrue\n", 2, "--ignore y");
  fails("seq\ty\nA\tTrue\n", 2, "--targets");
  fails("seq\ty\nA\tinf\n", 2, "infinite");
  fails("seq\ty\nA\t-1e99\n", 2, "infinite");
  options_.range = LabelRange{0, 1, "the criterion wants [0, 1]"};
  fails("seq\ty\nA\t0\nA\tnan\nA\t1\nA\t1.01\n", 5, "the criterion wants [0, 1]");
  fails("seq\ty\nA\t-0.5\n", 2, "'-0.5' in column 'y'");
}

TEST_F(BadTable, columns) {
  fails("seq\n A\n", 1, "no label column");
  fails("id\tseq\ta\ta\nx\tA\t1\t1\n", 1, "two label columns are called 'a'");
  fails("seq\ta\t\nA\t1\t1\n", 1, "column 3 has no name");
  fails("seq\ta\tset\tsplit\nA\t1\ttrain\ttrain\n", 1, "'set' and 'split'");
  options_.targets = {"FOXA"};
  fails("seq\tFOXA1\tMAX\nA\t1\t1\n", 1, "did you mean 'FOXA1'?");
  fails("A\t1\t1\n", 1, "2 label columns, but 1 wanted (--targets)");
  options_.targets = {"seq"};
  fails("seq\tFOXA1\nA\t1\n", 1, "cannot be a target");
  options_ = {};
  options_.ignore = {"MXA"};
  fails("seq\tFOXA1\tMAX\nA\t1\t1\n", 1, "did you mean 'MAX'?");
  options_ = {};
  options_.sequence_column = "sequnce";
  fails("sequence\ty\nA\t1\n", 1, "(--seq-column), did you mean 'sequence'?");
  options_ = {};
  options_.id_column = "peak";
  fails("seq\tpaek\nA\t1\n", 1, "did you mean 'paek'?");
  fails("A\t1\n", 1, "--id-column needs a header");
  options_ = {};
  options_.valid_chroms = {"chr1"};
  fails("seq\ty\nA\t1\n", 1, "no column 'chrom'");
  options_ = {};
  options_.model_targets = {"MAX", "JUND"};
  fails("seq\tMAX\tJUNB\nA\t1\t1\n", 1,
        "no column 'JUND' (a target of the model), did you mean 'JUNB'");
  fails("A\t1\t1\t0\n", 1, "3 label columns, but 2 wanted");
  options_.targets = {"MAX"};
  fails("seq\tMAX\tJUNB\nA\t1\t1\n", 1, "the model has 2 targets");
}

TEST_F(BadTable, classes) {
  options_.kind = LabelKind::classes;
  fails("seq\tx\ty\nA\t1\t0\nA\t1\t1\n", 3, "two classes");
  fails("seq\tx\ty\nA\t0\t0\n", 2, "without a class");
  fails("seq\tx\ty\nA\t0\t0.5\n", 2, "neither 0 nor 1");
  std::string many = "seq\tx\n";
  for (int i = 0; i < 5000; ++i) many += "A\tname" + std::to_string(i) + "\n";
  fails(many, 4098, "more than 4096 classes");
  options_.model_targets = {"neuron", "glia"};
  fails("seq\tcell\nA\tglia\nA\tneuro\n", 3, "did you mean 'neuron'?");
}

TEST_F(TableTest, randomBytesNeverDoMoreThanThrow) {
  std::mt19937 random(99);
  const std::string letters = "\n\n\t\t\t,,ACGTN01.5-enasq\"#\r ";
  const Names starts{"",       "seq\ty\n", "id,seq,set,y\n",
                     "A\t1\n", "#x\n",     "seq\tchrom\ta\tb\nA\tc\t0\t1\n"};
  int errors = 0;
  int records = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text = starts[random() % starts.size()];
    for (auto left = random() % 80; left > 0; --left) {
      text += random() % 60 == 0 ? static_cast<char>(random() % 256)
                                 : letters[random() % letters.size()];
    }
    ReadOptions options;
    options.need_labels = round % 3 != 0;
    options.kind = round % 5 == 0 ? LabelKind::classes : LabelKind::numeric;
    if (round % 7 == 0) options.targets = {"y"};
    if (round % 11 == 0) options.valid_chroms = {"c"};
    try {
      records += Read(write("fuzz", text), options).text.empty() ? 0 : 1;
    } catch (const Error& error) {
      ++errors;
      EXPECT_TRUE(std::string(error.what()).starts_with((folder_ / "fuzz:").string()))
          << error.what();
    }
  }
  EXPECT_GT(errors, 300);
  EXPECT_GT(records, 20);
}

TEST_F(TableTest, randomBinaryFilesAreRefusedOnTheFirstLines) {
  std::mt19937 random(1234);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(5000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 256);
    if (round % 4 == 0) bytes.replace(0, 2, "\x1f\x8b");
    EXPECT_NE(error_of([&] { Read(write("random", bytes), {}); }), "");
  }
}

}  // namespace
}  // namespace explainn::data
