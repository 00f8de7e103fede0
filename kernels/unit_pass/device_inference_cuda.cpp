#include "kernels/unit_pass/device_inference.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/cuda/memory.h"
#include "kernels/unit_pass/device_folded_network.h"
#include "kernels/unit_pass/device_workspace.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kActivationsOfResults = 8;
constexpr std::int64_t kLetters = 5;

// Brings results [rows, `of_row`] to their place behind `first_row` rows.
template <typename T>
void bring(const Buffer<T>& from, std::int64_t rows, std::int64_t of_row, std::int64_t first_row,
           T* to) {
  copy_from(from.device(), from.data(),
            std::span<T>(to + first_row * of_row, static_cast<std::size_t>(rows * of_row)));
}

}  // namespace

class DeviceInference::Body {
 public:
  Body(FoldedNetwork network, std::int64_t results_at_once)
      : net_(std::move(network)), results_at_once_(results_at_once) {}

  /// Results of rows on the device, to their place behind `first` rows.
  void infer(const WindowRows& rows, std::int64_t first, const DeviceOutputs& outputs) const;
  void infer(const std::uint8_t* letters, std::int64_t rows, const DeviceOutputs& outputs) const;
  /// body(rows, number of their first sample) for samples [begin, end), as many at a time as the
  /// device takes.
  template <typename Visit>
  void each_range(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                  const Visit& body) const;
  LossSum loss(const PackedSamples& samples, LossKind kind, std::int64_t begin,
               std::int64_t end) const;
  void raise_maxima(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                    float* maxima) const;
  void count_sites(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                   const float* thresholds, const DeviceSites& sites) const;

 private:
  Device device() const { return net_.device(); }
  std::int64_t units() const { return net_.sizes().units; }
  std::int64_t length() const { return net_.sizes().length; }
  /// Rows on the device at a time, of `rows` to come.
  std::int64_t rows_at_once(std::int64_t rows) const {
    const std::int64_t of_row = std::max({units(), net_.tasks(), length()});
    return std::clamp<std::int64_t>(results_at_once_ / of_row, 1, std::max<std::int64_t>(rows, 1));
  }
  WindowRows view(const Buffer<std::uint32_t>& bases, const Buffer<std::uint32_t>& unknown,
                  std::int64_t rows) const;

  FoldedNetwork net_;
  std::int64_t results_at_once_;
};

WindowRows DeviceInference::Body::view(const Buffer<std::uint32_t>& bases,
                                       const Buffer<std::uint32_t>& unknown,
                                       std::int64_t rows) const {
  return {.bases = bases.data(),
          .unknown = unknown.data(),
          .length = static_cast<int>(length()),
          .rows = static_cast<int>(rows),
          .parts = step_parts(rows, units())};
}

template <typename Visit>
void DeviceInference::Body::each_range(const PackedSamples& samples, std::int64_t begin,
                                       std::int64_t end, const Visit& body) const {
  require(samples.length == length() && begin >= 0 && begin <= end && end <= samples.samples(),
          "device inference", "samples ", begin, " to ", end, " of ", samples.samples(), " with ",
          samples.length, " bases, the network is made for ", length());
  explainn::cuda::use(device());
  const std::int64_t most = rows_at_once(end - begin);
  Buffer<std::uint32_t> bases(most * base_words(length()) + kWindowRoom, device());
  Buffer<std::uint32_t> unknown;
  if (samples.unknown != nullptr) {
    unknown = Buffer<std::uint32_t>(most * mask_words(length()), device());
  }
  for (std::int64_t first = begin; first < end; first += most) {
    const std::int64_t count = std::min(most, end - first);
    gather_rows(samples, first, count, bases.data(), unknown.data());
    body(view(bases, unknown, count), first);
  }
}

void DeviceInference::Body::infer(const WindowRows& rows, std::int64_t first,
                                  const DeviceOutputs& outputs) const {
  const std::int64_t map = units() * net_.sizes().positions();
  if (outputs.activations != nullptr) {
    const std::int64_t most =
        std::clamp<std::int64_t>(kActivationsOfResults * results_at_once_ / map, 1, rows.rows);
    Buffer<float> activations(most * map, device());
    for (std::int64_t begin = 0; begin < rows.rows; begin += most) {
      WindowRows some = rows;
      some.rows = static_cast<int>(std::min(most, rows.rows - begin));
      some.parts = step_parts(some.rows, units());
      some.bases += begin * base_words(length());
      if (some.unknown != nullptr) some.unknown += begin * mask_words(length());
      find_activations(net_.units(), some, activations.data());
      bring(activations, some.rows, map, first + begin, outputs.activations);
    }
  }
  if (outputs.logits == nullptr && outputs.unit_outputs == nullptr) return;
  Buffer<float> of_units(rows.rows * units(), device());
  infer_units(net_.units(), rows, of_units.data());
  if (outputs.logits != nullptr) {
    Buffer<float> logits(rows.rows * net_.tasks(), device());
    net_.find_logits(rows.rows, of_units.data(), logits.data());
    bring(logits, rows.rows, net_.tasks(), first, outputs.logits);
  }
  if (outputs.unit_outputs != nullptr) {
    bring(of_units, rows.rows, units(), first, outputs.unit_outputs);
  }
}

