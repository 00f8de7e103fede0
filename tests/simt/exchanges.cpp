// What lanes of a warp compute together (simt/warp.h).
#include <algorithm>
#include <bit>

#include "simt/warp.h"

namespace explainn::simt {
namespace {

LaneValue& at(void* slot) {
  return *static_cast<LaneValue*>(slot);
}

// All lanes get the fold of all values.
template <typename T, typename Fold>
void reduce(void* const (&slots)[32], const Fold& fold) {
  bool first = true;
  T total{};
  for (void* slot : slots) {
    if (slot == nullptr) continue;
    const T value = static_cast<T>(at(slot).value);
    total = first ? value : fold(total, value);
    first = false;
  }
  for (void* slot : slots) {
    if (slot != nullptr) at(slot).result = static_cast<std::uint64_t>(total);
  }
}

}  // namespace

void shuffle(void* const (&slots)[32]) {
  for (void* slot : slots) {
    if (slot == nullptr) continue;
    void* const source = slots[at(slot).source % 32];
    at(slot).result = source == nullptr ? ~std::uint64_t{0} : at(source).value;
  }
}

void ballot(void* const (&slots)[32]) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    if (slots[i] != nullptr && at(slots[i]).value != 0) bits |= std::uint64_t{1} << i;
  }
  for (void* slot : slots) {
    if (slot != nullptr) at(slot).result = bits;
  }
}

void match_any(void* const (&slots)[32]) {
  for (void* slot : slots) {
    if (slot == nullptr) continue;
    at(slot).result = 0;
    for (int i = 0; i < 32; ++i) {
      if (slots[i] != nullptr && at(slots[i]).value == at(slot).value) {
        at(slot).result |= std::uint64_t{1} << i;
      }
    }
  }
}

void reduce_add(void* const (&slots)[32]) {
  reduce<std::uint32_t>(slots, [](auto a, auto b) { return a + b; });
}
void reduce_min_signed(void* const (&slots)[32]) {
  reduce<std::int32_t>(slots, [](auto a, auto b) { return std::min(a, b); });
}
void reduce_max_signed(void* const (&slots)[32]) {
  reduce<std::int32_t>(slots, [](auto a, auto b) { return std::max(a, b); });
}
void reduce_min_unsigned(void* const (&slots)[32]) {
  reduce<std::uint32_t>(slots, [](auto a, auto b) { return std::min(a, b); });
}
void reduce_max_unsigned(void* const (&slots)[32]) {
  reduce<std::uint32_t>(slots, [](auto a, auto b) { return std::max(a, b); });
}
void reduce_and(void* const (&slots)[32]) {
  reduce<std::uint32_t>(slots, [](auto a, auto b) { return a & b; });
}
void reduce_or(void* const (&slots)[32]) {
  reduce<std::uint32_t>(slots, [](auto a, auto b) { return a | b; });
}
void reduce_xor(void* const (&slots)[32]) {
  reduce<std::uint32_t>(slots, [](auto a, auto b) { return a ^ b; });
}

}  // namespace explainn::simt
