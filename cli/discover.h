// What the parts of explainn discover share.
#pragma once

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
  model::Architecture sizes;
  model::TrainOptions training;
};

/// Positives and negatives (shuffles where there are none) of one task in three parts: those of the
/// file, else a tenth each for validation and test. Says on stderr how many there are. Throws Error
/// where a part would be empty, UsageError where the labels are not one task's.
data::Dataset discovery_data(const DiscoverArguments& a, const RunLog& log);

}  // namespace explainn::cli
