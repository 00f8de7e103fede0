#include "cli/train_report.h"

#include <array>
#include <cstdio>

#include "cli/signals.h"

namespace explainn::cli {
namespace {

std::string loss_text(double loss) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.5f", loss);
  return text.data();
}

}  // namespace

void TrainReport::step(const model::TrainProgress& state) {
  if (state.epoch != epoch_shown_) {
    epoch_shown_ = state.epoch;
    progress_.start("epoch " + std::to_string(state.epoch), "samples");
  }
  progress_.update(state.samples, state.of, ", loss " + loss_text(state.loss));
}

void TrainReport::epoch(const model::EpochResult& result) {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - epoch_begun_).count();
  epoch_begun_ = now;
  progress_.clear();
  log_.say("epoch " + std::to_string(result.epoch) + ": train loss " +
           loss_text(result.train_loss) + ", validation loss " + loss_text(result.valid_loss) +
           (result.improved ? " (best so far)" : "") + ", " + duration_text(seconds));
}

model::TrainHooks TrainReport::hooks() {
  epoch_begun_ = std::chrono::steady_clock::now();
  model::TrainHooks hooks;
  if (progress_.visible()) {
    hooks.progress = [this](const model::TrainProgress& state) { step(state); };
  }
  hooks.epoch_done = [this](const model::EpochResult& result) { epoch(result); };
  hooks.note = [this](const std::string& text) {
    progress_.clear();
    log_.warn(text);
  };
  hooks.stop = [] { return caught_signal() != 0; };
  return hooks;
}

std::string TrainReport::closing(const model::TrainSummary& summary,
                                 const std::string& folder) const {
  using End = model::TrainSummary::End;
  const std::string best = "best epoch " + std::to_string(summary.best_epoch) +
                           ", validation loss " + loss_text(summary.best_valid_loss);
  const std::string model_file = in_folder(folder, "model.safetensors");
  switch (summary.end) {
    case End::stopped:
      return "stopped by a signal after " + std::to_string(summary.epochs.size()) +
             " epochs; the state is in " + in_folder(folder, "checkpoint") +
             ", continue with --resume";
    case End::already_finished:
      return "this run was finished already: " + model_file + " (" + best + ")";
    case End::patience:
      return "stopped early; wrote " + model_file + " (" + best + ")";
    case End::finished:
      break;
  }
  return "wrote " + model_file + " (" + best + ")";
}

}  // namespace explainn::cli
