// The engine on a GPU: what the composed network does not do.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "engine/ops.h"
#include "engine/optimizer.h"
#include "tests/support/device.h"

namespace explainn::engine {
namespace {

using test::kGpu;
using Numbers = std::vector<double>;

class DeviceEngine : public test::DeviceTest {};

Tensor<double> random_tensor(Shape shape, std::uint64_t seed, Device device) {
  return Tensor<double>::from(test::random_values<double>(shape.size(), seed), shape, device);
}

// Every function of an element, softmax, and a matrix that is used twice, so that its gradient is
// added up; then the gradients of all, after a step that follows them, once more.
std::vector<Numbers> two_steps(Device device) {
  Tensor<double> w = random_tensor({5, 5}, 1, device), bias = random_tensor({5}, 2, device);
  Tensor<double> unused = random_tensor({3}, 3, device);
  const Tensor<double> frozen = random_tensor({4, 5}, 4, device);
  Optimizer<double> optimizer(
      {.lr = 0.1}, {w.want_gradient(), bias.want_gradient(), unused.want_gradient(), frozen});
  std::vector<Numbers> all;
  for (int step = 0; step < 2; ++step) {
    Tape<double> tape;
    Tensor<double> y = linear(tape, exp(tape, frozen), w, bias);
    y = linear(tape, sigmoid(tape, relu(tape, y)), w, bias);
    Loss<double> mean =
        loss(tape, softmax(tape, y), random_tensor({4, 5}, 5, device), LossKind::mse);
    tape.backward(mean.mean);
    all.push_back({mean.total.sum, mean.mean.host_values()[0]});
    all.push_back(w.host_gradient());
    all.push_back(bias.host_gradient());
    optimizer.step();
    EXPECT_FALSE(w.has_gradient());
    for (const Tensor<double>& tensor : {w, bias, unused, frozen}) {
      all.push_back(tensor.host_values());
    }
  }
  return all;
}

TEST_F(DeviceEngine, StepsAsOnTheCpu) {
  const std::vector<Numbers> expected = two_steps({});
  test::in_every_order([&] {
    const std::vector<Numbers> got = two_steps(kGpu);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      test::expect_close(got[i], expected[i], 1e-12, "tensor " + std::to_string(i));
    }
  });
}

TEST_F(DeviceEngine, TensorsComeAndGo) {
  Tensor<double> x = random_tensor({2, 3}, 1, kGpu);
  EXPECT_EQ(x.device(), kGpu);
  EXPECT_EQ(x.host_values(), test::random_values<double>(6, 1));
  x.set_values(Numbers{1, 2, 3, 4, -5, -6});
  clamp_negative(x);
  EXPECT_EQ(x.host_values(), (Numbers{1, 2, 3, 4, 0, 0}));
  x.clear();
  EXPECT_EQ(x.host_values(), Numbers(6, 0));
  EXPECT_THROW(x.set_values(Numbers(5)), std::invalid_argument);
}

TEST_F(DeviceEngine, RefusesTensorsOfTwoDevices) {
  Tape<double> tape;
  try {
    linear(tape, random_tensor({2, 3}, 1, kGpu), random_tensor({4, 3}, 2, {}),
           random_tensor({4}, 3, kGpu));
    FAIL() << "a product across devices";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("[linear] [2, 3] lies on cuda:0, [4, 3] on cpu"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace explainn::engine
