#include "kernels/unit_pass/device_inference.h"

#include <cuda_runtime.h>

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/cuda/bias.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/memory.h"
#include "kernels/cuda/product.h"
#include "kernels/unit_pass/device_inference_step.h"
#include "kernels/unit_pass/device_workspace.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kActivationsOfResults = 8;
constexpr std::int64_t kWindows = std::int64_t{1} << 31;  // that find_sites() may look at
constexpr std::int64_t kLettersOfPlace = 5;
constexpr int kMostCopies = 32;

template <typename T>
Buffer<T> on(Device device, const std::vector<T>& values) {
  return copied_to<T>(device, values);
}

// As many copies of the tables as find room, so that look-ups rarely meet in a bank.
int table_copies(int filter, int hidden_layers) {
  int device = 0;
  int bytes = 0;
  explainn::cuda::check(cudaGetDevice(&device));
  explainn::cuda::check(
      cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  const std::int64_t left = bytes - inference_bytes(filter, hidden_layers);
  if (left < 0) {
    throw UsageError(cat("filters of ", filter, " bases need more shared memory than the ", bytes,
                         " bytes of this GPU; choose --device cpu"));
  }
  int copies = kMostCopies;
  while (copies > 0 && inference_table_bytes(filter, copies) > left) copies /= 2;
  return copies;
}

}  // namespace

class DeviceInference::Body {
 public:
  Body(const UnitSizes& sizes, const float* filters, const float* shifts,
       const std::vector<FoldedUnitLayer>& layers, const FinalLayer& final_layer, Device device,
       std::int64_t results_at_once);

  void infer(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
             const DeviceOutputs& outputs) const;
  void infer(const std::uint8_t* bases, std::int64_t rows, const DeviceOutputs& outputs) const;
  LossSum loss(const PackedSamples& samples, LossKind kind, std::int64_t begin,
               std::int64_t end) const;
  void raise_maxima(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                    float* maxima) const;
  void count_sites(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                   const float* thresholds, const DeviceSites& sites) const;

 private:
  void add_layer(const FoldedUnitLayer& layer, bool last);
  const float* keep(const std::vector<float>& numbers);
  /// body(range) for consecutive ranges of at most `rows` samples, on this device.
  template <typename Range>
  void in_ranges(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                 std::int64_t rows, const Range& body) const;
  std::int64_t rows_at_once() const {
    return std::max<std::int64_t>(1, results_at_once_ / std::max(sizes_.units, tasks_));
  }
  /// [rows, T] from outputs [rows, U], both on the device.
  void find_logits(std::int64_t rows, const float* outputs, float* logits) const;

  UnitSizes sizes_;
  std::int64_t tasks_;
  Device device_;
  std::int64_t results_at_once_;
  std::vector<Buffer<float>> numbers_;  // what net_ points to
  FoldedUnits net_{};
  const float* final_weight_;  // [T, U]
  const float* final_bias_;    // [T]
};

DeviceInference::Body::Body(const UnitSizes& sizes, const float* filters, const float* shifts,
                            const std::vector<FoldedUnitLayer>& layers,
                            const FinalLayer& final_layer, Device device,
                            std::int64_t results_at_once)
    : sizes_(sizes), tasks_(final_layer.tasks), device_(device), results_at_once_(results_at_once) {
  require(sizes.filter >= 1 && sizes.pool >= 1 && sizes.stride >= 1 &&
              sizes.positions() >= sizes.pool && layers.size() <= kMostLayers,
          "device inference", "filters of ", sizes.filter, ", pools of ", sizes.pool, " and ",
          layers.size(), " layers on sequences of ", sizes.length);
  explainn::cuda::use(device);
  const std::int64_t filter = sizes.filter;
  std::vector<float> letters(static_cast<std::size_t>(sizes.units * 4 * filter));
  for (std::int64_t i = 0; i < sizes.units * 4 * filter; ++i) {
    const std::int64_t at = i / filter % 4 + 4 * (i % filter) + i / (4 * filter) * 4 * filter;
    letters[static_cast<std::size_t>(at)] = filters[i];
  }
  net_.units = static_cast<int>(sizes.units);
  net_.filter = static_cast<int>(filter);
  net_.positions = static_cast<int>(sizes.positions());
  net_.pool = static_cast<int>(sizes.pool);
  net_.stride = static_cast<int>(sizes.stride);
  net_.pooled = static_cast<int>(sizes.pooled());
  net_.letters = keep(letters);
  net_.shifts = keep({shifts, shifts + sizes.units});
  std::int64_t inputs = sizes.pooled();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool last = i + 1 == layers.size();
    require(layers[i].inputs == inputs && (layers[i].outputs == 1) >= last &&
                layers[i].outputs <= kNodes,
            "device inference", "layer ", i, " is [", layers[i].outputs, ", ", layers[i].inputs,
            "] after ", inputs, " values");
    inputs = layers[i].outputs;
    add_layer(layers[i], last);
  }
  require(inputs == 1, "device inference", "the units end with ", inputs, " values, not with one");
  net_.copies = table_copies(net_.filter, net_.hidden_layers);
  final_weight_ = keep({final_layer.weight, final_layer.weight + tasks_ * sizes.units});
  final_bias_ = keep({final_layer.bias, final_layer.bias + tasks_});
}

