#include "data/pickle_calls.h"

#include <algorithm>
#include <array>

namespace explainn::data {
namespace {

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";
constexpr std::array<std::string_view, 10> kStorages{
    "torch.FloatStorage", "torch.DoubleStorage",  "torch.LongStorage", "torch.ByteStorage",
    "torch.IntStorage",   "torch.ShortStorage",   "torch.CharStorage", "torch.BoolStorage",
    "torch.HalfStorage",  "torch.BFloat16Storage"};

bool is_storage_type(std::string_view name) {
  return std::find(kStorages.begin(), kStorages.end(), name) != kStorages.end();
}

template <typename T>
const T* as(const Pickle& pickle, PickleId id) {
  return std::get_if<T>(&pickle.values[id]);
}

/// (storage, offset, shape, strides, requires_grad, hooks[, metadata]); what follows the strides
/// means nothing for the values.
std::optional<PickleValue> make_tensor(const Pickle& pickle, const std::vector<PickleId>& items) {
  if (items.size() < 6 || items.size() > 7) return std::nullopt;
  const auto* const offset = as<std::int64_t>(pickle, items[1]);
  if (as<PickleStorage>(pickle, items[0]) == nullptr || offset == nullptr ||
      as<PickleSequence>(pickle, items[2]) == nullptr ||
      as<PickleSequence>(pickle, items[3]) == nullptr) {
    return std::nullopt;
  }
  return PickleTensor{items[0], *offset, items[2], items[3]};
}

/// (tensor, requires_grad, hooks).
std::optional<PickleValue> make_parameter(const Pickle& pickle,
                                          const std::vector<PickleId>& items) {
  if (items.size() != 3) return std::nullopt;
  const auto* const tensor = as<PickleTensor>(pickle, items[0]);
  if (tensor == nullptr) return std::nullopt;
  return *tensor;
}

}  // namespace

bool is_allowed_global(std::string_view name) {
  return name == kOrderedDict || name == kTensor || name == kParameter || is_storage_type(name);
}

std::optional<PickleValue> call_global(const Pickle& pickle, PickleId function,
                                       PickleId arguments) {
  const auto* const global = as<PickleGlobal>(pickle, function);
  const auto* const list = as<PickleSequence>(pickle, arguments);
  if (global == nullptr || list == nullptr) return std::nullopt;
  if (global->name == kTensor) return make_tensor(pickle, list->items);
  if (global->name == kParameter) return make_parameter(pickle, list->items);
  if (global->name == kOrderedDict && list->items.empty()) return PickleDict{};
  return std::nullopt;
}

std::optional<PickleValue> make_storage(const Pickle& pickle, PickleId description) {
  const auto* const list = as<PickleSequence>(pickle, description);
  if (list == nullptr || list->items.size() != 5) return std::nullopt;
  const auto* const kind = as<std::string>(pickle, list->items[0]);
  const auto* const type = as<PickleGlobal>(pickle, list->items[1]);
  const auto* const count = as<std::int64_t>(pickle, list->items[4]);
  if (kind == nullptr || *kind != "storage" || type == nullptr || !is_storage_type(type->name) ||
      as<std::string>(pickle, list->items[2]) == nullptr || count == nullptr || *count < 0) {
    return std::nullopt;
  }
  return PickleStorage{list->items[1], list->items[2], *count};
}

}  // namespace explainn::data
