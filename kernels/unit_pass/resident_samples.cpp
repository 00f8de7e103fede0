#include "kernels/unit_pass/resident_samples.h"

#include <algorithm>

namespace explainn::kernels {

HostSamples::HostSamples(std::int64_t sequences, std::int64_t length, std::int64_t label_columns)
    : sequences_(sequences),
      length_(length),
      label_columns_(label_columns),
      bases_(static_cast<std::size_t>(sequences * base_words(length))),
      unknown_(static_cast<std::size_t>(sequences * mask_words(length))),
      labels_(static_cast<std::size_t>(sequences * label_columns)) {}

void HostSamples::set(std::int64_t sequence, const std::uint8_t* bases, const float* labels) {
  std::uint32_t* const words = bases_.data() + sequence * base_words(length_);
  std::uint32_t* const mask = unknown_.data() + sequence * mask_words(length_);
  std::fill_n(words, base_words(length_), 0U);
  std::fill_n(mask, mask_words(length_), 0U);
  for (std::int64_t t = 0; t < length_; ++t) {
    const std::uint32_t base = bases[t];
    if (base < 4) {
      words[t / 16] |= base << (2 * (t % 16));
    } else {
      mask[t / 32] |= 1U << (t % 32);
    }
  }
  std::copy_n(labels, label_columns_, labels_.data() + sequence * label_columns_);
}

bool HostSamples::any_unknown() const {
  return std::any_of(unknown_.begin(), unknown_.end(),
                     [](std::uint32_t word) { return word != 0; });
}

ResidentSamples::ResidentSamples(const HostSamples& samples, bool both_strands, Device device)
    : bases_(copied_to<std::uint32_t>(device, samples.bases())),
      labels_(copied_to<float>(device, samples.labels())) {
  if (samples.any_unknown()) unknown_ = copied_to<std::uint32_t>(device, samples.unknown());
  view_ = {.sequences = samples.sequences(),
           .length = samples.length(),
           .label_columns = samples.label_columns(),
           .both_strands = both_strands,
           .bases = bases_.data(),
           .unknown = unknown_.data(),
           .labels = labels_.data()};
}

}  // namespace explainn::kernels
