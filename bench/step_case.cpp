#include "bench/step_case.h"

#include <charconv>
#include <cstring>
#include <map>

#include "kernels/base/error.h"
#include "kernels/base/philox.h"
#include "kernels/dropout/dropout.h"

namespace explainn::bench {
namespace {

enum RandomStream : std::uint32_t { kBases = 1000, kLabels, kNorms };

double uniform(std::uint64_t i, std::uint32_t what, std::uint32_t stream) {
  return unit_interval(philox(kSeed, i, what, stream)[0]);
}

template <typename Number>
Number parse_number(const std::string& name, const char* text) {
  Number number{};
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  if (error != std::errc{} || stop != end || !(number > 0)) {
    throw UsageError(name + ": \"" + text + "\" is not a number above 0");
  }
  return number;
}

bool second_of(const std::string& first, const std::string& second, const std::string& name,
               const std::string& value) {
  if (value == first || value == second) return value == second;
  throw UsageError(name + ": \"" + value + "\"; there are " + first + " and " + second);
}

// Initial weights have gamma 1, beta 0, mean 0 and variance 1, which would hide mistakes.
void vary_batch_norm(const model::TensorSpec& spec, std::uint32_t tensor,
                     std::vector<float>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double u = uniform(i, tensor, kNorms);
    switch (spec.role) {
      case model::TensorRole::gamma:
        values[i] = static_cast<float>(i % 5 == 3 ? -0.5 - u : 0.5 + u);
        break;
      case model::TensorRole::beta:
      case model::TensorRole::running_mean:
        values[i] = static_cast<float>(0.4 * u - 0.2);
        break;
      case model::TensorRole::running_var:
        values[i] = static_cast<float>(0.2 + u);
        break;
      default:
        break;
    }
  }
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  std::map<std::string, std::int64_t*> sizes = {
      {"--batch", &options.batch},        {"--units", &options.units},
      {"--filter", &options.filter},      {"--length", &options.length},
      {"--tasks", &options.tasks},        {"--steps", &options.steps},
      {"--sequences", &options.sequences}};
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw UsageError(name + " needs a value");
    if (sizes.contains(name)) {
      *sizes[name] = parse_number<std::int64_t>(name, argv[i + 1]);
    } else if (name == "--threads") {
      options.threads = parse_number<int>(name, argv[i + 1]);
    } else if (name == "--seconds") {
      options.seconds = parse_number<double>(name, argv[i + 1]);
    } else if (name == "--network") {
      options.network = argv[i + 1];
    } else if (name == "--device") {
      options.gpu = second_of("cpu", "cuda", name, argv[i + 1]);
    } else if (name == "--mode") {
      options.graph = second_of("eager", "graph", name, argv[i + 1]);
    } else {
      throw UsageError("unknown option " + name +
                       "; there are --network --device --mode --batch --units --filter --length "
                       "--tasks --threads --seconds --steps --sequences");
    }
  }
  return options;
}

StepCase make_case(const Options& options) {
  StepCase problem{
      .options = options,
      .sizes = {.num_units = options.units,
                .filter_size = options.filter,
                .input_length = options.length,
                .num_tasks = options.tasks},
      .weights = {},
      .bases = std::vector<data::Base>(static_cast<std::size_t>(options.batch * options.length)),
      .labels = std::vector<float>(static_cast<std::size_t>(options.batch * options.tasks))};
  problem.weights = model::initial_weights(problem.sizes, kSeed);
  for (std::size_t i = 0; i < problem.weights.specs.size(); ++i) {
    vary_batch_norm(problem.weights.specs[i], static_cast<std::uint32_t>(i),
                    problem.weights.values[i]);
  }
  for (std::size_t i = 0; i < problem.bases.size(); ++i) {
    problem.bases[i] = static_cast<data::Base>(philox(kSeed, i, 0, kBases)[0] % 4);
  }
  for (std::size_t i = 0; i < problem.labels.size(); ++i) {
    problem.labels[i] = static_cast<float>(philox(kSeed, i, 0, kLabels)[0] % 2);
  }
  return problem;
}

std::vector<std::uint8_t> dropout_mask(const StepCase& problem, std::uint32_t step) {
  const std::int64_t size =
      problem.options.batch * problem.sizes.num_units * model::Architecture::kHidden;
  std::vector<std::uint8_t> kept(static_cast<std::size_t>(size));
  kernels::dropout_mask({.probability = model::Architecture::kDropout,
                         .seed = kSeed,
                         .step = step,
                         .stream = static_cast<std::uint32_t>(Stream::dropout)},
                        size, kept.data());
  return kept;
}

}  // namespace explainn::bench
