// The bytes of a pickle from front to back, each taken only if it is there.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace explainn::data {

/// Every function throws Error with `path` where the bytes end too early.
class PickleBytes {
 public:
  PickleBytes(const std::string& path, std::string_view bytes) : path_(path), bytes_(bytes) {}

  std::size_t position() const { return position_; }

  std::string_view take(std::size_t size);
  /// A little-endian number.
  template <typename T>
  T take_number() {
    T value{};
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  double take_big_endian_double();
  /// Two's complement, little-endian, of 0 to 8 bytes.
  std::int64_t take_integer(std::size_t size);
  /// Up to the next line feed, which is left out.
  std::string_view take_line();

 private:
  const std::string& path_;
  std::string_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace explainn::data
