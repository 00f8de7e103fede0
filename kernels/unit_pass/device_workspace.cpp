#include "kernels/unit_pass/device_workspace.h"

#include <algorithm>

#include "kernels/base/error.h"

namespace explainn::kernels {

int step_parts(std::int64_t rows, std::int64_t units) {
  constexpr std::int64_t kBlocks = 2048;
  const std::int64_t tiles = (rows + kTileRows - 1) / kTileRows;
  return static_cast<int>(std::clamp<std::int64_t>(kBlocks / units, 1, tiles));
}

TrainedBuffers::TrainedBuffers(std::int64_t size, int moments, Device device)
    : values_(zeros<float>(size, device)), gradients_(zeros<float>(size, device)) {
  for (int i = 0; i < moments; ++i) moments_.push_back(zeros<float>(size, device));
}

TrainedNumbers TrainedBuffers::view() {
  return {.values = values_.data(),
          .first = moments_.empty() ? nullptr : moments_[0].data(),
          .second = moments_.size() < 2 ? nullptr : moments_[1].data(),
          .gradients = gradients_.data()};
}

void TrainedBuffers::read(std::vector<float>& values,
                          std::vector<std::vector<float>>& moments) const {
  const auto read_one = [](const Buffer<float>& from) {
    std::vector<float> to(static_cast<std::size_t>(from.size()));
    copy_from<float>(from.device(), from.data(), to);
    return to;
  };
  values = read_one(values_);
  moments.clear();
  for (const Buffer<float>& moment : moments_) moments.push_back(read_one(moment));
}

void TrainedBuffers::write(const std::vector<float>& values,
                           const std::vector<std::vector<float>>& moments) {
  const auto write_one = [](const std::vector<float>& from, Buffer<float>& to) {
    require(static_cast<std::int64_t>(from.size()) == to.size(), "device training", from.size(),
            " numbers instead of ", to.size());
    copy_bytes(to.device(), to.data(), {}, from.data(), from.size() * sizeof(float));
  };
  require(moments.size() == moments_.size(), "device training", moments.size(),
          " sets of moments instead of ", moments_.size());
  write_one(values, values_);
  for (std::size_t i = 0; i < moments.size(); ++i) write_one(moments[i], moments_[i]);
}

std::vector<float> TrainedBuffers::gradients() const {
  std::vector<float> values(static_cast<std::size_t>(gradients_.size()));
  copy_from<float>(gradients_.device(), gradients_.data(), values);
  return values;
}

namespace {

std::int64_t widest(const UnitLayout& layout) {
  std::int64_t inputs = 0;
  for (const UnitLayer& layer : layout.layers) {
    if (layer.outputs > 1) inputs = std::max(inputs, layer.inputs);
  }
  return inputs;
}

}  // namespace

StepWorkspace::StepWorkspace(const StepSizes& sizes, const UnitLayout& layout, Device device)
    : rows_(sizes.rows), most_inputs_(widest(layout)) {
  StepMemory nowhere{};
  fill(nowhere, sizes);  // counts
  bytes_ = Buffer<std::uint8_t>(used_, device);
}

// Without memory it only counts.
template <typename T>
T* StepWorkspace::part(std::int64_t count) {
  constexpr std::int64_t kAlignment = 256;
  std::uint8_t* const begin = bytes_ ? bytes_.data() + used_ : nullptr;
  const std::int64_t bytes = count * static_cast<std::int64_t>(sizeof(T));
  used_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return reinterpret_cast<T*>(begin);
}

void StepWorkspace::fill(StepMemory& memory, const StepSizes& sizes) {
  require(sizes.rows <= rows_, "device training", sizes.rows, " rows, but memory for ", rows_);
  used_ = 0;
  const std::int64_t rows = sizes.rows;
  const std::int64_t units = sizes.units;
  const std::int64_t unit_rows = units * rows;
  const std::int64_t hidden = sizes.hidden_layers();
  const std::int64_t parts = sizes.parts;
  const std::int64_t letters = sizes.letters();
  const std::int64_t tasks = sizes.tasks;
  memory.batch.bases = part<std::uint32_t>(rows * base_words(sizes.length));
  memory.batch.unknown = part<std::uint32_t>(rows * mask_words(sizes.length));
  memory.batch.planes = part<std::uint32_t>(sizes.row_words() * 4 * std::int64_t{sizes.length});
  memory.batch.labels = part<float>(rows * sizes.label_columns);
  memory.batch.pairs = part<std::int32_t>(std::int64_t{16} * sizes.filter * sizes.filter);
  memory.covariance_filters = part<double>(units * letters);
  memory.norms = part<ScoreNorm>(units);
  memory.letters = part<float>(units * letters);
  memory.shifts = part<float>(units);
  memory.x = part<float>(unit_rows * sizes.pooled_row);
  memory.offsets = part<std::uint16_t>(unit_rows * sizes.pooled_row);
  memory.centres = part<float>(units * sizes.pooled);
  memory.y = part<float>(hidden * unit_rows * kNodes);
  memory.sums = part<double>(hidden * units * parts * 2 * kNodes);
  memory.dh = part<float>(hidden > 1 ? 2 * unit_rows * kNodes : 0);
  memory.dz_sums = part<double>(hidden * units * parts * 3 * kNodes);
  memory.dw = part<float>(hidden * units * parts * most_inputs_ * kNodes);
  memory.v = part<float>(unit_rows);
  memory.v_norms = part<double>(2 * units);
  memory.outputs = part<float>(unit_rows);
  memory.logits = part<float>(rows * tasks);
  memory.d_logits = part<float>(rows * tasks);
  memory.row_losses = part<double>(rows);
  memory.d_final = part<float>(sizes.final_parts() * tasks * (units + 1));
  memory.d_outputs = part<float>(unit_rows);
  memory.dv = part<float>(unit_rows);
  memory.dv_sums = part<double>(2 * units);
  memory.d_scores = part<float>(unit_rows * sizes.pooled_row);
  memory.window_sums = part<double>(units * parts * (letters + 1));
  memory.single_dw = part<float>(sizes.layer_count == 1 ? units * sizes.pooled : 0);
  memory.most_inputs = most_inputs_;
}

ChipWorkspace::ChipWorkspace(const Step& step, Device device)
    : device_(device),
      bases_(kChipBatches * step.sizes.rows * base_words(step.sizes.length), device),
      unknown_(kChipBatches * step.sizes.rows * mask_words(step.sizes.length), device),
      planes_(std::int64_t{kChipBatches} * step.sizes.row_words() * 4 * step.sizes.length, device),
      labels_(std::int64_t{kChipBatches} * step.sizes.rows * step.sizes.label_columns, device),
      mean_(std::int64_t{kChipMoments} * step.sizes.letters(), device),
      covariance_(std::int64_t{kChipMoments} * step.sizes.letters() * step.sizes.letters(), device),
      outputs_(2 * std::int64_t{step.sizes.rows} * step.sizes.units, device),
      arrived_(1, device) {}

ChipMemory ChipWorkspace::view(const Step& step, std::int64_t steps, std::int64_t optimizer_step) {
  ChipMemory memory{};
  for (std::int64_t i = 0; i < kChipBatches; ++i) {
    const auto piece = [i](auto& buffer) {
      return buffer.data() + i * (buffer.size() / kChipBatches);
    };
    memory.batches[i] = {.bases = piece(bases_),
                         .unknown = piece(unknown_),
                         .planes = piece(planes_),
                         .labels = piece(labels_),
                         .pairs = nullptr,
                         .counted = nullptr};
  }
  for (std::int64_t i = 0; i < kChipMoments; ++i) {
    memory.moments[i] = {mean_.data() + i * (mean_.size() / kChipMoments),
                         covariance_.data() + i * (covariance_.size() / kChipMoments)};
  }
  for (int i = 0; i < 2; ++i) memory.outputs[i] = outputs_.data() + i * (outputs_.size() / 2);
  if (counted_.size() < steps) counted_ = Buffer<std::int32_t>(steps, device_);
  memory.counted = counted_.data();
  memory.arrived = arrived_.data();
  if (step.adam) {
    std::vector<AdamRates> rates;
    for (std::int64_t i = 1; i <= steps; ++i) {
      rates.push_back(AdamRates::of(step.lr, optimizer_step + i));
    }
    rates_ = copied_to<AdamRates>(device_, rates);
    memory.rates = rates_.data();
  }
  return memory;
}

}  // namespace explainn::kernels
