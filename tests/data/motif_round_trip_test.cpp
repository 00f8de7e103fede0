// Motif files as they are written and read back.
#include <gtest/gtest.h>

#include <random>

#include "data/motif_file.h"
#include "data/motif_reader.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using MotifRoundTrip = ReaderTest;

// Counts divided by their sum, as interpretation makes them, and some sites that are no whole
// number.
MotifFile random_motifs() {
  std::mt19937 random(5);
  MotifFile file;
  file.background = {0.28713, 0.21287, 0.21287, 0.28713};
  for (int m = 0; m < 20; ++m) {
    Motif motif{
        .id = "filter" + std::to_string(m), .name = m % 2 == 0 ? "" : "a name", .columns = {}};
    motif.sites = m * 1.7;
    for (int column = 0; column < 1 + m; ++column) {
      std::array<double, 4> row{};
      double sum = 0;
      for (double& value : row) sum += value = static_cast<double>(random() % 977);
      for (double& value : row) value /= sum;
      motif.columns.push_back(row);
    }
    file.motifs.push_back(motif);
  }
  return file;
}

TEST_F(MotifRoundTrip, AReaderGetsWhatAsWrittenSays) {
  const MotifFile file = random_motifs();
  const MotifFile expected = as_written(file);
  const MotifFile found = read_motif_file(write("motifs.meme", meme_text(file)));
  EXPECT_EQ(found.background, expected.background);
  EXPECT_TRUE(found.background_given);
  EXPECT_TRUE(expected.background_given);
  ASSERT_EQ(found.motifs.size(), file.motifs.size());
  for (std::size_t m = 0; m < found.motifs.size(); ++m) {
    SCOPED_TRACE(found.motifs[m].id);
    EXPECT_EQ(found.motifs[m].id, file.motifs[m].id);
    EXPECT_EQ(found.motifs[m].name, file.motifs[m].name);
    EXPECT_EQ(found.motifs[m].columns, expected.motifs[m].columns);
    EXPECT_EQ(found.motifs[m].sites, expected.motifs[m].sites);
  }
  EXPECT_EQ(meme_text(found), meme_text(file));
}

}  // namespace
}  // namespace explainn::data
