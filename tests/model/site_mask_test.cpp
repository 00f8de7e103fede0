// Sites that are taken out of sequences.
#include "model/motif/site_mask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace explainn::model {
namespace {

std::vector<data::Base> bases_of(const std::string& letters) {
  std::vector<data::Base> bases;
  for (const char letter : letters) {
    bases.push_back(static_cast<data::Base>(data::kBaseLetters.find(letter)));
  }
  return bases;
}

std::string text_of(std::span<const data::Base> bases) {
  std::string text;
  for (const data::Base base : bases) text += data::kBaseLetters[base];
  return text;
}

// One bit for each letter that is right.
ScoreColumns matches(const std::string& letters) {
  ScoreColumns columns;
  for (const data::Base base : bases_of(letters)) {
    columns.push_back({0, 0, 0, 0});
    columns.back()[base] = engine::kScoresPerBit;
  }
  return columns;
}

class Mask : public testing::Test {
 protected:
  Mask() {
    for (const std::string& text : texts_) kept_.push_back(bases_of(text));
    for (const auto& bases : kept_) views_.emplace_back(bases);
    mask_.emplace(views_);
  }
  std::vector<std::string> left() const {
    std::vector<std::string> texts;
    for (const auto view : mask_->sequences()) texts.push_back(text_of(view));
    return texts;
  }

  using Texts = std::vector<std::string>;
  const Texts texts_{"TTGACGTT", "ACGACGAC", "", "NACG", "AC", "TTCGTCTT"};
  std::vector<std::vector<data::Base>> kept_;
  std::vector<std::span<const data::Base>> views_;
  std::optional<SiteMask> mask_;
};

TEST_F(Mask, SitesThatOverlapAreTakenTogether) {
  mask_->take(matches("GACG"), 4, ScanStrands::both, 3);
  EXPECT_EQ(left(), (Texts{"TTNNNNTT", "ACNNNNAC", "", "NACG", "AC", "TTNNNNTT"}));
  mask_->take(matches("A"), 0, ScanStrands::forward, 1);
  EXPECT_EQ(left(), (Texts{"NNNNNNNN", "NNNNNNNN", "", "NNNN", "NN", "NNNNNNNN"}));
  EXPECT_EQ(mask_->taker(0, 1, 4), 3U);
  EXPECT_EQ(mask_->taker(0, 0, 4), 1U);  // two each
  EXPECT_EQ(mask_->taker(3, 0, 1), std::nullopt);
  // What was given is as it was.
  EXPECT_EQ(text_of(kept_[0]), texts_[0]);
}

TEST_F(Mask, OnlyWindowsThatReachTheThreshold) {
  mask_->take(matches("ACG"), std::numeric_limits<float>::infinity(), ScanStrands::both, 0);
  EXPECT_EQ(left(), texts_);
  EXPECT_EQ(mask_->taker(1, 0, 8), std::nullopt);
  mask_->take(matches("ACGACG"), 5.5F, ScanStrands::forward, 0);
  EXPECT_EQ(left(), (Texts{"TTGACGTT", "NNNNNNAC", "", "NACG", "AC", "TTCGTCTT"}));
  mask_->take(matches("CC"), -std::numeric_limits<float>::infinity(), ScanStrands::forward, 1);
  EXPECT_EQ(left(), (Texts{"NNNNNNNN", "NNNNNNNN", "", "NNNN", "NN", "NNNNNNNN"}));
  EXPECT_THROW(mask_->take(matches("A"), 1, ScanStrands::both, 65535), std::invalid_argument);
}

TEST(MotifCore, IsBetweenTheFirstAndTheLastColumnThatSaysSomething) {
  data::Motif motif;
  const std::array<double, 4> flat{0.25, 0.25, 0.25, 0.25};
  const std::array<double, 4> sharp{0.97, 0.01, 0.01, 0.01};
  motif.columns = {flat, flat, sharp, flat, sharp, flat};
  EXPECT_EQ(motif_core(motif).begin, 2U);
  EXPECT_EQ(motif_core(motif).width, 3U);
  motif.columns = {flat, flat};
  EXPECT_EQ(motif_core(motif).begin, 0U);
  EXPECT_EQ(motif_core(motif).width, 2U);
}

}  // namespace
}  // namespace explainn::model
