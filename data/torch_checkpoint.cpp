#include "data/torch_checkpoint.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "data/atomic_file.h"
#include "data/input_stream.h"
#include "data/pickle.h"
#include "data/zip_archive.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::string_view kPickleName = "/data.pkl";
constexpr std::string_view kOldFormat("\x80\x02\x8a\x0a", 4);  // PyTorch before 1.6: no zip
constexpr std::array<std::string_view, 2> kWrappers{"state_dict", "model_state_dict"};
constexpr std::uint64_t kMostCopies = 16;
constexpr std::size_t kMostDimensions = 32;

using Values = decltype(NamedTensor::values);

/// An empty vector of what a storage type holds; false for types that are not read.
bool values_of_storage(std::string_view type, Values& values) {
  if (type == "torch.FloatStorage") {
    values.emplace<std::vector<float>>();
  } else if (type == "torch.DoubleStorage") {
    values.emplace<std::vector<double>>();
  } else if (type == "torch.LongStorage") {
    values.emplace<std::vector<std::int64_t>>();
  } else if (type == "torch.ByteStorage") {
    values.emplace<std::vector<std::uint8_t>>();
  } else {
    return false;
  }
  return true;
}

/// A tensor as a walk through a storage.
struct Strided {
  std::int64_t offset;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

/// Where the last element lies in the storage; nothing if that overflows.
std::optional<std::int64_t> last_element(const Strided& walk) {
  std::int64_t last = walk.offset;
  for (std::size_t d = 0; d < walk.shape.size(); ++d) {
    std::int64_t way = 0;
    if (__builtin_mul_overflow(walk.shape[d] - 1, walk.strides[d], &way) ||
        __builtin_add_overflow(last, way, &last)) {
      return std::nullopt;
    }
  }
  return last;
}

/// Copies the elements in row-major order; all of them lie within `stored`.
template <typename T>
void gather(const Strided& walk, std::string_view stored, std::vector<T>& out) {
  std::vector<std::int64_t> index(walk.shape.size(), 0);
  std::int64_t place = walk.offset;
  for (T& value : out) {
    std::memcpy(&value, stored.data() + static_cast<std::size_t>(place) * sizeof(T), sizeof(T));
    for (std::size_t d = index.size(); d-- > 0;) {
      if (index[d] + 1 < walk.shape[d]) {
        ++index[d];
        place += walk.strides[d];
        break;
      }
      place -= walk.strides[d] * index[d];
      index[d] = 0;
    }
  }
}

/// The sizes in a sequence: integers >= 0, not too many. Nothing if it is something else.
std::optional<std::vector<std::int64_t>> sizes_of(const Pickle& pickle, PickleId id) {
  const auto* const sequence = std::get_if<PickleSequence>(&pickle.values[id]);
  if (sequence == nullptr || sequence->items.size() > kMostDimensions) return std::nullopt;
  std::vector<std::int64_t> sizes;
  for (const PickleId item : sequence->items) {
    const auto* const size = std::get_if<std::int64_t>(&pickle.values[item]);
    if (size == nullptr || *size < 0) return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

class CheckpointReader {
 public:
  CheckpointReader(const std::string& path, std::string_view bytes)
      : path_(path), archive_(path, bytes), most_bytes_(kMostCopies * bytes.size()) {
    const std::string_view pickle_name = archive_.name_ending_with(kPickleName);
    folder_ = pickle_name.substr(0, pickle_name.size() - kPickleName.size());
    const std::string byte_order = cat(folder_, "/byteorder");
    if (archive_.contains(byte_order) && archive_.read(byte_order) != "little") {
      fail_at(path_, 0, "was written on a big-endian machine, which is not read here:",
              " load and save it again on a little-endian one");
    }
    pickle_ = read_pickle(path_, archive_.read(pickle_name));
  }

  TensorFile read() {
    TensorFile file;
    std::set<std::string_view> names;
    for (const auto& [key, value] : state_dict().items) {
      const auto* const name = std::get_if<std::string>(&pickle_.values[key]);
      const auto* const tensor = std::get_if<PickleTensor>(&pickle_.values[value]);
      if (name == nullptr || !is_utf8(*name)) {
        fail_at(path_, 0, "its state_dict has a key that is no text");
      }
      if (tensor == nullptr) {
        fail_at(path_, 0, shown(*name), " is no tensor: only the state_dict of a model is read,",
                " alone or under the key 'state_dict' or 'model_state_dict'");
      }
      if (!names.insert(*name).second) {
        fail_at(path_, 0, "its state_dict names ", shown(*name), " twice, it is damaged");
      }
      file.tensors.push_back(read_tensor(*name, *tensor));
    }
    return file;
  }

 private:
  /// The root, or what it holds under one of the usual names.
  const PickleDict& state_dict() const {
    const auto* const root = std::get_if<PickleDict>(&pickle_.values[pickle_.root]);
    if (root == nullptr) fail_at(path_, 0, "holds no dict: save the state_dict of the model");
    for (const auto& [key, value] : root->items) {
      const auto* const name = std::get_if<std::string>(&pickle_.values[key]);
      const auto* const dict = std::get_if<PickleDict>(&pickle_.values[value]);
      if (name != nullptr && dict != nullptr &&
          std::find(kWrappers.begin(), kWrappers.end(), *name) != kWrappers.end()) {
        return *dict;
      }
    }
    return *root;
  }

  /// The bytes of a storage, as many as it says to have. Checksums are computed once.
  std::string_view storage_bytes(const PickleStorage& storage, std::size_t size) {
    const std::string& key = std::get<std::string>(pickle_.values[storage.key]);
    auto known = storages_.find(key);
    if (known == storages_.end()) {
      known = storages_.emplace(key, archive_.read(cat(folder_, "/data/", key))).first;
    }
    const std::string_view bytes = known->second;
    if (bytes.size() % size != 0 ||
        bytes.size() / size != static_cast<std::uint64_t>(storage.count)) {
      fail_at(path_, 0, "its storage ", shown(key), " should hold ", storage.count,
              " values but has ", bytes.size(), " bytes: it is damaged");
    }
    return bytes;
  }

  Strided walk_of(const std::string& name, const PickleTensor& tensor) const {
    auto shape = sizes_of(pickle_, tensor.shape);
    auto strides = sizes_of(pickle_, tensor.strides);
    if (!shape || !strides || shape->size() != strides->size() || tensor.offset < 0) {
      fail_at(path_, 0, shown(name), " has a shape, strides or an offset that no tensor can have",
              " (negative, too many or of different number): it is damaged");
    }
    return {tensor.offset, std::move(*shape), std::move(*strides)};
  }

  NamedTensor read_tensor(const std::string& name, const PickleTensor& tensor) {
    const auto& storage = std::get<PickleStorage>(pickle_.values[tensor.storage]);
    const std::string& type = std::get<PickleGlobal>(pickle_.values[storage.type]).name;
    const Strided walk = walk_of(name, tensor);
    NamedTensor out{name, walk.shape, {}};
    if (!values_of_storage(type, out.values)) {
      fail_at(path_, 0, shown(name), " is a ", type, ": only float, double, int64 and uint8 are",
              " read, convert it first (model.float())");
    }
    std::visit([&](auto& values) { fill(name, walk, storage, values); }, out.values);
    return out;
  }

  template <typename T>
  void fill(const std::string& name, const Strided& walk, const PickleStorage& storage,
            std::vector<T>& values) {
    const std::string_view stored = storage_bytes(storage, sizeof(T));
    const std::optional<std::int64_t> count = checked_element_count(walk.shape);
    if (count == 0) return;
    const std::optional<std::int64_t> last = last_element(walk);
    if (!count || !last || *last >= storage.count) {
      fail_at(path_, 0, shown(name), " reaches beyond its storage of ", storage.count,
              " values: it is damaged");
    }
    // Strides of 0 and shared storages repeat elements; a small file must not become a huge one.
    if (static_cast<std::uint64_t>(*count) > (most_bytes_ - used_bytes_) / sizeof(T)) {
      fail_at(path_, 0, shown(name), " repeats its storage so often that the tensors have more",
              " than ", kMostCopies, " times the file's bytes");
    }
    values.resize(static_cast<std::size_t>(*count));
    used_bytes_ += values.size() * sizeof(T);
    gather(walk, stored, values);
  }

  const std::string& path_;
  ZipArchive archive_;
  std::uint64_t most_bytes_;  ///< of all tensors together
  std::uint64_t used_bytes_ = 0;
  std::string_view folder_;  ///< of the archive that holds the pickle and the storages
  Pickle pickle_;
  std::map<std::string_view, std::string_view> storages_;  ///< those read so far, by key
};

}  // namespace

bool is_zip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> start{};
  file.read(start.data(), start.size());
  return begins_like_zip({start.data(), static_cast<std::size_t>(file.gcount())});
}

TensorFile read_torch_checkpoint(const std::string& path) {
  const std::string bytes = read_file(path);
  if (std::string_view(bytes).starts_with(kOldFormat)) {
    fail_at(path, 0, "has the format of PyTorch before 1.6: load it with torch.load and save it",
            " again with a newer PyTorch");
  }
  if (!begins_like_zip(bytes)) fail_at(path, 0, "is no PyTorch checkpoint: it is no zip archive");
  return CheckpointReader(path, bytes).read();
}

}  // namespace explainn::data
