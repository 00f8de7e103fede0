// Text like "alength= 4 w=19" as keys with values.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace explainn::data {

/// What "name= value" says, with or without blanks around the sign. Views into the text.
struct MotifKey {
  std::string_view name;
  std::string_view value;  ///< empty if there is none
};

std::vector<MotifKey> keys_of(std::string_view text);

/// The value of the first key of that name, empty if it has none; nothing without such a key.
std::optional<std::string_view> find_key(const std::vector<MotifKey>& keys, std::string_view name);

}  // namespace explainn::data
