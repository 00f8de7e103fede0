#include "model/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

Config valid_config() {
  Config config;
  config.sizes.input_length = 200;
  config.sizes.num_tasks = 3;
  config.criterion = Criterion::bce_with_logits;
  config.targets = {"MAX", "FOXA1", "JUND"};
  return config;
}

std::string refusal(const Config& config) {
  try {
    validate(config);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Config, DerivedSizesAreThoseOfThePaper) {
  const Architecture sizes = valid_config().sizes;
  EXPECT_EQ(sizes.positions(), 182);
  EXPECT_EQ(sizes.pooled(), 26);
  Architecture global = sizes;
  global.num_fc = 0;
  EXPECT_EQ(global.pooled(), 1);
}

TEST(Config, SurvivesJson) {
  Config config = valid_config();
  config.rev_complement = true;
  config.seed = ~std::uint64_t{0};
  config.lr = 0.1;
  EXPECT_EQ(config_from_json(nlohmann::json::parse(to_json(config).dump())), config);
  config.criterion.reset();
  EXPECT_EQ(config_from_json(to_json(config)), config);
}

TEST(Config, SizesThatDoNotFitNameTheLargestThatDoes) {
  EXPECT_EQ(refusal(valid_config()), "accepted");
  Config config = valid_config();
  config.sizes.filter_size = 201;
  EXPECT_NE(refusal(config).find("--filter-size 201"), std::string::npos);
  EXPECT_NE(refusal(config).find("is 200"), std::string::npos);
  config = valid_config();
  config.sizes.pool_size = 183;
  EXPECT_NE(refusal(config).find("--pool-size 183"), std::string::npos);
  EXPECT_NE(refusal(config).find("is 182"), std::string::npos);
  config.sizes.num_fc = 0;  // its pool spans whatever there is
  EXPECT_EQ(refusal(config), "accepted");
}

TEST(Config, RefusesSizesOutOfRange) {
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 60}) {
    for (auto member : {&Architecture::num_units, &Architecture::filter_size,
                        &Architecture::pool_size, &Architecture::input_length}) {
      Config config = valid_config();
      config.sizes.*member = bad;
      EXPECT_NE(refusal(config), "accepted") << bad;
    }
  }
  Config config = valid_config();
  config.sizes.num_fc = 9;
  EXPECT_NE(refusal(config).find("--num-fc 9"), std::string::npos);
  config = valid_config();
  config.sizes.pool_stride = 0;
  EXPECT_NE(refusal(config).find("--pool-stride"), std::string::npos);
  config = valid_config();
  config.lr = -1;
  EXPECT_NE(refusal(config).find("--lr"), std::string::npos);
}

TEST(Config, NamesMustBeUtf8) {
  Config config = valid_config();
  config.targets[1] = "Zell\xe4hnlich";  // Latin-1
  EXPECT_NE(refusal(config).find("UTF-8"), std::string::npos);
  config.targets[1] = "Zell\xc3\xa4hnlich";
  EXPECT_EQ(refusal(config), "accepted");
}

TEST(Config, PearsonOfOneTaskIsRefusedWithTheReason) {
  Config config = valid_config();
  config.criterion = Criterion::pearson;
  EXPECT_EQ(refusal(config), "accepted");
  config.targets = {"only"};
  config.sizes.num_tasks = 1;
  EXPECT_NE(refusal(config).find("at least two"), std::string::npos);
}

TEST(Config, DamagedDescriptionsAreErrorsThatNameTheField) {
  const nlohmann::json good = to_json(valid_config());
  for (const auto& [key, value] : good.items()) {
    nlohmann::json lacking = good;
    lacking.erase(key);
    try {
      config_from_json(lacking);
      ADD_FAILURE() << "accepted without " << key;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
    nlohmann::json odd = good;
    odd[key] = nlohmann::json::object();
    EXPECT_THROW(config_from_json(odd), Error) << key;
  }
  nlohmann::json fraction = good;
  fraction["num_units"] = 3.5;
  EXPECT_THROW(config_from_json(fraction), Error);
}

TEST(Config, UnknownCriterionProposesTheNearest) {
  try {
    criterion_from("bcewithlogit");
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("'bcewithlogits'"), std::string::npos);
  }
  try {
    criterion_from("x");
    ADD_FAILURE();
  } catch (const UsageError& error) {  // nothing is near: only the list
    EXPECT_EQ(std::string(error.what()).find("did you mean"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("poissonnll"), std::string::npos);
  }
  for (const std::string& name : criterion_names())
    EXPECT_EQ(to_string(criterion_from(name)), name);
}

}  // namespace
}  // namespace explainn::model
