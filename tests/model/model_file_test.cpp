#include "model/model_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "kernels/base/error.h"
#include "tests/support/tiny_data.h"

namespace explainn::model {
namespace {

Model small_model(std::int64_t num_fc) {
  Model model;
  model.config.sizes = {.num_units = 3,
                        .filter_size = 5,
                        .num_fc = num_fc,
                        .pool_size = 4,
                        .pool_stride = 3,
                        .input_length = 30,
                        .num_tasks = 2};
  model.config.criterion = Criterion::mse;
  model.config.targets = {"a", "b"};
  model.weights = initial_weights(model.config.sizes, 3);
  model.weights.batches_tracked = 17;
  return model;
}

std::vector<std::string> names_of(std::int64_t num_fc) {
  std::vector<std::string> names;
  for (const data::NamedTensor& tensor : model_tensors(small_model(num_fc)).tensors) {
    names.push_back(tensor.name);
  }
  return names;
}

std::vector<std::string> layer(const std::string& linear, const std::string& norm) {
  return {linear + ".weight",
          linear + ".bias",
          norm + ".weight",
          norm + ".bias",
          norm + ".running_mean",
          norm + ".running_var",
          norm + ".num_batches_tracked"};
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(ModelFile, TensorsHaveTheNamesOfTheOriginalProgram) {
  const std::vector<std::string> final_layer{"final.weight", "final.bias"};
  const auto first = layer("linears.0", "linears.1");
  const auto second = layer("linears.6", "linears.7");
  EXPECT_EQ(names_of(0), first + final_layer);
  EXPECT_EQ(names_of(1), first + second + final_layer);
  EXPECT_EQ(names_of(2), first + second + layer("linears.10", "linears.11") + final_layer);
  EXPECT_EQ(names_of(4), first + second + layer("linears_bg.0.1", "linears_bg.0.2") +
                             layer("linears_bg.1.1", "linears_bg.1.2") +
                             layer("last_linear.1", "last_linear.2") + final_layer);
}

TEST(ModelFile, InitialValuesFollowPyTorchsRule) {
  const Architecture sizes{.num_units = 40, .input_length = 200, .num_tasks = 7};
  const Weights weights = initial_weights(sizes, 1);
  for (std::size_t i = 0; i < weights.specs.size(); ++i) {
    const TensorSpec& spec = weights.specs[i];
    double low = INFINITY;
    double high = -INFINITY;
    double squares = 0;
    for (const float value : weights.values[i]) {
      low = std::min<double>(low, value);
      high = std::max<double>(high, value);
      squares += static_cast<double>(value) * value;
    }
    if (spec.fan_in == 0) {
      const bool one = spec.role == TensorRole::gamma || spec.role == TensorRole::running_var;
      EXPECT_EQ(low, one ? 1 : 0) << spec.name;
      EXPECT_EQ(high, one ? 1 : 0) << spec.name;
      continue;
    }
    // fan_in of the original's grouped convolutions: inputs of one output of one group.
    const double fan_in = spec.name.starts_with("linears.0")   ? 4 * 19
                          : spec.name.starts_with("linears.6") ? 26
                          : spec.name.starts_with("final")     ? 40
                                                               : 100;
    const double bound = 1 / std::sqrt(fan_in);
    EXPECT_GE(low, -bound) << spec.name;
    EXPECT_LE(high, bound) << spec.name;
    if (spec.size() >= 1000) {  // uniform: variance bound^2 / 3
      EXPECT_NEAR(squares / static_cast<double>(spec.size()), bound * bound / 3,
                  0.1 * bound * bound / 3)
          << spec.name;
    }
  }
}

TEST(ModelFile, ReadsBackWhatItWroteAndEqualModelsAreEqualBytes) {
  const test::TemporaryFolder folder;
  for (const std::int64_t num_fc : {0, 1, 2, 3, 8}) {
    const Model model = small_model(num_fc);
    write_model(folder.path("a"), model);
    const Model back = read_model(folder.path("a"));
    EXPECT_EQ(back.config, model.config);
    EXPECT_EQ(back.weights.values, model.weights.values);
    EXPECT_EQ(back.weights.batches_tracked, num_fc >= 0 ? 17 : 0);
    write_model(folder.path("b"), back);
    EXPECT_EQ(test::file_bytes(folder.path("a")), test::file_bytes(folder.path("b")));
  }
}

// What read_model says of a file with `change` made to its tensors.
template <typename Change>
std::string complaint(const Change& change) {
  const test::TemporaryFolder folder;
  data::TensorFile file = model_tensors(small_model(2));
  change(file);
  data::write_safetensors(folder.path("m.safetensors"), file);
  try {
    read_model(folder.path("m.safetensors"));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ModelFile, DamageIsNamed) {
  using File = data::TensorFile;
  const auto values = [](File& file, std::size_t i) -> std::vector<float>& {
    return std::get<std::vector<float>>(file.tensors[i].values);
  };
  EXPECT_EQ(complaint([](File&) {}), "accepted");
  EXPECT_NE(complaint([&](File& f) { values(f, 0)[3] = NAN; }).find("linears.0.weight"),
            std::string::npos);
  EXPECT_NE(complaint([&](File& f) { values(f, 5)[0] = -1; }).find("linears.1.running_var"),
            std::string::npos);
  EXPECT_NE(
      complaint([](File& f) { f.tensors.erase(f.tensors.begin() + 7); }).find("linears.6.weight"),
      std::string::npos);
  EXPECT_NE(complaint([](File& f) {
              f.tensors[7].shape = {8, 300, 1};
            }).find("[300, 8, 1]"),
            std::string::npos);
  EXPECT_NE(complaint([](File& f) {
              f.tensors.push_back({"extra", {}, std::vector<float>{1}});
            }).find("extra"),
            std::string::npos);
  EXPECT_NE(complaint([](File& f) { f.metadata.erase("explainn"); }).find("no explainn model"),
            std::string::npos);
  EXPECT_NE(complaint([](File& f) { f.metadata["explainn_format"] = "2"; }).find("version"),
            std::string::npos);
  EXPECT_NE(complaint([](File& f) { f.metadata["explainn"] = "{"; }).find("JSON"),
            std::string::npos);
}

TEST(ModelFile, ConversionInfersEverySizeFromShapes) {
  for (const std::int64_t num_fc : {0, 1, 2, 3, 8}) {
    const Model model = small_model(num_fc);
    data::TensorFile file = model_tensors(model);
    file.metadata.clear();
    const ConversionOptions options{.input_length = 30, .pool_size = 4, .pool_stride = 3};
    const Model converted = convert_checkpoint(file, options, "x.pth");
    EXPECT_EQ(converted.config.sizes, model.config.sizes) << num_fc;
    EXPECT_EQ(converted.weights.values, model.weights.values);
    EXPECT_EQ(converted.config.targets, (std::vector<std::string>{"task0", "task1"}));
  }
  // Q = 8 pooled positions of 4 every 3 after a filter of 5 need at least 7 * 3 + 4 + 4 bases.
  const data::TensorFile file = model_tensors(small_model(2));
  const Model shortest = convert_checkpoint(file, {.pool_size = 4, .pool_stride = 3}, "x.pth");
  EXPECT_EQ(shortest.config.sizes.input_length, 29);
  EXPECT_THROW(
      convert_checkpoint(file, {.input_length = 40, .pool_size = 4, .pool_stride = 3}, "x"),
      UsageError);
  EXPECT_THROW(
      convert_checkpoint(file, {.pool_size = 4, .pool_stride = 3, .targets = {"one"}}, "x"),
      UsageError);
}

}  // namespace
}  // namespace explainn::model
