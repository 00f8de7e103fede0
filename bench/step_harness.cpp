#include "bench/step_harness.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "kernels/base/error.h"
#ifdef EXPLAINN_SIMT
#include "tests/simt/machine.h"
#endif

namespace explainn::bench {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Runs `work` for about `seconds` (at least twice) after a warm-up of a tenth of that: the times of
// one of the `parts` that it does.
template <typename Work>
std::vector<double> measure(double seconds, std::int64_t parts, const Work& work) {
  const double budget = 1e3 * seconds;
  for (const auto start = Clock::now(); milliseconds_since(start) < budget / 10;) work();
  std::vector<double> times;
  for (const auto start = Clock::now(); milliseconds_since(start) < budget || times.size() < 2;) {
    const auto begin = Clock::now();
    work();
    times.push_back(milliseconds_since(begin) / static_cast<double>(parts));
  }
  return times;
}

}  // namespace

void run(const StepCase& problem, const Identity& identity, Contestant& contestant) {
  constexpr std::uint32_t kCheckedSteps = 4;
  const Options& options = problem.options;
  nlohmann::ordered_json report = {{"program", identity.program}, {"version", identity.version},
                                   {"isa", identity.isa},         {"threads", identity.threads},
                                   {"batch", options.batch},      {"units", options.units},
                                   {"filter", options.filter},    {"length", options.length},
                                   {"tasks", options.tasks},      {"steps", options.steps}};
  const std::vector<float> logits = contestant.infer();
  report["logits"] = std::vector<float>(logits.begin(), logits.begin() + options.tasks);
  std::vector<double> losses;
  for (std::uint32_t step = 0; step < kCheckedSteps; ++step) {
    std::vector<std::uint8_t> kept;
    if (contestant.takes_masks()) kept = dropout_mask(problem, step);
    losses.push_back(contestant.train_step(step, &kept));
  }
  report["loss"] = losses;

  std::uint32_t step = kCheckedSteps;
  report["train_ms"] = measure(options.seconds, options.steps, [&] {
    contestant.train_steps(step, options.steps);
    step += static_cast<std::uint32_t>(options.steps);
  });
  report["infer_ms"] = measure(options.seconds, 1, [&] { contestant.infer(); });
  if (const auto more = contestant.more(); !more.is_null()) report["more"] = more;
  std::puts(report.dump().c_str());
}

int guarded_main(const std::function<void()>& body) {
#ifdef EXPLAINN_SIMT
  simt::show_device();
#endif
  try {
    body();
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

}  // namespace explainn::bench
