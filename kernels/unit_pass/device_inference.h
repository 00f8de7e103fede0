// The network in evaluation mode on a GPU: units, final layer, loss; and what interpretation
// counts. Batch norms are folded into the layers before them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/device.h"
#include "kernels/loss/loss.h"
#include "kernels/unit_pass/inference.h"
#include "kernels/unit_pass/packed_samples.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

/// The final layer, on the host.
struct FinalLayer {
  std::int64_t tasks;   ///< T
  const float* weight;  ///< [T, U]
  const float* bias;    ///< [T]
};

/// Where results go, on the host; null: not wanted. Row r is the r-th sample asked for.
struct DeviceOutputs {
  float* logits = nullptr;        ///< [rows, T]
  float* unit_outputs = nullptr;  ///< [rows, U]
  float* activations = nullptr;   ///< [rows, U, n], exp(folded convolution)
};

/// What count_sites() adds to, on the host.
struct DeviceSites {
  std::int64_t* letters;          ///< [U, K, 5]: bases under the sites, unknown ones last
  std::int64_t* sites;            ///< [U]: windows beyond the threshold
  std::uint8_t* fired = nullptr;  ///< [end - begin, U]: 1 where a sample has a site, else 0; not
                                  ///< added to but set. Null: not wanted
};

/// Samples [begin, end) are those of PackedSamples in their own order. Any number of rows: they go
/// through the device tile by tile. All results are the same bits in every run on one kind of GPU,
/// and for a row whatever the rows beside it.
class DeviceInference {
 public:
  /// Few enough to stay in a GPU's cache, where the next kernel reads them, enough to occupy it.
  static constexpr std::int64_t kResultsAtOnce = std::int64_t{1} << 22;

  /// filters [U, 4, K], shifts [U] and layers as for UnitInference; all of the host, copied. Layers
  /// before the last have at most 100 outputs. Throws std::invalid_argument where sizes do not fit
  /// each other, UsageError where there is no such GPU. results_at_once: numbers of a result that
  /// are on the device at a time, activations eight times as many; results do not depend on it.
  DeviceInference(const UnitSizes& sizes, const float* filters, const float* shifts,
                  const std::vector<FoldedUnitLayer>& layers, const FinalLayer& final_layer,
                  Device device, std::int64_t results_at_once = kResultsAtOnce);
  ~DeviceInference();
  DeviceInference(DeviceInference&&) noexcept;
  DeviceInference& operator=(DeviceInference&&) noexcept;

  void infer(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
             const DeviceOutputs& outputs) const;
  /// bases [rows, L] of the host, 0..3 or 4 for unknown.
  void infer(const std::uint8_t* bases, std::int64_t rows, const DeviceOutputs& outputs) const;

  /// Loss of the logits against the samples' labels (loss.h). Requires labels.
  LossSum loss(const PackedSamples& samples, LossKind kind, std::int64_t begin,
               std::int64_t end) const;

  /// Raises maxima [U] (host, at least 0) to the samples' activations at all n positions, which are
  /// those of infer() bit by bit. NaNs are passed over.
  void raise_maxima(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                    float* maxima) const;
  /// Counts the windows whose activation is strictly greater than thresholds [U] (host).
  void count_sites(const PackedSamples& samples, std::int64_t begin, std::int64_t end,
                   const float* thresholds, const DeviceSites& sites) const;

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace explainn::kernels
