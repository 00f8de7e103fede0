// Plain data and tensors out of a pickle (protocol 2, as torch.save writes it). Python's own reader
// calls whatever a pickle names; this one knows the few names a checkpoint of tensors needs, builds
// values from them, and refuses every other. Nothing is ever executed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace explainn::data {

/// Values refer to each other by number, so deep nesting and cycles cost no recursion.
using PickleId = std::uint32_t;

struct PickleNone {};
/// A name the pickle asks for, "module.name"; always one of the allowed.
struct PickleGlobal {
  std::string name;
};
/// A tuple or a list.
struct PickleSequence {
  std::vector<PickleId> items;
};
/// A dict or an OrderedDict in the order of insertion; keys are not made unique.
struct PickleDict {
  std::vector<std::pair<PickleId, PickleId>> items;
};
struct PickleStorage {
  PickleId type;       ///< a PickleGlobal "torch.<Type>Storage"
  PickleId key;        ///< a text: the entry of the archive that holds the bytes
  std::int64_t count;  ///< elements, >= 0
};
/// Elements of a storage: those at `offset` + sum of index * stride. Nothing of it is checked yet.
struct PickleTensor {
  PickleId storage;  ///< a PickleStorage
  std::int64_t offset;
  PickleId shape;  ///< a sequence
  PickleId strides;
};

using PickleValue = std::variant<PickleNone, bool, std::int64_t, double, std::string, PickleGlobal,
                                 PickleSequence, PickleDict, PickleStorage, PickleTensor>;

struct Pickle {
  std::vector<PickleValue> values;
  PickleId root = 0;
};

/// Reads `bytes`. Throws Error with `path` for what is cut off or damaged, opcodes outside plain
/// data, globals outside the allowed (named in the message), and more than a million values.
Pickle read_pickle(const std::string& path, std::string_view bytes);

}  // namespace explainn::data
