// One problem for every program that is timed: the same sizes, weights, sequences, labels and
// dropout masks, all computed from their definitions, so that no file has to be passed around.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/network.h"

namespace explainn::bench {

struct Options {
  std::string network = "original";  ///< of the LibTorch program: see bench/README.md
  std::int64_t batch = 100;
  std::int64_t units = 100;
  std::int64_t filter = 19;
  std::int64_t length = 200;
  std::int64_t tasks = 50;
  int threads = 0;                     ///< 0: the program's own default
  double seconds = 1;                  ///< of timed steps, and again of timed inference
  std::int64_t steps = 1;              ///< that are made in one go and timed together
  std::int64_t sequences = 2'900'000;  ///< of an epoch
  bool gpu = false;                    ///< of the LibTorch program: where it computes
  bool graph = false;                  ///< likewise: steps on the GPU are replays of a recorded one
};

/// Reads `--name value` pairs; --device is cpu or cuda, --mode eager or graph. Throws UsageError.
Options parse_options(int argc, char** argv);

struct StepCase {
  Options options;
  model::Architecture sizes;
  model::Weights weights;         ///< gammas of both signs, running statistics as after training
  std::vector<data::Base> bases;  ///< [B, L], no unknown ones
  std::vector<float> labels;      ///< [B, T], 0 or 1
};

inline constexpr std::uint64_t kSeed = 1714;

StepCase make_case(const Options& options);

/// What dropout keeps in training step `step`: [B, U, H], 0 or 1.
std::vector<std::uint8_t> dropout_mask(const StepCase& problem, std::uint32_t step);

}  // namespace explainn::bench