const float* DeviceInference::Body::keep(const std::vector<float>& numbers) {
  return numbers_.emplace_back(on(device_, numbers)).data();
}

// Columns, and what a layer behind a hidden one reads, are made up to kNodes by zeros.
void DeviceInference::Body::add_layer(const FoldedUnitLayer& layer, bool last) {
  const std::int64_t inputs = last && net_.hidden_layers == 0 ? layer.inputs : kNodes;
  const std::int64_t outputs = last ? 1 : kNodes;
  const std::int64_t rows = last ? inputs : layer.inputs;
  std::vector<float> w(static_cast<std::size_t>(sizes_.units * rows * outputs), 0.0F);
  std::vector<float> bias(static_cast<std::size_t>(sizes_.units * outputs), 0.0F);
  for (std::int64_t u = 0; u < sizes_.units; ++u) {
    for (std::int64_t o = 0; o < layer.outputs; ++o) {
      const std::int64_t from = u * layer.outputs + o;
      bias[static_cast<std::size_t>(u * outputs + o)] = layer.bias[from];
      for (std::int64_t i = 0; i < layer.inputs; ++i) {
        w[static_cast<std::size_t>((u * rows + i) * outputs + o)] =
            layer.w[from * layer.inputs + i];
      }
    }
  }
  if (last) {
    net_.last_inputs = static_cast<int>(layer.inputs);
    net_.last = keep(w);
    net_.last_bias = keep(bias);
  } else {
    net_.hidden[net_.hidden_layers++] = {static_cast<int>(layer.inputs), keep(w), keep(bias)};
  }
}

template <typename Range>
void DeviceInference::Body::in_ranges(const PackedSamples& samples, std::int64_t begin,
                                      std::int64_t end, std::int64_t rows,
                                      const Range& body) const {
  require(samples.length == sizes_.length && begin >= 0 && begin <= end && end <= samples.samples(),
          "device inference", "samples ", begin, " to ", end, " of ", samples.samples(), " with ",
          samples.length, " bases, the network is made for ", sizes_.length);
  explainn::cuda::use(device_);
  for (std::int64_t first = begin; first < end; first += rows) {
    const std::int64_t count = std::min(rows, end - first);
    body(SampleRange{samples, first, static_cast<int>(count), step_parts(count, sizes_.units)});
  }
}

void DeviceInference::Body::find_logits(std::int64_t rows, const float* outputs,
                                        float* logits) const {
  cuda::product<float>({.count = 1, .m = rows, .n = tasks_, .k = sizes_.units},
                       {outputs, sizes_.units, 1}, {final_weight_, 1, sizes_.units},
                       {logits, tasks_, 1}, Write::overwrite);
  cuda::add_bias(rows, tasks_, 1, final_bias_, logits);
}

