// The inner loops of the fused unit pass one by one, on one thread: microseconds for one unit of a
// batch, as a line of JSON on stdout. Data stay in the core's own caches; in a step they come from
// further away.
// usage: unit_loops [--batch B] [--filter K] [--length L] [--seconds S]; EXPLAINN_ISA chooses the
// set
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "bench/step_harness.h"
#include "kernels/base/instruction_set.h"
#include "kernels/memory.h"
#include "kernels/unit_pass/block_tables.h"
#include "kernels/unit_pass/encoded_rows.h"
#include "kernels/unit_pass/loops.h"

namespace explainn::bench {
namespace {

using kernels::Buffer;
using kernels::kBlockUnits;
using kernels::padded;

constexpr std::int64_t kHidden = 100;
constexpr double kKeep = 0.7;

// One block of units and the layers of one of them, filled with numbers of the usual size.
class Loops {
 public:
  Loops(const StepCase& problem, InstructionSet set)
      : rows_(problem.options.batch),
        sizes_{.units = kBlockUnits,
               .filter = problem.sizes.filter_size,
               .length = problem.sizes.input_length,
               .pool = problem.sizes.pool_size,
               .stride = problem.sizes.pool_stride},
        seconds_(problem.options.seconds),
        loops_(kernels::loops<float>(set)),
        layout_(sizes_, {kHidden, 1}),
        encoded_(problem.bases.data(), rows_, sizes_.length),
        tables_(sizes_, set) {
    encoded_.add_tetramers();
  }

  nlohmann::ordered_json measure() {
    measure_convolution();
    measure_layers();
    return report_;
  }

 private:
  Buffer<float> random(std::int64_t size, float from, float to) {
    Buffer<float> values(size);
    std::uniform_real_distribution<float> draw(from, to);
    for (float& value : values) value = draw(generator_);
    return values;
  }

  // `units`: for how many units one call works; operations: multiply-adds and additions of one
  // unit, each of them counted as one.
  void time(const std::string& name, double units, double operations,
            const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> samples;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds_);
    while (Clock::now() < end || samples.size() < 5) {
      constexpr int kCalls = 8;
      const auto start = Clock::now();
      for (int call = 0; call < kCalls; ++call) work();
      const std::chrono::duration<double, std::micro> took = Clock::now() - start;
      samples.push_back(took.count() / kCalls / units);
    }
    std::sort(samples.begin(), samples.end());
    const double median = samples[samples.size() / 2];
    report_[name] = {{"us", median}, {"least_us", samples.front()}};
    if (operations > 0) report_[name]["operations_per_ns"] = operations / median * 1e-3;
  }

  void measure_convolution() {
    for (std::int64_t i = 0; i < sizes_.filter * 4 * kBlockUnits; ++i) {
      tables_.letters(0)[i] = random(1, -0.5F, 0.5F)[0];
    }
    tables_.make(0);
    const std::int64_t stride = padded(sizes_.pooled() + 1);
    const kernels::PooledStrides strides{.row = stride, .unit = rows_ * stride};
    Buffer<float> x(kBlockUnits * rows_ * stride);
    Buffer<kernels::PoolPlace> places(x.size());
    const double additions = static_cast<double>(rows_ * sizes_.pooled() * sizes_.pool *
                                                 (kernels::tetramer_count(sizes_.filter) - 1));
    time("tables", kBlockUnits, 0, [&] { tables_.make(0); });
    time("convolution, pool, exp, transposition", kBlockUnits, additions,
         [&] { tables_.pool(0, rows_, encoded_.data(), strides, x.data(), nullptr); });
    time("the same with places", kBlockUnits, additions,
         [&] { tables_.pool(0, rows_, encoded_.data(), strides, x.data(), places.data()); });
    Buffer<float> logs = random(sizes_.pooled() * kBlockUnits, -3, 3);
    const std::vector<float> given(logs.begin(), logs.end());
    time("exp", static_cast<double>(kBlockUnits) / static_cast<double>(rows_), 0, [&] {
      std::copy(given.begin(), given.end(), logs.begin());
      loops_.exponentials(logs.size(), logs.data());
    });
    Buffer<float> sums(kernels::tetramer_count(sizes_.filter) * kernels::kTetramerLetters);
    const Buffer<float> values = random(rows_ * stride, -1, 1);
    time("window sums", 1,
         static_cast<double>(rows_ * sizes_.pooled() * kernels::tetramer_count(sizes_.filter)),
         [&] {
           loops_.window_sums({rows_, sizes_.pooled(), sizes_.filter, sizes_.stride, values.data(),
                               places.data(), stride, encoded_.data(), sums.data()});
         });
  }

