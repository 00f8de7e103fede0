// Damage for files of text, the same for the same number on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace explainn::fuzz {

/// Numbers whose sequence the standard fixes, unlike those of its distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// 0 .. count - 1; 0 for a count of 0.
  std::size_t below(std::size_t count) {
    return count == 0 ? 0 : static_cast<std::size_t>(engine_() % count);
  }
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// One of `samples` with one to eight changes: bytes, lines, numbers, pieces of other samples,
/// words of `dictionary`.
std::string mutated(const std::vector<std::string>& samples,
                    const std::vector<std::string>& dictionary, Random& random);

}  // namespace explainn::fuzz
