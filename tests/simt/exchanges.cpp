// What a warp's lanes compute together.
#include <bit>

#include "simt/tensor_core.h"
#include "simt/warp.h"

namespace explainn::simt {
namespace {

using Slots = void* const (&)[32];

LaneValue* at(Slots slots, unsigned i) {
  return static_cast<LaneValue*>(slots[i]);
}

// Gives all lanes what `combine` makes of all values, from the lowest lane on.
template <typename Value, typename Combine>
void reduce(Slots slots, Combine combine) {
  bool first = true;
  Value all{};
  for (unsigned i = 0; i < 32; ++i) {
    if (slots[i] == nullptr) continue;
    const Value value = static_cast<Value>(at(slots, i)->value);
    all = first ? value : combine(all, value);
    first = false;
  }
  for (unsigned i = 0; i < 32; ++i) {
    if (slots[i] != nullptr) at(slots, i)->result = static_cast<std::uint64_t>(all);
  }
}

// bfloat16 is the upper half of a float.
float half_of(std::uint32_t pair, int half) {
  return std::bit_cast<float>(half == 0 ? pair << 16 : pair & 0xFFFF0000U);
}

}  // namespace

void shuffle(Slots slots) {
  for (unsigned i = 0; i < 32; ++i) {
    if (slots[i] == nullptr) continue;
    LaneValue& lane = *at(slots, i);
    lane.result = slots[lane.source] == nullptr ? ~std::uint64_t{0} : at(slots, lane.source)->value;
  }
}

void ballot(Slots slots) {
  for (unsigned i = 0; i < 32; ++i) {
    if (slots[i] != nullptr) at(slots, i)->value <<= i;
  }
  reduce_or(slots);
}

void match_any(Slots slots) {
  for (unsigned i = 0; i < 32; ++i) {
    if (slots[i] == nullptr) continue;
    at(slots, i)->result = 0;
    for (unsigned j = 0; j < 32; ++j) {
      if (slots[j] != nullptr && at(slots, j)->value == at(slots, i)->value) {
        at(slots, i)->result |= std::uint64_t{1} << j;
      }
    }
  }
}

void reduce_add(Slots slots) {
  reduce<unsigned>(slots, [](unsigned a, unsigned b) { return a + b; });
}
void reduce_min_signed(Slots slots) {
  reduce<int>(slots, [](int a, int b) { return a < b ? a : b; });
}
void reduce_max_signed(Slots slots) {
  reduce<int>(slots, [](int a, int b) { return a < b ? b : a; });
}
void reduce_min_unsigned(Slots slots) {
  reduce<unsigned>(slots, [](unsigned a, unsigned b) { return a < b ? a : b; });
}
void reduce_max_unsigned(Slots slots) {
  reduce<unsigned>(slots, [](unsigned a, unsigned b) { return a < b ? b : a; });
}
void reduce_and(Slots slots) {
  reduce<unsigned>(slots, [](unsigned a, unsigned b) { return a & b; });
}
void reduce_or(Slots slots) {
  reduce<unsigned>(slots, [](unsigned a, unsigned b) { return a | b; });
}
void reduce_xor(Slots slots) {
  reduce<unsigned>(slots, [](unsigned a, unsigned b) { return a ^ b; });
}

// PTX ISA, mma.m16n8k16 with bf16: lane = 4 row + pair. a[0] rows 0-7, a[1] rows 8-15 of k 0-7,
// a[2], a[3] of k 8-15; b[0] k 0-7, b[1] k 8-15; each register holds two neighbours in k.
void multiply_16x8x16(Slots slots) {
  double a[16][16], b[16][8];
  const auto lane = [&](int i) { return static_cast<const TensorCoreSlot*>(slots[i]); };
  for (int i = 0; i < 32; ++i) {
    const int group = i / 4;
    for (int half = 0; half < 2; ++half) {
      const int k = i % 4 * 2 + half;
      a[group][k] = half_of(lane(i)->a[0], half);
      a[group + 8][k] = half_of(lane(i)->a[1], half);
      a[group][k + 8] = half_of(lane(i)->a[2], half);
      a[group + 8][k + 8] = half_of(lane(i)->a[3], half);
      b[k][group] = half_of(lane(i)->b[0], half);
      b[k + 8][group] = half_of(lane(i)->b[1], half);
    }
  }
  for (int i = 0; i < 32; ++i) {
    for (int part = 0; part < 4; ++part) {
      const int row = i / 4 + part / 2 * 8;
      const int column = i % 4 * 2 + part % 2;
      double sum = lane(i)->d[part];
      for (int k = 0; k < 16; ++k) sum += a[row][k] * b[k][column];
      lane(i)->d[part] = static_cast<float>(sum);
    }
  }
}

}  // namespace explainn::simt
