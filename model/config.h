// What defines a model: checked once, stored in every model file.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "engine/loss.h"

namespace explainn::model {

using Criterion = engine::LossKind;

/// "bcewithlogits", "crossentropy", "mse", "pearson", "poissonnll".
std::string_view to_string(Criterion criterion);
/// Throws UsageError that lists the names (and the nearest one).
Criterion criterion_from(std::string_view name);
/// All names, in the order of the enumeration.
const std::vector<std::string>& criterion_names();

/// The labels a criterion can be trained on.
data::LabelKind label_kind(Criterion criterion);
std::optional<data::LabelRange> label_range(Criterion criterion);

/// Sizes of an ExplaiNN network (axis letters of the whole program: U, K, P, S, L, n, Q, H, T).
struct Architecture {
  static constexpr std::int64_t kHidden = 100;  ///< H, nodes of a hidden layer of one unit
  static constexpr double kDropout = 0.3;       ///< after every hidden layer

  std::int64_t num_units = 100;   ///< U
  std::int64_t filter_size = 19;  ///< K
  std::int64_t num_fc = 2;        ///< 0..8: layers of a unit after its pool
  std::int64_t pool_size = 7;     ///< P (num_fc 0: the pool spans all n)
  std::int64_t pool_stride = 7;   ///< S
  std::int64_t input_length = 0;  ///< L
  std::int64_t num_tasks = 0;     ///< T

  std::int64_t positions() const { return input_length - filter_size + 1; }  ///< n
  std::int64_t pool_width() const { return num_fc == 0 ? positions() : pool_size; }
  std::int64_t pool_step() const { return num_fc == 0 ? 1 : pool_stride; }
  std::int64_t pooled() const { return (positions() - pool_width()) / pool_step() + 1; }  ///< Q
  std::int64_t hidden_layers() const { return num_fc < 2 ? 0 : num_fc - 1; }
  friend bool operator==(const Architecture&, const Architecture&) = default;
};

struct Config {
  Architecture sizes;
  std::optional<Criterion> criterion;  ///< absent in a converted model whose criterion is unknown
  std::vector<std::string> targets;    ///< T names
  bool rev_complement = false;         ///< trained on both strands
  double lr = 0.003;
  std::uint64_t seed = 1714;
  friend bool operator==(const Config&, const Config&) = default;
};

/// Throws UsageError with the option's name and, where sizes do not fit, the largest value that
/// does.
void validate(const Config& config);

nlohmann::json to_json(const Config& config);
/// Throws Error naming the field that is missing or has the wrong type; validates.
Config config_from_json(const nlohmann::json& json);

}  // namespace explainn::model
