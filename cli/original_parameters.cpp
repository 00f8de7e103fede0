#include "cli/original_parameters.h"

#include <cctype>
#include <nlohmann/json.hpp>

#include "data/atomic_file.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;

std::string plain_key(const std::string& key) {
  std::string plain;
  for (const char letter : key) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0) plain += static_cast<char>(std::tolower(byte));
  }
  return plain;
}

template <typename T>
void take(const nlohmann::json& fields, const char* key, const std::string& path,
          std::optional<T>& into) {
  const auto found = fields.find(key);
  if (found == fields.end() || found->is_null()) return;
  bool fits = false;
  if constexpr (std::is_same_v<T, std::int64_t>) fits = found->is_number_integer();
  if constexpr (std::is_same_v<T, bool>) fits = found->is_boolean();
  if constexpr (std::is_same_v<T, std::string>) fits = found->is_string();
  if (!fits) fail_at(path, 0, "the field ", key, " has the wrong type: ", found->dump());
  into = found->template get<T>();
}

}  // namespace

OriginalParameters read_original_parameters(const std::string& path) {
  const nlohmann::json file = nlohmann::json::parse(data::read_file(path, kLargestFile), nullptr,
                                                    /*allow_exceptions=*/false);
  if (!file.is_object()) fail_at(path, 0, "this is no JSON object; give parameters-train.py.json");
  nlohmann::json fields = nlohmann::json::object();
  for (const auto& [key, value] : file.items()) fields[plain_key(key)] = value;
  OriginalParameters parameters;
  take(fields, "inputlength", path, parameters.input_length);
  take(fields, "poolsize", path, parameters.pool_size);
  take(fields, "poolstride", path, parameters.pool_stride);
  take(fields, "revcomplement", path, parameters.rev_complement);
  take(fields, "criterion", path, parameters.criterion);
  return parameters;
}

}  // namespace explainn::cli
