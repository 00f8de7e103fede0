#include "model/config.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "kernels/base/error.h"
#include "kernels/base/nearest.h"

namespace explainn::model {
namespace {

constexpr std::int64_t kMostUnits = 1'000'000;
constexpr std::int64_t kMostLength = 100'000'000;

// Model files hold names as JSON, which is UTF-8.
bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

template <typename... Parts>
void check(bool ok, const Parts&... what) {
  if (!ok) throw UsageError(cat(what...));
}

void validate_sizes(const Architecture& a) {
  check(a.num_units >= 1 && a.num_units <= kMostUnits, "--num-units ", a.num_units,
        " must lie between 1 and ", kMostUnits);
  check(a.num_fc >= 0 && a.num_fc <= 8, "--num-fc ", a.num_fc, " must lie between 0 and 8");
  check(a.input_length >= 1 && a.input_length <= kMostLength, "--input-length ", a.input_length,
        " must lie between 1 and ", kMostLength);
  check(a.filter_size >= 1, "--filter-size ", a.filter_size, " must be at least 1");
  check(a.filter_size <= a.input_length, "--filter-size ", a.filter_size,
        " is wider than the sequences; the largest value that fits an input length of ",
        a.input_length, " is ", a.input_length);
  check(a.num_tasks >= 1, "the model needs at least one task");
  if (a.num_fc == 0) return;
  check(a.pool_size >= 1, "--pool-size ", a.pool_size, " must be at least 1");
  check(a.pool_stride >= 1, "--pool-stride ", a.pool_stride, " must be at least 1");
  check(a.pool_size <= a.positions(), "--pool-size ", a.pool_size,
        " is wider than what the filter leaves; the largest value that fits an input length of ",
        a.input_length, " and --filter-size ", a.filter_size, " is ", a.positions());
}

// The field `name` of `json` as a T.
template <typename T>
T field(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) throw Error(cat("the model's description lacks the field '", name, "'"));
  try {
    return found->get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(cat("the model's description has a field '", name, "' of the wrong type"));
  }
}

std::int64_t integer_field(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  if (found != json.end() && !found->is_number_integer()) {
    throw Error(cat("the model's description has a field '", name, "' that is no whole number"));
  }
  return field<std::int64_t>(json, name);
}

}  // namespace

const std::vector<std::string>& criterion_names() {
  static const std::vector<std::string> names{"bcewithlogits", "crossentropy", "mse", "pearson",
                                              "poissonnll"};
  return names;
}

std::string_view to_string(Criterion criterion) {
  return criterion_names()[static_cast<std::size_t>(criterion)];
}

Criterion criterion_from(std::string_view name) {
  const auto& names = criterion_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    std::string list;
    for (const std::string& each : names) list += (list.empty() ? "" : ", ") + each;
    const std::string near = nearest_name(std::string(name), names);
    throw UsageError(cat("unknown criterion '", name, "'; ",
                         near.empty() ? "" : "did you mean '" + near + "'? ", "there are ", list));
  }
  return static_cast<Criterion>(found - names.begin());
}

data::LabelKind label_kind(Criterion criterion) {
  return criterion == Criterion::cross_entropy ? data::LabelKind::classes
                                               : data::LabelKind::numeric;
}

std::optional<data::LabelRange> label_range(Criterion criterion) {
  constexpr float kMost = std::numeric_limits<float>::max();
  if (criterion == Criterion::bce_with_logits) {
    return data::LabelRange{0, 1, "the criterion bcewithlogits needs labels in [0, 1]"};
  }
  if (criterion == Criterion::poisson_nll) {
    return data::LabelRange{0, kMost, "the criterion poissonnll needs counts of 0 or more"};
  }
  return std::nullopt;
}

void validate(const Config& config) {
  validate_sizes(config.sizes);
  check(static_cast<std::int64_t>(config.targets.size()) == config.sizes.num_tasks,
        "the model has ", config.sizes.num_tasks, " outputs but ", config.targets.size(),
        " target names");
  for (const std::string& target : config.targets) {
    check(is_utf8(target), "the task name '", target,
          "' is not UTF-8 text; rename it or save the table as UTF-8");
  }
  check(config.criterion != Criterion::pearson || config.sizes.num_tasks >= 2,
        "--criterion pearson compares the tasks of one sequence with each other, so it needs at "
        "least "
        "two; with one task use mse");
  check(config.criterion != Criterion::cross_entropy || config.sizes.num_tasks >= 2,
        "--criterion crossentropy needs at least two classes, but the data have ",
        config.sizes.num_tasks);
  check(config.lr > 0 && config.lr <= 1e6, "--lr ", config.lr, " must be a positive number");
}

nlohmann::json to_json(const Config& config) {
  const Architecture& a = config.sizes;
  nlohmann::json json{{"model", "explainn"},
                      {"num_units", a.num_units},
                      {"filter_size", a.filter_size},
                      {"num_fc", a.num_fc},
                      {"pool_size", a.pool_size},
                      {"pool_stride", a.pool_stride},
                      {"input_length", a.input_length},
                      {"targets", config.targets},
                      {"rev_complement", config.rev_complement},
                      {"lr", config.lr},
                      {"seed", config.seed}};
  if (config.criterion) {
    json["criterion"] = to_string(*config.criterion);
  } else {
    json["criterion"] = nullptr;
  }
  return json;
}

Config config_from_json(const nlohmann::json& json) {
  if (!json.is_object()) throw Error("the model's description is no JSON object");
  const auto name = field<std::string>(json, "model");
  if (name != "explainn") {
    throw Error(cat("the model's description names the unknown model '", name, "'"));
  }
  Config config;
  config.targets = field<std::vector<std::string>>(json, "targets");
  config.sizes = {.num_units = integer_field(json, "num_units"),
                  .filter_size = integer_field(json, "filter_size"),
                  .num_fc = integer_field(json, "num_fc"),
                  .pool_size = integer_field(json, "pool_size"),
                  .pool_stride = integer_field(json, "pool_stride"),
                  .input_length = integer_field(json, "input_length"),
                  .num_tasks = static_cast<std::int64_t>(config.targets.size())};
  config.rev_complement = field<bool>(json, "rev_complement");
  config.lr = field<double>(json, "lr");
  if (json.contains("seed") && !json.at("seed").is_number_unsigned()) {
    throw Error("the model's description has a field 'seed' that is no whole number of 0 or more");
  }
  config.seed = field<std::uint64_t>(json, "seed");
  if (!json.contains("criterion"))
    throw Error("the model's description lacks the field 'criterion'");
  try {
    if (!json.at("criterion").is_null()) {
      config.criterion = criterion_from(field<std::string>(json, "criterion"));
    }
    validate(config);
  } catch (const UsageError& error) {
    throw Error(cat("the model's description is not valid: ", error.what()));
  }
  return config;
}

}  // namespace explainn::model
