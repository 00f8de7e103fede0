#include "data/place_list.h"

#include <gtest/gtest.h>

#include <string>

namespace explainn::data {
namespace {

TEST(PlaceList, GivesBackWhatWasAddedAlsoAsACopy) {
  PlaceList copy;
  {
    PlaceList places;
    for (int i = 0; i < 100; ++i) {
      const std::string chrom = "chr" + std::to_string(i % 7);
      if (i % 5 == 4) {
        places.add(std::nullopt);
      } else {
        places.add(
            Place{chrom, 10 * i, 10 * i + 7, i % 2 == 0 ? Strand::forward : Strand::reverse});
      }
    }
    copy = places;
  }
  ASSERT_EQ(copy.size(), 100);
  for (int i = 0; i < 100; ++i) {
    const std::optional<Place> place = copy[i];
    ASSERT_EQ(place.has_value(), i % 5 != 4) << i;
    if (!place) continue;
    EXPECT_EQ(place->chrom, "chr" + std::to_string(i % 7));
    EXPECT_EQ(place->start, 10 * i);
    EXPECT_EQ(place->end, 10 * i + 7);
    EXPECT_EQ(place->strand, i % 2 == 0 ? Strand::forward : Strand::reverse);
  }
}

}  // namespace
}  // namespace explainn::data
