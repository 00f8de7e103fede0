// The kernels that share work, buffers and the block cache, under several threads.
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "engine/ops.h"
#include "engine/optimizer.h"
#include "tests/support/gradient_check.h"
#include "tests/support/threads.h"

namespace explainn::engine {
namespace {

using test::random_tensor;

// Two training steps of a small network that uses every op; all its parameters afterwards.
std::vector<float> train() {
  const auto x = random_tensor<float>({17, 4, 30}, 1);
  const auto labels = random_tensor<float>({17, 1}, 2, 0, 1);
  std::vector<Tensor<float>> p = {
      random_tensor<float>({70, 4, 7}, 3), random_tensor<float>({70}, 4, 0.5, 1),
      random_tensor<float>({70}, 5),       random_tensor<float>({70 * 9, 6}, 6),
      random_tensor<float>({70 * 9}, 7),   random_tensor<float>({1, 70 * 9}, 8, -0.1, 0.1),
      random_tensor<float>({1}, 9)};
  for (auto& parameter : p) parameter.want_gradient();
  BatchNorm<float> norm{.gamma = p[1],
                        .beta = p[2],
                        .running_mean = random_tensor<float>({70}, 10),
                        .running_var = random_tensor<float>({70}, 11, 0.5, 1)};
  Optimizer<float> optimizer({.lr = 0.01}, p);
  for (std::uint32_t step = 0; step < 2; ++step) {
    Tape<float> tape;
    auto y = exp(tape, batch_norm_train(tape, conv1d(tape, x, p[0], {}), norm));
    y = relu(tape, unit_linear(tape, max_pool1d(tape, y, 4, 4), p[3], p[4]));
    y = dropout(tape, y, {.probability = 0.3, .seed = 1, .step = step, .stream = 2});
    y = linear(tape, flatten(tape, y), p[5], p[6]);
    auto result = loss(tape, y, labels, kernels::LossKind::bce_with_logits);
    tape.backward(result.mean);
    optimizer.step();
  }
  p.push_back(norm.running_mean);
  p.push_back(norm.running_var);
  std::vector<float> all;
  for (const auto& t : p) all.insert(all.end(), t.values().begin(), t.values().end());
  return all;
}

TEST(TrainingStep, SameBitsForAllThreadCounts) {
  const std::vector<float> once = train();
  for (const float value : once) ASSERT_TRUE(std::isfinite(value));
  test::expect_same_bits_for_all_thread_counts(train);
}

TEST(TrainingStep, TwoNetworksAtOnce) {
  const test::ThreadCount two(2);
  const std::vector<float> alone = train();
  std::vector<float> first, second;
  std::thread a([&] { first = train(); });
  std::thread b([&] { second = train(); });
  a.join();
  b.join();
  EXPECT_EQ(first, alone);
  EXPECT_EQ(second, alone);
}

}  // namespace
}  // namespace explainn::engine
