#include "data/safetensors_header.h"

#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostDimensions = 64;
constexpr std::string_view kMetadata = "__metadata__";

/// Receives the parser's events. The header has three levels: the file's object, one object a
/// tensor (or the metadata), the lists of a tensor; anything deeper is refused as it opens.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::string& path) : path_(path) {}
  SafetensorsHeader take() { return std::move(header_); }

  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("true or false"); }
  bool number_float(double, const std::string&) override { refuse("a number that is no size"); }
  bool binary(Json::binary_t&) override { refuse("binary data"); }

  bool number_integer(std::int64_t value) override {
    fail_at(path_, 0, "the header gives ", where(), " the negative number ", value, kDamaged);
  }

  bool number_unsigned(std::uint64_t value) override {
    if (list_ == nullptr) refuse("a number");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      refuse("a number beyond 63 bits");
    }
    if (list_->size() == kMostDimensions) refuse("a list of more than 64 numbers");
    list_->push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool string(std::string& value) override {
    if (depth_ == 2 && in_metadata_) {
      header_.metadata[key_] = std::move(value);
    } else if (depth_ == 2 && key_ == "dtype") {
      header_.entries.back().dtype = std::move(value);
    } else {
      refuse("a text");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ == 1) {
      in_metadata_ = key_ == kMetadata;
      if (!in_metadata_) header_.entries.push_back({key_, {}, {}, {}});
    } else if (depth_ > 1 || list_ != nullptr) {
      refuse("an object");
    }
    ++depth_;
    keys_.clear();
    return true;
  }

  bool key(std::string& value) override {
    auto& known = depth_ == 1 ? names_ : keys_;
    if (!known.insert(value).second) {
      fail_at(path_, 0, "the header names ", shown(value), " twice", kDamaged);
    }
    key_ = std::move(value);
    return true;
  }

  bool end_object() override {
    if (depth_ == 2 && !in_metadata_) finish_entry();
    --depth_;
    return true;
  }

  bool start_array(std::size_t) override {
    const bool for_tensor = depth_ == 2 && !in_metadata_ && list_ == nullptr;
    if (for_tensor && key_ == "shape") {
      list_ = &header_.entries.back().shape;
    } else if (for_tensor && key_ == "data_offsets") {
      list_ = &header_.entries.back().interval;
    } else {
      refuse("a list");
    }
    return true;
  }

  bool end_array() override {
    list_ = nullptr;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    fail_at(path_, 0, "the header is no JSON at its byte ", position, kDamaged);
  }

 private:
  static constexpr const char* kDamaged = ", the file is damaged or no safetensors file";

  std::string where() const {
    if (depth_ == 0) return "as a whole";
    if (depth_ == 2 && !in_metadata_) {
      return cat(shown(header_.entries.back().name), " as ", shown(key_));
    }
    return cat("as ", shown(key_));
  }

  [[noreturn]] void refuse(const char* what) const {
    fail_at(path_, 0, "the header gives ", where(), " ", what, kDamaged);
  }

  void finish_entry() const {
    const TensorEntry& entry = header_.entries.back();
    // Other keys were refused with their values: what is missing shows in the number of keys.
    if (keys_.size() != 3 || entry.interval.size() != 2) {
      fail_at(path_, 0, "the header does not give ", shown(entry.name),
              " a dtype, a shape and two data_offsets", kDamaged);
    }
  }

  const std::string& path_;
  SafetensorsHeader header_;
  int depth_ = 0;                              // of objects
  bool in_metadata_ = false;                   // meaningful at depth 2
  std::string key_;                            // the last one read
  std::vector<std::int64_t>* list_ = nullptr;  // the list being read
  std::set<std::string> names_;                // keys of the file's object
  std::set<std::string> keys_;                 // keys of the object inside it
};

}  // namespace

SafetensorsHeader parse_safetensors_header(const std::string& path, std::string_view text) {
  HeaderReader reader(path);
  if (!Json::sax_parse(text.begin(), text.end(), &reader)) {
    fail_at(path, 0, "the header is no JSON, the file is damaged or no safetensors file");
  }
  return reader.take();
}

}  // namespace explainn::data