  void measure_layers() {
    const std::int64_t inputs = sizes_.pooled();
    const std::int64_t columns = padded(kHidden);
    const kernels::UnitRowsSizes rows_sizes =
        loops_.rows_sizes(kernels::HiddenPath::masked, rows_, layout_.layers.data(), 2);
    const std::int64_t stride = rows_sizes.x_stride;
    const std::int64_t octets = (rows_ + 7) / 8 * 8;
    Buffer<float> parameters = random(layout_.parameters, -0.3F, 0.3F);
    Buffer<float> statistics = random(layout_.statistics, 0.5F, 1);
    const Buffer<float> given = random(rows_ * stride, 0, 2);
    Buffer<float> x(given.size());
    Buffer<float> memory(rows_sizes.memory);
    Buffer<float> scratch(rows_sizes.scratch + rows_ * columns);
    Buffer<std::uint8_t> kept(rows_ * columns / 8);
    const auto draw_kept = [&] {
      loops_.kept_bits({rows_,
                        kHidden,
                        columns,
                        0,
                        100 * kHidden,
                        {{1, 2}, {3, 4}},
                        static_cast<std::uint32_t>((1 - kKeep) * 65536),
                        kept.data()});
    };
    time("dropout bits", 1, 0, draw_kept);
    kernels::UnitRows<float> u{.rows = rows_,
                               .layers = layout_.layers.data(),
                               .layer_count = 2,
                               .kept = kept.data(),
                               .keep = kKeep,
                               .parameters = parameters.data(),
                               .statistics = statistics.data(),
                               .x = x.data(),
                               .x_stride = stride,
                               .memory = memory.data(),
                               .scratch = scratch.data()};
    Buffer<float> output(rows_);
    Buffer<float> gradients(layout_.parameters);
    Buffer<float> dx(rows_ * stride);
    const Buffer<float> d_output = random(rows_, -1, 1);
    const auto n = [](std::int64_t a, std::int64_t b, std::int64_t c) {
      return static_cast<double>(a * b * c);
    };
    time("copy of the pooled values", 1, 0,
         [&] { std::copy(given.begin(), given.end(), x.begin()); });
    time("layers forward, with that copy", 1, n(rows_, inputs, columns), [&] {
      std::copy(given.begin(), given.end(), x.begin());
      loops_.masked_forward(u, output.data());
    });
    time("layers backward", 1, 0, [&] {
      loops_.masked_backward(u, output.data(), d_output.data(), gradients.data(), dx.data());
    });
    Buffer<float> wide(std::max(rows_, columns) * columns);
    const float* const w = parameters.data() + layout_.layers[0].w;
    const auto product = [&](const std::string& name, const kernels::ProductParams<float>& p) {
      time(name, 1, n(p.rows, p.inner, p.columns), [&, p] { loops_.product(p); });
    };
    product("product X'X", {inputs, rows_, stride, given.data(), 1, stride, given.data(), stride,
                            wide.data(), stride, false});
    product("product C W'", {inputs, inputs, columns, given.data(), stride, 1, w, columns,
                             wide.data(), columns, false});
    product("product M", {inputs + 1, kHidden, stride, w, columns, 1, given.data(), stride,
                          wide.data(), stride, false});
    product("product X M", {rows_, inputs + 1, stride, given.data(), stride, 1, given.data(),
                            stride, wide.data(), stride, false});
    Buffer<std::uint8_t> bits(columns / 8 * octets);
    for (std::uint8_t& byte : bits) byte = static_cast<std::uint8_t>(generator_());
    time("gated layer", 1, n(rows_, inputs, columns), [&] {
      loops_.gated_layer({rows_, inputs, columns, given.data(), stride, w, w, w, kept.data(),
                          bits.data(), octets, scratch.data(), output.data()});
    });
    time("sums by bits, of rows", 1, n(columns, rows_, stride) / 4, [&] {
      loops_.chosen_sums({columns, rows_, stride, bits.data(), columns, given.data(),
                          d_output.data(), wide.data()});
    });
    Buffer<float> turned = random(columns * stride, -1, 1);
    time("sums by bits, of nodes", 1, n(rows_, kHidden, stride) / 4, [&] {
      loops_.chosen_sums(
          {rows_, kHidden, stride, bits.data(), octets, turned.data(), w, wide.data()});
    });
    time("inference: layer and sum", 1, n(rows_, inputs, columns), [&] {
      loops_.layer_and_sum(rows_, inputs, columns, given.data(), stride, w, w, w, output.data());
    });
    const kernels::AdamFactors<float> factors({.lr = 0.003, .step = 10});
    Buffer<float> m = random(layout_.parameters, -0.1F, 0.1F);
    Buffer<float> v = random(layout_.parameters, 0, 0.1F);
    const Buffer<float> slopes = random(layout_.parameters, -1e-3F, 1e-3F);
    time("Adam", 1, 0, [&] {
      loops_.adam(factors, layout_.parameters, slopes.data(), m.data(), v.data(),
                  parameters.data());
    });
  }

  std::int64_t rows_;
  kernels::UnitSizes sizes_;
  double seconds_;
  const kernels::Loops<float>& loops_;
  kernels::UnitLayout layout_;
  kernels::EncodedRows encoded_;
  kernels::BlockTables<float> tables_;
  std::mt19937 generator_{7};
  nlohmann::ordered_json report_;
};

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  using namespace explainn;
  return bench::guarded_main([&] {
    const bench::StepCase problem = bench::make_case(bench::parse_options(argc, argv));
    bench::Loops loops(problem, chosen_instruction_set());
    const nlohmann::ordered_json report{{"program", "unit_loops"},
                                        {"isa", instruction_set()},
                                        {"batch", problem.options.batch},
                                        {"loops", loops.measure()}};
    std::puts(report.dump().c_str());
  });
}
