// What the parts of explainn discover share.
#pragma once

#include <cstdint>
#include <string>

#include "cli/common_options.h"
#include "cli/data_options.h"
#include "cli/run_log.h"
#include "model/trainer.h"

namespace explainn::cli {

struct DiscoverArguments {
  CommonOptions common;
  DataOptions data;
  std::string positives;
  std::string negatives;
  std::string folder;
  std::string known;
  double q_value = 0.05;
  bool one_strand = false;
  std::int64_t max_sequences = 100'000;  ///< of each class
  model::Architecture sizes;
  model::TrainOptions training;
};

/// Positives and negatives (shuffles where there are none) of one task in three parts: those of the
/// file, else a tenth each for validation and test. Rows without a label are left out, and of each
/// class all but max_sequences. Says on stderr how many there are. Throws Error
/// where a part would be empty, UsageError where the labels are not one task's.
data::Dataset discovery_data(const DiscoverArguments& a, const RunLog& log);

}  // namespace explainn::cli
