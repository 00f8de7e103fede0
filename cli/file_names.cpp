#include "cli/file_names.h"

#include <algorithm>
#include <set>

namespace explainn::cli {
namespace {

constexpr std::size_t kMostBytes = 200;  // systems allow 255, endings included

bool stays(char letter) {
  const bool lower = letter >= 'a' && letter <= 'z';
  const bool upper = letter >= 'A' && letter <= 'Z';
  const bool digit = letter >= '0' && letter <= '9';
  const bool ascii = static_cast<unsigned char>(letter) < 0x80;
  return lower || upper || digit || !ascii ||
         std::string_view("._+-").find(letter) != std::string_view::npos;
}

bool continues(char letter) {
  return (static_cast<unsigned char>(letter) & 0xc0U) == 0x80;
}

std::string safe_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char letter) { return !stays(letter); }, '_');
  if (name.size() > kMostBytes) {
    std::size_t end = kMostBytes;
    while (end > 0 && continues(name[end])) --end;
    name.resize(end);
  }
  if (name.empty()) return "_";
  // No hidden files, and none that look like options.
  if (name.front() == '.' || name.front() == '-') name.front() = '_';
  return name;
}

std::string lower_case(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::vector<std::string> file_names(const std::vector<std::string>& ids) {
  std::vector<std::string> names(ids.size());
  std::set<std::string> taken;
  for (const bool as_it_is : {true, false}) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::string safe = safe_name(ids[i]);
      if ((safe == ids[i]) != as_it_is) continue;
      names[i] = safe;
      for (int k = 2; !taken.insert(lower_case(names[i])).second; ++k) {
        names[i] = safe + "-" + std::to_string(k);
      }
    }
  }
  return names;
}

}  // namespace explainn::cli
