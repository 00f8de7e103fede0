#include "data/motif_keys.h"

#include <algorithm>

namespace explainn::data {

std::vector<MotifKey> keys_of(std::string_view text) {
  std::vector<std::string_view> parts;  // words, and signs by themselves
  for (std::size_t at = text.find_first_not_of(" \t"); at != std::string_view::npos;
       at = text.find_first_not_of(" \t", at)) {
    const std::size_t end = std::min(text.size(), text.find_first_of(" \t=", at));
    parts.push_back(text.substr(at, std::max<std::size_t>(end - at, 1)));
    at += parts.back().size();
  }
  const auto is_sign = [&](std::size_t i) { return i < parts.size() && parts[i] == "="; };
  std::vector<MotifKey> keys;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (is_sign(i) || !is_sign(i + 1)) continue;
    const bool has_value = i + 2 < parts.size() && !is_sign(i + 2) && !is_sign(i + 3);
    keys.push_back({parts[i], has_value ? parts[i + 2] : std::string_view()});
  }
  return keys;
}

std::optional<std::string_view> find_key(const std::vector<MotifKey>& keys, std::string_view name) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const MotifKey& key) { return key.name == name; });
  if (found == keys.end()) return std::nullopt;
  return found->value;
}

}  // namespace explainn::data
