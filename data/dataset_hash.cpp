#include <xxhash.h>

#include <cstdio>
#include <memory>

#include "data/dataset.h"
#include "kernels/base/error.h"

namespace explainn::data {

std::string content_hash(const Dataset& dataset) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  if (!state) throw Error("out of memory");
  XXH3_128bits_reset(state.get());
  const auto add = [&](const void* bytes, std::size_t size) {
    XXH3_128bits_update(state.get(), bytes, size);
  };
  for (std::int64_t row = 0; row < dataset.size(); ++row) {
    const std::span<const Base> bases = dataset.sequences[row];
    const std::uint64_t length = bases.size();
    add(&length, sizeof length);
    add(bases.data(), bases.size());
  }
  add(dataset.labels.data(), dataset.labels.size() * sizeof(float));
  add(dataset.splits.data(), dataset.splits.size() * sizeof(Split));
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

}  // namespace explainn::data