void DeviceInference::Body::infer(const std::uint8_t* letters, std::int64_t rows,
                                  const DeviceOutputs& outputs) const {
  explainn::cuda::use(device());
  const std::int64_t most = rows_at_once(rows);
  Buffer<std::uint8_t> on_device(most * length(), device());
  Buffer<std::uint32_t> bases(most * base_words(length()) + kWindowRoom, device());
  Buffer<std::uint32_t> unknown(most * mask_words(length()), device());
  for (std::int64_t first = 0; first < rows; first += most) {
    const std::int64_t count = std::min(most, rows - first);
    copy_bytes(device(), on_device.data(), {}, letters + first * length(),
               static_cast<std::size_t>(count * length()));
    pack_rows(on_device.data(), count, length(), bases.data(), unknown.data());
    infer(view(bases, unknown, count), first, outputs);
  }
}

LossSum DeviceInference::Body::loss(const PackedSamples& samples, LossKind kind, std::int64_t begin,
                                    std::int64_t end) const {
  const std::int64_t columns = LossParams{kind, 0, net_.tasks()}.label_columns();
  require(samples.labels != nullptr && samples.label_columns == columns, "device inference",
          samples.label_columns, " columns of labels instead of ", columns);
  const std::int64_t most = rows_at_once(end - begin);
  Buffer<float> of_units(most * units(), device());
  Buffer<float> logits(most * net_.tasks(), device());
  LossSum total;
  // Labels of the reverse strand are those of the forward one.
  const std::int64_t middle = std::clamp(samples.sequences, begin, end);
  const auto add = [&](std::int64_t from, std::int64_t to, const float* labels) {
    each_range(samples, from, to, [&](const WindowRows& rows, std::int64_t first) {
      infer_units(net_.units(), rows, of_units.data());
      net_.find_logits(rows.rows, of_units.data(), logits.data());
      total += cuda::loss_and_gradient<float>({kind, rows.rows, net_.tasks()}, logits.data(),
                                              labels + (first - from) * columns, nullptr);
    });
  };
  add(begin, middle, samples.labels + begin * columns);
  add(middle, end, samples.labels + (middle - samples.sequences) * columns);
  return total;
}

void DeviceInference::Body::raise_maxima(const PackedSamples& samples, std::int64_t begin,
                                         std::int64_t end, float* maxima) const {
  const std::span<float> all(maxima, static_cast<std::size_t>(units()));
  Buffer<float> on_device = copied_to<float>(device(), all);
  each_range(samples, begin, end, [&](const WindowRows& rows, std::int64_t) {
    find_maxima(net_.units(), rows, on_device.data());
  });
  copy_from(device(), on_device.data(), all);
}

void DeviceInference::Body::count_sites(const PackedSamples& samples, std::int64_t begin,
                                        std::int64_t end, const float* thresholds,
                                        const DeviceSites& sites) const {
  const std::int64_t letters = units() * net_.sizes().filter * kLetters;
  const Buffer<float> beyond =
      copied_to(device(), std::span<const float>(thresholds, static_cast<std::size_t>(units())));
  auto counts = zeros<unsigned long long>(letters + units(), device());
  Buffer<std::uint8_t> fired;
  if (sites.fired != nullptr) {
    fired = Buffer<std::uint8_t>(rows_at_once(end - begin) * units(), device());
  }
  each_range(samples, begin, end, [&](const WindowRows& rows, std::int64_t first) {
    find_sites(net_.units(), rows, beyond.data(), counts.data(), counts.data() + letters,
               fired.data());
    if (fired) bring(fired, rows.rows, units(), first - begin, sites.fired);
  });
  std::vector<unsigned long long> found(static_cast<std::size_t>(counts.size()));
  copy_from<unsigned long long>(device(), counts.data(), found);
  for (std::int64_t i = 0; i < counts.size(); ++i) {
    std::int64_t& to = i < letters ? sites.letters[i] : sites.sites[i - letters];
    to += static_cast<std::int64_t>(found[static_cast<std::size_t>(i)]);
  }
}

DeviceInference::DeviceInference(const UnitSizes& sizes, const float* filters, const float* shifts,
                                 const std::vector<FoldedUnitLayer>& layers,
                                 const FinalLayer& final_layer, Device device,
                                 std::int64_t results_at_once)
    : body_(std::make_unique<Body>(
          FoldedNetwork(sizes, filters, shifts, layers, final_layer, device), results_at_once)) {}
DeviceInference::~DeviceInference() = default;
DeviceInference::DeviceInference(DeviceInference&&) noexcept = default;
DeviceInference& DeviceInference::operator=(DeviceInference&&) noexcept = default;

void DeviceInference::infer(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                            const DeviceOutputs& outputs) const {
  body_->each_range(samples, begin, end, [&](const WindowRows& rows, std::int64_t first) {
    body_->infer(rows, first - begin, outputs);
  });
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
