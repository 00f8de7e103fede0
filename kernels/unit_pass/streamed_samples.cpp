#include "kernels/unit_pass/streamed_samples.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/unit_pass/packed_reverse.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsAtOnce = 256;

// The arrays of a chunk begin at multiples of 64 bytes.
std::int64_t aligned(std::int64_t words) {
  return (words + 15) / 16 * 16;
}

bool same_order(const SampleOrder& a, const SampleOrder& b) {
  return a.shuffled == b.shuffled && a.size == b.size && a.seed == b.seed && a.epoch == b.epoch;
}

}  // namespace

StreamedSamples::StreamedSamples(HostSamples host, bool both_strands, Device device,
                                 std::int64_t chunk_bytes)
    : host_(std::move(host)),
      both_strands_(both_strands),
      any_unknown_(host_.any_unknown()),
      device_(device),
      chunk_bytes_(chunk_bytes) {}

bool StreamedSamples::Slot::holds(const SampleWalk& wanted) const {
  return chunk.begin <= wanted.begin && wanted.begin < chunk.end && walk.end == wanted.end &&
         walk.batch == wanted.batch && walk.sequences == wanted.sequences &&
         same_order(walk.order, wanted.order);
}

const SampleChunk& StreamedSamples::at(const SampleWalk& walk) {
  const std::int64_t places = walk.sequences ? sequences() : samples();
  require(walk.begin >= 0 && walk.begin < walk.end && walk.end <= places && walk.batch >= 1,
          "streamed samples", "places ", walk.begin, " to ", walk.end, " of ", places,
          " in batches of ", walk.batch);
  require(!walk.sequences || !walk.order.shuffled, "streamed samples",
          "sequences come in their own order");
  if (!slots_[current_].holds(walk)) {
    background_.wait();
    make_room(walk);
    current_ ^= 1;
    if (!slots_[current_].holds(walk)) fill(walk, slots_[current_]);
    const SampleChunk& chunk = slots_[current_].chunk;
    if (chunk.end < walk.end) {
      SampleWalk behind = walk;
      behind.begin = chunk.end;
      background_.start([this, behind, other = current_ ^ 1] { fill(behind, slots_[other]); });
    }
  }
  return slots_[current_].chunk;
}

StreamedSamples::Layout StreamedSamples::layout(std::int64_t rows) const {
  const std::int64_t mask = any_unknown_ ? mask_words(host_.length()) : 0;
  const std::int64_t unknown = aligned(rows * base_words(host_.length()));
  const std::int64_t labels = unknown + aligned(rows * mask);
  return {unknown, labels, labels + rows * host_.label_columns()};
}

std::int64_t StreamedSamples::chunk_batches(const SampleWalk& walk) const {
  constexpr std::int64_t kRows = 1024;  // enough for rounding not to matter
  const std::int64_t bytes = layout(kRows).words * 4;
  return std::max<std::int64_t>(1, chunk_bytes_ * kRows / bytes / walk.batch);
}

// By the thread that the device's memory is used by: what it gave back may still be in use by its
// own stream.
void StreamedSamples::make_room(const SampleWalk& walk) {
  const std::int64_t most = std::min(walk.end - walk.begin, chunk_batches(walk) * walk.batch + 1);
  const std::int64_t words = layout(most).words;
  if (words <= words_) return;
  words_ = 0;
  for (Slot& slot : slots_) slot = {};
  for (Slot& slot : slots_) {
    slot.staging = Staging(words, device_);
    slot.memory = Buffer<std::uint32_t>(words, device_);
  }
  words_ = words;
}

void StreamedSamples::fill(const SampleWalk& walk, Slot& slot) const {
  slot.chunk = {};  // holds nothing while it is filled, or if that fails
  const std::int64_t whole = chunk_batches(walk) * walk.batch;
  const std::int64_t end = walk.end - walk.begin - 1 <= whole ? walk.end : walk.begin + whole;
  const std::int64_t rows = end - walk.begin;
  const std::int64_t bases = base_words(host_.length());
  const std::int64_t mask = any_unknown_ ? mask_words(host_.length()) : 0;
  const Layout place = layout(rows);
  std::uint32_t* const out = slot.staging.data();
  parallel_blocks(rows, kRowsAtOnce, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      gather(walk.order, walk.begin + i, out + i * bases, out + place.unknown + i * mask,
             out + place.labels + i * host_.label_columns());
    }
  });
  copy_bytes(device_, slot.memory.data(), {}, out,
             static_cast<std::size_t>(place.words) * sizeof(std::uint32_t));
  slot.walk = walk;
  slot.chunk = {
      .samples = {.sequences = rows,
                  .length = host_.length(),
                  .label_columns = host_.label_columns(),
                  .both_strands = walk.sequences && both_strands_,
                  .bases = slot.memory.data(),
                  .unknown = any_unknown_ ? slot.memory.data() + place.unknown : nullptr,
                  .labels = reinterpret_cast<const float*>(slot.memory.data() + place.labels)},
      .begin = walk.begin,
      .end = end};
}

void StreamedSamples::gather(const SampleOrder& order, std::int64_t place, std::uint32_t* bases,
                             std::uint32_t* unknown, std::uint32_t* labels) const {
  const std::int64_t sample = order.at(place);
  const std::int64_t sequence = sample % host_.sequences();
  const std::int64_t length = host_.length();
  const std::uint32_t* const words = host_.bases().data() + sequence * base_words(length);
  const std::uint32_t* const mask =
      any_unknown_ ? host_.unknown().data() + sequence * mask_words(length) : nullptr;
  if (sample >= host_.sequences()) {
    reverse_complement(length, words, mask, bases, unknown);
  } else {
    std::copy_n(words, base_words(length), bases);
    if (mask != nullptr) std::copy_n(mask, mask_words(length), unknown);
  }
  std::transform(host_.labels().data() + sequence * host_.label_columns(),
                 host_.labels().data() + (sequence + 1) * host_.label_columns(), labels,
                 [](float label) { return std::bit_cast<std::uint32_t>(label); });
}

}  // namespace explainn::kernels
