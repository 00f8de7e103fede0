#include "model/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"
#include "kernels/base/permutation.h"
#include "model/samples.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_data.h"

namespace explainn::model {
namespace {

Config small_config(bool both_strands) {
  Config config;
  config.sizes = {.num_units = 4,
                  .filter_size = 6,
                  .num_fc = 2,
                  .pool_size = 5,
                  .pool_stride = 5,
                  .input_length = 40,
                  .num_tasks = 2};
  config.criterion = Criterion::bce_with_logits;
  config.targets = {"task0", "task1"};
  config.rev_complement = both_strands;
  return config;
}

const data::Dataset& dataset() {
  static const data::Dataset data = test::tiny_dataset(71, 40, 2, 15);
  return data;
}

TrainOptions small_options() {
  TrainOptions options;
  options.batch_size = 11;
  options.num_epochs = 4;
  return options;
}

TEST(BatchPlan, CoversEverySampleOnceAndNeverLeavesOneAlone) {
  for (std::int64_t size = 2; size < 60; ++size) {
    for (const std::int64_t batch : {2, 3, 7, 100}) {
      const BatchPlan plan(size, batch);
      std::int64_t next = 0;
      for (std::int64_t i = 0; i < plan.count(); ++i) {
        EXPECT_EQ(plan.begin(i), next);
        EXPECT_GE(plan.end(i) - plan.begin(i), 2);
        EXPECT_LE(plan.end(i) - plan.begin(i), batch + 1);
        next = plan.end(i);
      }
      EXPECT_EQ(next, size) << size << " in batches of " << batch;
    }
  }
}

// The loop of training.md written out: permutation, batches, steps, validation, the best kept.
TEST(Trainer, IsTheLoopThatTheDefinitionDescribes) {
  const test::TemporaryFolder folder;
  const Config config = small_config(true);
  const TrainOptions options = small_options();
  const TrainSummary summary = train(config, options, dataset(), folder.path(), {});

  auto network = make_network(
      config.sizes, initial_weights(config.sizes, config.seed),
      {.criterion = *config.criterion, .optimizer = options.optimizer, .seed = config.seed});
  const std::int64_t rows = 56;
  std::uint32_t step = 0;
  double best = INFINITY;
  Weights best_weights;
  ASSERT_EQ(summary.epochs.size(), 4U);
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    const Permutation order(2 * rows, config.seed, epoch);
    engine::LossSum total;
    for (std::int64_t begin = 0; begin < 2 * rows;) {
      std::int64_t end = std::min<std::int64_t>(begin + 11, 2 * rows);
      if (2 * rows - end == 1) end = 2 * rows;
      std::vector<data::Base> bases;
      std::vector<float> labels;
      for (std::int64_t place = begin; place < end; ++place) {
        const auto sample = static_cast<std::int64_t>(order(static_cast<std::uint64_t>(place)));
        const auto sequence = dataset().sequences[sample % rows];
        std::vector<data::Base> strand(sequence.begin(), sequence.end());
        if (sample >= rows) {
          std::reverse(strand.begin(), strand.end());
          std::transform(strand.begin(), strand.end(), strand.begin(), data::complement);
        }
        bases.insert(bases.end(), strand.begin(), strand.end());
        for (const float label : dataset().row_labels(sample % rows)) labels.push_back(label);
      }
      total += network->train_step(
          {.sequences = {bases.data(), end - begin}, .labels = labels.data(), .step = step++});
      begin = end;
    }
    EXPECT_EQ(summary.epochs[epoch].train_loss, total.mean());
    const std::vector<std::uint32_t> valid = dataset().rows(data::Split::valid);
    ASSERT_EQ(valid.size(), 15U);
    const double loss = evaluation_loss(*network, config, dataset(), valid);
    EXPECT_EQ(summary.epochs[epoch].valid_loss, loss);
    EXPECT_EQ(summary.epochs[epoch].improved, loss < best);
    if (loss < best) {
      best = loss;
      best_weights = network->weights();
    }
  }
  EXPECT_EQ(read_model(folder.path("model.safetensors")).weights.values, best_weights.values);
  EXPECT_EQ(summary.best_valid_loss, best);
  EXPECT_EQ(summary.end, TrainSummary::End::finished);
}

// What the trainer asks a network for, many batches at a time or each alone.
TEST(Network, BatchesOfAnEpochMayBeDividedAnyhow) {
  const Config config = small_config(true);
  const std::vector<std::uint32_t> rows = dataset().rows(data::Split::train);
  const SampleSet samples(dataset(), rows, true, config.sizes.input_length);
  const BatchPlan plan(samples.size(), 37);  // 112 samples: the last batch has 38
  const auto epoch = [&](std::int64_t at_once) {
    const auto network =
        make_network(config.sizes, initial_weights(config.sizes, config.seed),
                     {.criterion = *config.criterion, .optimizer = {}, .seed = config.seed});
    BatchesDone done{.loss = {.sum = 0.5, .count = 3}, .batches = 0};
    for (std::int64_t first = 0; first < plan.count(); first += at_once) {
      done = network->train_batches({.samples = samples,
                                     .plan = plan,
                                     .seed = 3,
                                     .epoch = 2,
                                     .first = first,
                                     .count = std::min(at_once, plan.count() - first),
                                     .step = static_cast<std::uint32_t>(first),
                                     .before = done.loss});
      EXPECT_EQ(done.batches, std::min(at_once, plan.count() - first));
    }
    return std::pair(done.loss.sum, network->weights().values);
  };
  const auto reference = epoch(1);
  EXPECT_EQ(epoch(2), reference);
  EXPECT_EQ(epoch(3), reference);
}

TEST(SampleSet, IsKnownByItsNumber) {
  const std::vector<std::uint32_t> rows = {0, 1, 2};
  const SampleSet one(dataset(), rows, true, 40), other(dataset(), rows, true, 40);
  const SampleSet copy = one;
  EXPECT_EQ(copy.id(), one.id());
  EXPECT_NE(other.id(), one.id());
}

std::string trained_bytes(const Config& config, TrainOptions options) {
  const test::TemporaryFolder folder;
  train(config, options, dataset(), folder.path(), {});
  return test::file_bytes(folder.path("model.safetensors")) +
         test::file_bytes(folder.path("losses.tsv"));
}

TEST(Trainer, StoppedAtAnyStepItGoesOnBitForBit) {
  const Config config = small_config(false);
  const std::string undisturbed = trained_bytes(config, small_options());
  for (const int steps_each : {1, 2, 5, 7}) {
    const test::TemporaryFolder folder;
    TrainOptions options = small_options();
    options.resume = true;  // with no state it starts anew
    TrainSummary summary;
    int runs = 0;
    do {
      int steps = 0;
      TrainHooks hooks;
      hooks.stop = [&] { return ++steps >= steps_each; };
      summary = train(config, options, dataset(), folder.path(), hooks);
    } while (summary.end == TrainSummary::End::stopped && ++runs < 100);
    EXPECT_GE(runs, 2);
    EXPECT_EQ(test::file_bytes(folder.path("model.safetensors")) +
                  test::file_bytes(folder.path("losses.tsv")),
              undisturbed)
        << steps_each << " steps a run";
    EXPECT_EQ(summary.epochs.size(), 4U);
    EXPECT_EQ(train(config, options, dataset(), folder.path(), {}).end,
              TrainSummary::End::already_finished);
  }
}

TEST(Trainer, GoesOnWithSgdMomentumAndClampedWeights) {
  const Config config = small_config(true);
  TrainOptions options = small_options();
  options.optimizer = {.kind = engine::OptimizerKind::sgd, .lr = 0.05, .momentum = 0.9};
  options.trim_weights = true;
  const std::string undisturbed = trained_bytes(config, options);
  const test::TemporaryFolder folder;
  options.resume = true;
  int steps = 0;
  TrainHooks hooks;
  hooks.stop = [&] { return ++steps == 6; };
  train(config, options, dataset(), folder.path(), hooks);
  train(config, options, dataset(), folder.path(), {});
  EXPECT_EQ(test::file_bytes(folder.path("model.safetensors")) +
                test::file_bytes(folder.path("losses.tsv")),
            undisturbed);
  const Weights weights = read_model(folder.path("model.safetensors")).weights;
  const auto& final_weight = weights.at("final.weight");
  EXPECT_GE(*std::min_element(final_weight.begin(), final_weight.end()), 0);
  EXPECT_GT(*std::max_element(final_weight.begin(), final_weight.end()), 0);
}

TEST(Trainer, AnyNumberOfThreadsGivesTheSameBytes) {
  std::vector<std::string> results;
  for (const int threads : {1, 2, 3}) {
    const test::ThreadCount several(threads);
    results.push_back(trained_bytes(small_config(true), small_options()));
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Trainer, CheckpointsDoNotChangeTraining) {
  const test::TemporaryFolder folder;
  TrainOptions options = small_options();
  options.checkpoint_every = 2;
  options.state_interval_seconds = 0;  // a state after every step
  train(small_config(false), options, dataset(), folder.path(), {});
  EXPECT_EQ(test::file_bytes(folder.path("model.safetensors")) +
                test::file_bytes(folder.path("losses.tsv")),
            trained_bytes(small_config(false), small_options()));
  EXPECT_FALSE(std::filesystem::exists(folder.path("model_epoch_1.safetensors")));
  EXPECT_TRUE(std::filesystem::exists(folder.path("model_epoch_2.safetensors")));
  EXPECT_TRUE(std::filesystem::exists(folder.path("model_epoch_4.safetensors")));
}

TEST(Trainer, StopsWhenPatienceIsOver) {
  const test::TemporaryFolder folder;
  TrainOptions options = small_options();
  options.num_epochs = 500;
  options.patience = 3;
  options.optimizer.lr = 0.03;
  const TrainSummary summary = train(small_config(false), options, dataset(), folder.path(), {});
  EXPECT_EQ(summary.end, TrainSummary::End::patience);
  EXPECT_EQ(static_cast<std::int64_t>(summary.epochs.size()), summary.best_epoch + 3);
  for (const EpochResult& epoch : summary.epochs) {
    EXPECT_GE(epoch.valid_loss, summary.best_valid_loss);
  }
}

std::string resume_complaint(const Config& config, const TrainOptions& options,
                             const data::Dataset& data) {
  const test::TemporaryFolder folder;
  train(small_config(false), small_options(), dataset(), folder.path(), {});
  try {
    TrainOptions again = options;
    again.resume = true;
    train(config, again, data, folder.path(), {});
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Trainer, ResumingWithSomethingElseNamesTheDifference) {
  const Config config = small_config(false);
  TrainOptions options = small_options();
  options.num_epochs = 5;
  options.patience = 1;
  EXPECT_EQ(resume_complaint(config, options, dataset()), "accepted");
  options = small_options();
  options.batch_size = 12;
  EXPECT_NE(resume_complaint(config, options, dataset()).find("batch_size was 11 and is now 12"),
            std::string::npos);
  Config wider = config;
  wider.sizes.filter_size = 7;
  EXPECT_NE(resume_complaint(wider, small_options(), dataset()).find("filter_size was 6"),
            std::string::npos);
  data::Dataset other = dataset();
  other.labels[0] = 1 - other.labels[0];  // the same file, read with other options, say
  EXPECT_NE(resume_complaint(config, small_options(), other).find("other data"), std::string::npos);
}

TEST(Trainer, ALossThatIsNotFiniteNamesTheBatch) {
  const test::TemporaryFolder folder;
  data::Dataset data = dataset();
  Config config = small_config(false);
  config.criterion = Criterion::mse;
  for (float& label : data.labels) label *= 1e30F;
  try {
    TrainOptions options = small_options();
    options.optimizer = {.kind = engine::OptimizerKind::sgd, .lr = 1e6};
    train(config, options, data, folder.path(), {});
    ADD_FAILURE() << "finished";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("epoch 1, batch "), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("--lr"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path("model.safetensors")));
}

TEST(Trainer, WhatAKilledRunLeftIsClearedAway) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("checkpoint"));
  const std::string stale = folder.path("checkpoint/.state.safetensors.123.0.tmp");
  std::ofstream(stale) << "half a state";
  train(small_config(false), small_options(), dataset(), folder.path(), {});
  EXPECT_FALSE(std::filesystem::exists(stale));
  const test::TemporaryFolder blocked;
  std::ofstream(blocked.path("checkpoint")) << "a file where the folder should be";
  EXPECT_THROW(train(small_config(false), small_options(), dataset(), blocked.path(), {}), Error);
}

TEST(Trainer, ABatchLargerThanTheDataIsAllOfThem) {
  TrainOptions options = small_options();
  options.batch_size = 56;
  const test::TemporaryFolder exact;
  const TrainSummary one = train(small_config(false), options, dataset(), exact.path(), {});
  options.batch_size = std::numeric_limits<std::int64_t>::max();
  const test::TemporaryFolder huge;
  const TrainSummary other = train(small_config(false), options, dataset(), huge.path(), {});
  EXPECT_EQ(other.steps, 4);
  EXPECT_EQ(other.best_valid_loss, one.best_valid_loss);
}

TEST(Trainer, TooLittleDataIsRefused) {
  const test::TemporaryFolder folder;
  const TrainOptions options = small_options();
  const auto refused = [&](const data::Dataset& data) {
    EXPECT_THROW(train(small_config(false), options, data, folder.path(), {}), UsageError);
  };
  refused(test::tiny_dataset(4, 40, 2, 3));  // one training row
  refused(test::tiny_dataset(4, 40, 2, 4));  // none
  refused(test::tiny_dataset(4, 40, 2, 0));  // no validation
  data::Dataset unjudged = dataset();
  for (const std::uint32_t row : unjudged.rows(data::Split::valid)) {
    std::fill_n(unjudged.labels.begin() + row * 2, 2, NAN);
  }
  refused(unjudged);
  TrainOptions single = options;
  single.batch_size = 1;
  EXPECT_THROW(train(small_config(false), single, dataset(), folder.path(), {}), UsageError);
}

TEST(Trainer, EveryCriterionLearnsWhatWasPlanted) {
  for (const Criterion criterion :
       {Criterion::bce_with_logits, Criterion::mse, Criterion::poisson_nll, Criterion::pearson,
        Criterion::cross_entropy}) {
    const test::TemporaryFolder folder;
    data::Dataset data = test::tiny_dataset(260, 40, 3, 60);
    Config config = small_config(false);
    config.criterion = criterion;
    config.sizes.num_units = 8;
    config.sizes.num_tasks = 3;
    config.targets = data.targets;
    if (criterion == Criterion::cross_entropy) {  // the class: which of three motifs is there first
      std::vector<float> classes;
      for (std::int64_t row = 0; row < data.size(); ++row) {
        const auto labels = data.row_labels(row);
        const auto found = std::find(labels.begin(), labels.end(), 1.0F);
        classes.push_back(found == labels.end() ? NAN : static_cast<float>(found - labels.begin()));
      }
      data.labels = classes;
      data.label_columns = 1;
      data.kind = data::LabelKind::classes;
    }
    TrainOptions options;
    options.batch_size = 20;
    options.num_epochs = 15;
    const TrainSummary summary = train(config, options, data, folder.path(), {});
    EXPECT_LT(summary.best_valid_loss, summary.epochs.front().train_loss) << to_string(criterion);
    EXPECT_LT(summary.epochs.back().train_loss, 0.9 * summary.epochs.front().train_loss)
        << to_string(criterion);
  }
}

}  // namespace
}  // namespace explainn::model
