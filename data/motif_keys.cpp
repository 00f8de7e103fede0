#include "data/motif_keys.h"

#include <algorithm>

namespace explainn::data {

std::vector<MotifKey> keys_of(const std::vector<std::string_view>& words) {
  std::vector<std::string_view> parts;  // cut at '=' too
  for (std::string_view word : words) {
    for (std::size_t at = word.find('='); at != std::string_view::npos; at = word.find('=')) {
      if (at > 0) parts.push_back(word.substr(0, at));
      parts.push_back(word.substr(at, 1));
      word.remove_prefix(at + 1);
    }
    if (!word.empty()) parts.push_back(word);
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