void DeviceInference::Body::infer(const PackedSamples& samples, std::int64_t begin,
                                  std::int64_t end, const DeviceOutputs& outputs) const {
  const std::int64_t units = sizes_.units;
  const std::int64_t map = units * sizes_.positions();
  if (outputs.activations != nullptr) {
    const std::int64_t most = std::clamp<std::int64_t>(
        kActivationsOfResults * results_at_once_ / map, 1, end - begin + 1);
    Buffer<float> activations(most * map, device_);
    in_ranges(samples, begin, end, most, [&](const SampleRange& range) {
      find_activations(net_, range, activations.data());
      copy_from(device_, activations.data(),
                std::span<float>(outputs.activations + (range.first - begin) * map,
                                 static_cast<std::size_t>(range.rows * map)));
    });
  }
  if (outputs.logits == nullptr && outputs.unit_outputs == nullptr) return;
  const std::int64_t most = std::min(rows_at_once(), end - begin);
  Buffer<float> of_units(most * units, device_);
  Buffer<float> logits(outputs.logits == nullptr ? 0 : most * tasks_, device_);
  in_ranges(samples, begin, end, most, [&](const SampleRange& range) {
    infer_units(net_, range, of_units.data());
    const std::int64_t at = range.first - begin;
    const auto rows = static_cast<std::size_t>(range.rows);
    if (outputs.logits != nullptr) {
      find_logits(range.rows, of_units.data(), logits.data());
      copy_from(
          device_, logits.data(),
          std::span<float>(outputs.logits + at * tasks_, rows * static_cast<std::size_t>(tasks_)));
    }
    if (outputs.unit_outputs != nullptr) {
      copy_from(device_, of_units.data(),
                std::span<float>(outputs.unit_outputs + at * units,
                                 rows * static_cast<std::size_t>(units)));
    }
  });
}

void DeviceInference::Body::infer(const std::uint8_t* bases, std::int64_t rows,
                                  const DeviceOutputs& outputs) const {
  explainn::cuda::use(device_);
  const std::int64_t length = sizes_.length;
  const std::int64_t most =
      std::clamp<std::int64_t>(kActivationsOfResults * results_at_once_ / length, 1, rows + 1);
  Buffer<std::uint32_t> packed(most * base_words(length), device_);
  Buffer<std::uint32_t> unknown(most * mask_words(length), device_);
  Buffer<std::uint8_t> letters(most * length, device_);
  for (std::int64_t first = 0; first < rows; first += most) {
    const std::int64_t count = std::min(most, rows - first);
    copy_bytes(device_, letters.data(), {}, bases + first * length,
               static_cast<std::size_t>(count * length));
    pack_bases(count, length, letters.data(), packed.data(), unknown.data());
    const auto from = [&](float* results, std::int64_t of_row) {
      return results == nullptr ? nullptr : results + first * of_row;
    };
    infer({.sequences = count,
           .length = length,
           .label_columns = 0,
           .both_strands = false,
           .bases = packed.data(),
           .unknown = unknown.data(),
           .labels = nullptr},
          0, count,
          {.logits = from(outputs.logits, tasks_),
           .unit_outputs = from(outputs.unit_outputs, sizes_.units),
           .activations = from(outputs.activations, sizes_.units * sizes_.positions())});
  }
}

LossSum DeviceInference::Body::loss(const PackedSamples& samples, LossKind kind, std::int64_t begin,
                                    std::int64_t end) const {
  const std::int64_t columns = LossParams{kind, 0, tasks_}.label_columns();
  require(samples.labels != nullptr && samples.label_columns == columns, "device inference",
          samples.label_columns, " columns of labels instead of ", columns);
  const std::int64_t most = std::min(rows_at_once(), std::max<std::int64_t>(end - begin, 1));
  Buffer<float> of_units(most * sizes_.units, device_);
  Buffer<float> logits(most * tasks_, device_);
  LossSum total;
  const auto of_strand = [&](std::int64_t from, std::int64_t to, std::int64_t sequence) {
    in_ranges(samples, from, to, most, [&](const SampleRange& range) {
      infer_units(net_, range, of_units.data());
      find_logits(range.rows, of_units.data(), logits.data());
      const float* const labels = samples.labels + (range.first - from + sequence) * columns;
      total += cuda::loss_and_gradient<float>({kind, range.rows, tasks_}, logits.data(), labels,
                                              nullptr);
    });
  };
  // Labels of the reverse strand are those of the forward one.
  const std::int64_t sequences = samples.sequences;
  if (begin < sequences) of_strand(begin, std::min(end, sequences), begin);
  if (end > sequences) {
    const std::int64_t from = std::max(begin, sequences);
    of_strand(from, end, from - sequences);
  }
  return total;
}

