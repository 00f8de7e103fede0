// The kernels of the composed network on a GPU, one by one: microseconds, GB/s, GFLOP/s, and how
// much of the device's limit that is. JSON on stdout. What the limit is made of is measured in the
// same run (device_peaks.h).
// usage: device_kernels [--batch B] [--units U] ..
#include <cmath>
#include <cstdio>

#include "bench/device_clock.h"
#include "bench/device_peaks.h"
#include "bench/step_harness.h"
#include "kernels/base/error.h"
#include "kernels/base/philox.h"
#include "kernels/batch_norm/batch_norm.h"
#include "kernels/conv1d/conv1d.h"
#include "kernels/dropout/dropout.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/linear/linear.h"
#include "kernels/loss/loss.h"
#include "kernels/max_pool/max_pool.h"
#include "kernels/optimizer/optimizer.h"
#include "kernels/unit_linear/unit_linear.h"

namespace explainn::bench {
namespace {

using namespace kernels;
using nlohmann::ordered_json;

constexpr Device kGpu{.kind = DeviceKind::cuda, .index = 0};

// What must be done at least: every input read once, every result written once.
struct Work {
  std::int64_t numbers;  // read and written, of four bytes
  double flops;
};

class KernelBench {
 public:
  explicit KernelBench(const Options& options);
  ordered_json run();

 private:
  template <typename Call>
  void time(const std::string& name, const Work& work, const Call& call);
  void convolution();
  void batch_norm(const std::string& name, const BatchNormParams& p);
  void pooling();
  void hidden_layer();
  void dropout();
  void head();

  const float* in(int i) const { return memory_[i].data(); }
  float* out() { return memory_[3].data(); }
  Gradient<float> gradient() { return {out()}; }
  float* weight(int i) { return weights_[i].data(); }
  Gradient<float> gradient(int i) { return {weights_[i].data()}; }

