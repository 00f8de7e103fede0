// The names a pickle may ask for and what we make of a call to them.
#pragma once

#include <optional>
#include <string_view>

#include "data/pickle.h"

namespace explainn::data {

/// collections.OrderedDict, torch._utils._rebuild_tensor_v2, torch._utils._rebuild_parameter, and
/// torch's storage types.
bool is_allowed_global(std::string_view name);

/// What the call makes: an empty dict, a tensor, or the tensor inside a parameter. Nothing if the
/// arguments do not fit the function (or it is no function).
std::optional<PickleValue> call_global(const Pickle& pickle, PickleId function, PickleId arguments);

/// The storage that PyTorch's tuple ('storage', type, key, device, count) describes, or nothing.
std::optional<PickleValue> make_storage(const Pickle& pickle, PickleId description);

}  // namespace explainn::data