void DeviceInference::Body::raise_maxima(const PackedSamples& samples, std::int64_t begin,
                                         std::int64_t end, float* maxima) const {
  const auto units = static_cast<std::size_t>(sizes_.units);
  Buffer<float> on_device = copied_to(device_, std::span<const float>(maxima, units));
  in_ranges(samples, begin, end, rows_at_once(),
            [&](const SampleRange& range) { find_maxima(net_, range, on_device.data()); });
  copy_from(device_, on_device.data(), std::span<float>(maxima, units));
}

void DeviceInference::Body::count_sites(const PackedSamples& samples, std::int64_t begin,
                                        std::int64_t end, const float* thresholds,
                                        const DeviceSites& sites) const {
  const std::int64_t units = sizes_.units;
  const std::int64_t places = units * sizes_.filter * kLettersOfPlace;
  const std::int64_t most = std::min(rows_at_once(), kWindows / sizes_.positions());
  const Buffer<float> of_units =
      copied_to(device_, std::span<const float>(thresholds, static_cast<std::size_t>(units)));
  Buffer<unsigned long long> counts = zeros<unsigned long long>(places + units, device_);
  Buffer<std::uint8_t> fired(
      sites.fired == nullptr ? 0 : std::clamp<std::int64_t>(end - begin, 0, most) * units, device_);
  in_ranges(samples, begin, end, most, [&](const SampleRange& range) {
    find_sites(net_, range, of_units.data(), counts.data(), counts.data() + places,
               sites.fired == nullptr ? nullptr : fired.data());
    if (sites.fired == nullptr) return;
    copy_from(device_, fired.data(),
              std::span<std::uint8_t>(sites.fired + (range.first - begin) * units,
                                      static_cast<std::size_t>(range.rows * units)));
  });
  std::vector<unsigned long long> found(static_cast<std::size_t>(places + units));
  copy_from<unsigned long long>(device_, counts.data(), found);
  for (std::int64_t i = 0; i < places + units; ++i) {
    std::int64_t& to = i < places ? sites.letters[i] : sites.sites[i - places];
    to += static_cast<std::int64_t>(found[static_cast<std::size_t>(i)]);
  }
}

DeviceInference::DeviceInference(const UnitSizes& sizes, const float* filters, const float* shifts,
                                 const std::vector<FoldedUnitLayer>& layers,
                                 const FinalLayer& final_layer, Device device,
                                 std::int64_t results_at_once)
    : body_(std::make_unique<Body>(sizes, filters, shifts, layers, final_layer, device,
                                   results_at_once)) {}
DeviceInference::~DeviceInference() = default;
DeviceInference::DeviceInference(DeviceInference&&) noexcept = default;
DeviceInference& DeviceInference::operator=(DeviceInference&&) noexcept = default;

void DeviceInference::infer(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                            const DeviceOutputs& outputs) const {
  body_->infer(samples, begin, end, outputs);
}
void DeviceInference::infer(const std::uint8_t* bases, std::int64_t rows,
                            const DeviceOutputs& outputs) const {
  body_->infer(bases, rows, outputs);
}
LossSum DeviceInference::loss(const PackedSamples& samples, LossKind kind, std::int64_t begin,
                              std::int64_t end) const {
  return body_->loss(samples, kind, begin, end);
}
void DeviceInference::raise_maxima(const PackedSamples& samples, std::int64_t begin,
                                   std::int64_t end, float* maxima) const {
  body_->raise_maxima(samples, begin, end, maxima);
}
void DeviceInference::count_sites(const PackedSamples& samples, std::int64_t begin,
                                  std::int64_t end, const float* thresholds,
                                  const DeviceSites& sites) const {
  body_->count_sites(samples, begin, end, thresholds, sites);
}

}  // namespace explainn::kernels
