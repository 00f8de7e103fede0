// Whole training runs on a GPU, the real one or the simulated: what they learn, their bytes, and
// resuming.
#include <gtest/gtest.h>

#include "model/trainer.h"
#include "tests/device/small_network.h"
#include "tests/support/device.h"

namespace explainn::model {
namespace {

using test::kGpu;

class DeviceTrainer : public test::DeviceTest {};

Config small_config() {
  Config config;
  config.sizes = small(2);
  config.criterion = Criterion::bce_with_logits;
  config.targets = {"task0", "task1"};
  config.rev_complement = true;
  return config;
}

TrainOptions small_options(Device device) {
  TrainOptions options;
  options.batch_size = 11;
  options.num_epochs = 2;
  options.device = device;
  return options;
}

std::string results(const test::TemporaryFolder& folder) {
  return test::file_bytes(folder.path("model.safetensors")) +
         test::file_bytes(folder.path("losses.tsv"));
}

// Dropout and order are the same on both, so the paths stay close for a few epochs.
TEST_F(DeviceTrainer, LearnsWhatTheCpuLearns) {
  const test::TemporaryFolder on_cpu, on_gpu, again;
  const TrainSummary expected =
      train(small_config(), small_options({}), dataset(), on_cpu.path(), {});
  const TrainSummary got = train(small_config(), small_options(kGpu), dataset(), on_gpu.path(), {});
  ASSERT_EQ(got.epochs.size(), expected.epochs.size());
  for (std::size_t i = 0; i < got.epochs.size(); ++i) {
    EXPECT_NEAR(got.epochs[i].train_loss, expected.epochs[i].train_loss, 1e-2) << i;
    EXPECT_NEAR(got.epochs[i].valid_loss, expected.epochs[i].valid_loss, 1e-2) << i;
  }
  EXPECT_EQ(got.steps, expected.steps);
  train(small_config(), small_options(kGpu), dataset(), again.path(), {});
  EXPECT_EQ(results(again), results(on_gpu)) << "other bytes in a second run";
}

TEST_F(DeviceTrainer, StoppedAnywhereItGoesOnBitForBit) {
  const test::TemporaryFolder undisturbed, folder;
  train(small_config(), small_options(kGpu), dataset(), undisturbed.path(), {});
  TrainOptions options = small_options(kGpu);
  options.resume = true;
  TrainSummary summary;
  int runs = 0;
  do {
    options.on_device.batches_at_once = 1 + runs % 3;
    options.on_device.sample_bytes =
        runs % 2 == 0 ? std::optional<std::int64_t>{} : std::optional<std::int64_t>{700};
    int calls = 0;
    TrainHooks hooks;
    hooks.stop = [&] { return ++calls >= 2; };
    summary = train(small_config(), options, dataset(), folder.path(), hooks);
  } while (summary.end == TrainSummary::End::stopped && ++runs < 100);
  EXPECT_GE(runs, 2);
  EXPECT_EQ(results(folder), results(undisturbed));
}

TEST_F(DeviceTrainer, SaysWhenTheOtherDeviceComputedTheState) {
  const test::TemporaryFolder folder;
  TrainOptions options = small_options(kGpu);
  options.num_epochs = 1;
  train(small_config(), options, dataset(), folder.path(), {});
  options.resume = true;
  options.num_epochs = 2;
  options.device = {};
  std::string note;
  TrainHooks hooks;
  hooks.note = [&](const std::string& text) { note = text; };
  const TrainSummary summary = train(small_config(), options, dataset(), folder.path(), hooks);
  EXPECT_EQ(summary.epochs.size(), 2U);
  EXPECT_NE(note.find("a GPU"), std::string::npos) << note;
}

}  // namespace
}  // namespace explainn::model
