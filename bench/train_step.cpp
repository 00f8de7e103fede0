// explainn's training step and inference: checked numbers and times as a line of JSON on stdout.
// The LibTorch twins are torch_step.cpp; bench/compare.py runs them all in turn.
#include "bench/step_harness.h"
#include "kernels/base/instruction_set.h"
#include "kernels/base/parallel.h"

namespace explainn::bench {
namespace {

class Explainn final : public Contestant {
 public:
  explicit Explainn(const StepCase& problem)
      : problem_(problem),
        network_(model::make_network(
            problem.sizes, problem.weights,
            {.criterion = model::Criterion::bce_with_logits, .optimizer = {}, .seed = kSeed})),
        logits_(problem.labels.size()) {}

  // The masks of the check are this network's own.
  bool takes_masks() const override { return false; }
  double train_step(std::uint32_t step, const std::vector<std::uint8_t>*) override {
    return network_
        ->train_step({.sequences = sequences(), .labels = problem_.labels.data(), .step = step})
        .mean();
  }

  std::vector<float> infer() override {
    network_->infer(sequences(), {.logits = logits_.data()});
    return logits_;
  }

 private:
  model::SequenceBatch sequences() const { return {problem_.bases.data(), problem_.options.batch}; }

  const StepCase& problem_;
  std::unique_ptr<model::Network> network_;
  std::vector<float> logits_;
};

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  using namespace explainn;
  return bench::guarded_main([&] {
    const bench::StepCase problem = bench::make_case(bench::parse_options(argc, argv));
    if (problem.options.threads > 0) set_thread_count(problem.options.threads);
    bench::Explainn contestant(problem);
    bench::run(problem,
               {.program = "explainn",
                .version = EXPLAINN_VERSION,
                .isa = std::string(instruction_set()),
                .threads = thread_count()},
               contestant);
  });
}
