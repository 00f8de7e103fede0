// The losses and the optimisers, each alone, against PyTorch in double precision.
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/ops.h"
#include "engine/optimizer.h"
#include "tests/support/compare.h"
#include "tests/support/golden.h"

namespace explainn::engine {
namespace {

using Numbers = std::vector<double>;

template <typename T>
Tensor<T> tensor_of(const Numbers& numbers, const std::vector<std::int64_t>& shape) {
  return Tensor<T>::from(std::vector<T>(numbers.begin(), numbers.end()), Shape(shape));
}

template <typename T>
class PytorchGolden : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(PytorchGolden, Scalars);

TYPED_TEST(PytorchGolden, Losses) {
  using T = TypeParam;
  const double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-13;
  const std::pair<const char*, LossKind> kinds[] = {{"bcewithlogits", LossKind::bce_with_logits},
                                                    {"crossentropy", LossKind::cross_entropy},
                                                    {"mse", LossKind::mse},
                                                    {"pearson", LossKind::pearson},
                                                    {"poissonnll", LossKind::poisson_nll}};
  const test::Golden golden("network/losses.safetensors");
  for (const auto& [kind_name, kind] : kinds) {
    for (const char* const rows : {"missing", "full", "narrow"}) {
      const std::string name = std::string(kind_name) + "." + rows + ".";
      SCOPED_TRACE(name);
      const auto read = [&](const char* part) {
        return tensor_of<T>(golden.numbers(name + part), golden.shape(name + part));
      };
      Tensor<T> logits = read("logits");
      logits.want_gradient();
      Tape<T> tape;
      Loss<T> result = loss(tape, logits, read("labels"), kind);
      tape.backward(result.mean);
      EXPECT_EQ(result.total.count, golden.integer(name + "count"));
      // Sums are taken in double whatever the type, from numbers that float holds exactly; labels
      // are exact too.
      test::expect_close(std::vector{result.total.sum}, golden.numbers(name + "sum"), 1e-13, "sum");
      test::expect_close(result.mean.values(), golden.numbers(name + "loss"), tolerance, "loss");
      test::expect_close(logits.gradient(), golden.numbers(name + "grad"), tolerance, "gradient");
    }
  }
}

// Every one of the 37 parameters on its own: their gradients differ by many powers of ten.
template <typename T>
void check_optimizer(const std::string& name, const OptimizerSettings& settings) {
  const test::Golden golden("network/optimizers.safetensors");
  const std::size_t size = golden.numbers("start").size();
  const Numbers& gradients = golden.numbers("gradients");
  const Numbers& path = golden.numbers(name + ".path");
  ASSERT_EQ(path.size(), 50 * size);
  Tensor<T> parameter = tensor_of<T>(golden.numbers("start"), golden.shape("start"));
  parameter.want_gradient();
  Optimizer<T> optimizer(settings, {parameter});
  std::vector<Numbers> ours(size), theirs(size);
  for (std::size_t step = 0; step < 50; ++step) {
    const auto slot = parameter.gradient_slot();
    for (std::size_t i = 0; i < size; ++i) {
      slot.put(static_cast<std::int64_t>(i), static_cast<T>(gradients[step * size + i]));
    }
    optimizer.step();
    for (std::size_t i = 0; i < size; ++i) {
      ours[i].push_back(parameter.values()[i]);
      theirs[i].push_back(path[step * size + i]);
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    test::expect_close(ours[i], theirs[i], std::is_same_v<T, float> ? 1e-6 : 1e-13,
                       name + " of parameter " + std::to_string(i));
  }
}

TYPED_TEST(PytorchGolden, Sgd) {
  check_optimizer<TypeParam>("sgd", {.kind = OptimizerKind::sgd, .lr = 0.01});
}

TYPED_TEST(PytorchGolden, SgdWithMomentum) {
  check_optimizer<TypeParam>("sgd_momentum",
                             {.kind = OptimizerKind::sgd, .lr = 0.01, .momentum = 0.9});
}

TYPED_TEST(PytorchGolden, Adam) {
  check_optimizer<TypeParam>("adam", {.kind = OptimizerKind::adam, .lr = 0.003});
}

}  // namespace
}  // namespace explainn::engine
