#include "data/pickle_bytes.h"

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/base/error.h"

namespace explainn::data {

std::string_view PickleBytes::take(std::size_t size) {
  if (size > bytes_.size() - position_) {
    fail_at(path_, 0, "its data.pkl is cut off at byte ", bytes_.size(), ", the file is damaged");
  }
  position_ += size;
  return bytes_.substr(position_ - size, size);
}

double PickleBytes::take_big_endian_double() {
  std::array<char, 8> reversed{};
  const std::string_view stored = take(8);
  std::reverse_copy(stored.begin(), stored.end(), reversed.begin());
  return std::bit_cast<double>(reversed);
}

std::int64_t PickleBytes::take_integer(std::size_t size) {
  require(size <= 8, "PickleBytes::take_integer", size, " bytes do not fit 64 bits");
  const std::string_view stored = take(size);
  const bool negative = size > 0 && (stored.back() & 0x80) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(stored[i]);
  }
  return static_cast<std::int64_t>(value);
}

std::string_view PickleBytes::take_line() {
  const std::size_t rest = bytes_.size() - position_;
  const std::size_t length = std::min(bytes_.substr(position_).find('\n'), rest);
  return take(length + 1).substr(0, length);
}

}  // namespace explainn::data