  DevicePeaks peaks_;
  std::int64_t rows_, units_, filter_, length_, tasks_, positions_, pooled_, hidden_;
  std::vector<Buffer<float>> memory_;   // three of random inputs, one of results
  std::vector<Buffer<float>> weights_;  // weights and their gradients
  Buffer<double> mean_, inv_std_;
  Buffer<std::int32_t> index_;
  Buffer<std::uint8_t> kept_;
  ordered_json report_ = ordered_json::array();
};

// Numbers in (0, 1), the same few again and again.
Buffer<float> random_numbers(std::int64_t size, std::uint32_t stream) {
  constexpr std::int64_t kDifferent = 1 << 20;
  const std::int64_t different = std::min(size, kDifferent);
  std::vector<float> some(static_cast<std::size_t>(different));
  for (std::size_t i = 0; i < some.size(); ++i) {
    some[i] = static_cast<float>(unit_interval(philox(kSeed, i, 0, stream)[0]));
  }
  Buffer<float> buffer(size, kGpu);
  for (std::int64_t i = 0; i < size; i += different) {
    const auto count = static_cast<std::size_t>(std::min(different, size - i));
    copy_bytes(kGpu, buffer.data() + i, {}, some.data(), count * sizeof(float));
  }
  return buffer;
}

KernelBench::KernelBench(const Options& options)
    : peaks_(measure_device_peaks()),
      rows_(options.batch),
      units_(options.units),
      filter_(options.filter),
      length_(options.length),
      tasks_(options.tasks) {
  const model::Architecture sizes{
      .num_units = units_, .filter_size = filter_, .input_length = length_, .num_tasks = tasks_};
  positions_ = sizes.positions();
  pooled_ = sizes.pooled();
  hidden_ = units_ * model::Architecture::kHidden;
  const std::int64_t largest = rows_ * std::max(units_ * positions_, hidden_);
  const std::int64_t most_weights = std::max(hidden_ * pooled_, units_ * 4 * filter_);
  for (std::uint32_t i = 0; i < 4; ++i) {
    memory_.push_back(random_numbers(largest, 2000 + i));
    weights_.push_back(random_numbers(most_weights, 2010 + i));
  }
  mean_ = Buffer<double>(hidden_, kGpu);
  inv_std_ = Buffer<double>(hidden_, kGpu);
  index_ = Buffer<std::int32_t>(rows_ * units_ * pooled_, kGpu);
  kept_ = Buffer<std::uint8_t>(rows_ * hidden_, kGpu);
}

template <typename Call>
void KernelBench::time(const std::string& name, const Work& work, const Call& call) {
  const Spread time = device_time(call);
  const double bytes = 4.0 * static_cast<double>(work.numbers);
  const double by_bytes = 1e-3 * bytes / peaks_.copy_gb_per_s;
  const double by_flops = 1e-3 * work.flops / peaks_.fma_gflop_per_s;
  report_.push_back({{"kernel", name},
                     {"us", time.median},
                     {"quartiles", {time.low, time.high}},
                     {"bytes", bytes},
                     {"flop", work.flops},
                     {"GB/s", 1e-3 * bytes / time.median},
                     {"GFLOP/s", 1e-3 * work.flops / time.median},
                     {"limit", by_bytes > by_flops ? "bytes" : "flop"},
                     {"percent of limit", 100 * std::max(by_bytes, by_flops) / time.median}});
}

void KernelBench::convolution() {
  const Conv1dParams p{.batch = rows_,
                       .in_channels = 4,
                       .length = length_,
                       .out_channels = units_,
                       .width = filter_};
  const std::int64_t x = rows_ * 4 * length_, y = rows_ * units_ * positions_;
  const double flops = 2.0 * static_cast<double>(y * 4 * filter_);
  time("conv1d, forward", {x + y, flops},
       [&] { conv1d_forward<float>(kGpu, p, in(0), weight(0), weight(1), out()); });
  time("conv1d, backward to the filters", {x + y, flops},
       [&] { conv1d_backward_weight<float>(kGpu, p, in(0), in(1), gradient(2), gradient(3)); });
  batch_norm("batch norm", {.batch = rows_, .channels = units_, .inner = positions_});
}

void KernelBench::batch_norm(const std::string& name, const BatchNormParams& p) {
  const std::int64_t y = p.count() * p.channels;
  const auto flops = static_cast<double>(y);
  time(name + ", forward", {2 * y, 4 * flops}, [&] {
    batch_norm_train<float>(kGpu, p, in(0), weight(0), weight(1), out(), mean_.data(),
                            inv_std_.data(), weight(2), weight(3));
  });
  time(name + ", backward", {3 * y, 8 * flops}, [&] {
    batch_norm_backward<float>(kGpu, p, in(0), in(1), weight(0), mean_.data(), inv_std_.data(),
                               gradient(), gradient(2), gradient(3));
  });
}

void KernelBench::pooling() {
  const std::int64_t y = rows_ * units_ * positions_;
  time("exp, forward", {2 * y, 0}, [&] { map_forward<Exp, float>(kGpu, y, in(0), out()); });
  time("exp, backward", {3 * y, 0},
       [&] { map_backward<Exp, float>(kGpu, y, in(0), in(1), gradient()); });
  const model::Architecture usual{};
  const MaxPoolParams pool{.rows = rows_ * units_,
                           .length = positions_,
                           .width = usual.pool_size,
                           .stride = usual.pool_stride};
  const std::int64_t p = rows_ * units_ * pooled_;
  time("max pool, forward", {y + 2 * p, 0},
       [&] { max_pool_forward<float>(kGpu, pool, in(0), out(), index_.data()); });
  time("max pool, backward", {y + 2 * p, 0},
       [&] { max_pool_backward<float>(kGpu, pool, index_.data(), in(1), gradient()); });
}

void KernelBench::hidden_layer() {
  const std::int64_t x = rows_ * units_ * pooled_, y = rows_ * hidden_;
  const UnitLinearParams p{
      .batch = rows_, .units = units_, .in = pooled_, .out = model::Architecture::kHidden};
  const double flops = 2.0 * static_cast<double>(y * pooled_);
  time("unit linear to the nodes, forward", {x + y, flops},
       [&] { unit_linear_forward<float>(kGpu, p, in(0), weight(0), weight(1), out()); });
  time("unit linear to the nodes, backward", {2 * x + y, 2 * flops}, [&] {
    unit_linear_backward<float>(kGpu, p, in(0), weight(0), in(1), gradient(), gradient(2),
                                gradient(3));
  });
  batch_norm("batch norm of the nodes", {.batch = rows_, .channels = hidden_, .inner = 1});
  time("ReLU, forward", {2 * y, 0}, [&] { map_forward<Relu, float>(kGpu, y, in(0), out()); });
}

void KernelBench::dropout() {
  const std::int64_t y = rows_ * hidden_;
  const DropoutParams p{.probability = model::Architecture::kDropout,
                        .seed = kSeed,
                        .step = 1,
                        .stream = static_cast<std::uint32_t>(Stream::dropout)};
  time("dropout, decisions", {y / 4, 0}, [&] { dropout_mask(kGpu, p, y, kept_.data()); });
  time("dropout, applied", {2 * y + y / 4, 0},
       [&] { dropout_apply<float>(kGpu, y, p.scale(), kept_.data(), in(0), gradient()); });
  const UnitLinearParams last{
      .batch = rows_, .units = units_, .in = model::Architecture::kHidden, .out = 1};
  const std::int64_t v = rows_ * units_;
  const double flops = 2.0 * static_cast<double>(y);
  time("unit linear to one, forward", {y + v, flops},
       [&] { unit_linear_forward<float>(kGpu, last, in(0), weight(0), weight(1), out()); });
  time("unit linear to one, backward", {2 * y + v, 2 * flops}, [&] {
    unit_linear_backward<float>(kGpu, last, in(0), weight(0), in(1), gradient(), gradient(2),
                                gradient(3));
  });
}

void KernelBench::head() {
  const LinearParams p{.rows = rows_, .in = units_, .out = tasks_};
  const std::int64_t x = rows_ * units_, w = units_ * tasks_, y = rows_ * tasks_;
  const double flops = 2.0 * static_cast<double>(rows_ * w);
  time("linear, forward", {x + w + y, flops},
       [&] { linear_forward<float>(kGpu, p, in(0), weight(0), weight(1), out()); });
  time("linear, backward", {2 * x + 2 * w + y, 2 * flops}, [&] {
    linear_backward<float>(kGpu, p, in(0), weight(0), in(1), gradient(), gradient(2), gradient(3));
  });
  time("loss and gradient, and the way to the host", {3 * y, 0}, [&] {
    loss_and_gradient<float>(kGpu, {LossKind::bce_with_logits, rows_, tasks_}, in(0), in(1), out());
  });
  const std::int64_t weights = hidden_ * pooled_;
  time("Adam, the nodes' weights", {7 * weights, 0}, [&] {
    adam_update<float>(kGpu, {.lr = 1e-6, .step = 9}, weights, weight(0), weight(1), weight(2),
                       weight(3));
  });
}

ordered_json KernelBench::run() {
  convolution();
  pooling();
  hidden_layer();
  dropout();
  head();
  return {{"device", gpu_name(0)},
          {"batch", rows_},
          {"peaks",
           {{"multiprocessors", peaks_.processors},
            {"copy GB/s", peaks_.copy_gb_per_s},
            {"multiply-add GFLOP/s", peaks_.fma_gflop_per_s},
            {"shared memory GB/s", peaks_.shared_gb_per_s},
            {"grid barrier us", peaks_.grid_barrier_us},
            {"launch us", peaks_.launch_us},
            {"launch in a graph us", peaks_.recorded_launch_us}}},
          {"kernels", report_}};
}

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  using namespace explainn;
  return bench::guarded_main([&] {
    const bench::Options options = bench::parse_options(argc, argv);
    if (gpu_count() == 0) throw UsageError("this build or this machine has no usable GPU");
    std::puts(bench::KernelBench(options).run().dump().c_str());
  });
}
