// Checks and times one program's training step and inference, the same way for all of them.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/step_case.h"

namespace explainn::bench {

/// A network to be timed.
class Contestant {
 public:
  virtual ~Contestant() = default;

  /// One training step on the whole batch: forward, loss, backward, optimiser. Returns the loss.
  /// `kept` ([B, U, H]) is what dropout keeps; null: the contestant draws it itself, in its time.
  virtual double train_step(std::uint32_t step, const std::vector<std::uint8_t>* kept) = 0;

  /// `count` training steps from `step` on, whose masks it draws itself; returns when all are done.
  virtual void train_steps(std::uint32_t step, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      train_step(step + static_cast<std::uint32_t>(i), nullptr);
    }
  }

  /// Whether train_step() looks at `kept`: masks of a large problem take gigabytes.
  virtual bool takes_masks() const { return true; }

  /// Logits [B, T] in evaluation mode.
  virtual std::vector<float> infer() = 0;

  /// Numbers of its own for the report, taken after all others.
  virtual nlohmann::ordered_json more() { return nullptr; }
};

struct Identity {
  std::string program;
  std::string version;
  std::string isa;  ///< instruction set, or the GPU's name
  int threads;
};

/// Prints one line of JSON to stdout: the logits of the given weights and the losses of some steps
/// with given masks, then the times of a step and of an inference, in ms.
void run(const StepCase& problem, const Identity& identity, Contestant& contestant);

/// The main function of a benchmark: what `body` throws becomes a line on stderr and a status.
int guarded_main(const std::function<void()>& body);

}  // namespace explainn::bench
