// Packing, the other strand, and streaming in chunks, against bases one by one. The device is the
// CPU here: where memory lies changes nothing in it.
#include "kernels/unit_pass/packed_samples.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/unit_pass/packed_reverse.h"
#include "kernels/unit_pass/streamed_samples.h"
#include "tests/support/buffers.h"

namespace explainn::kernels {
namespace {

using Bases = std::vector<std::uint8_t>;

Bases random_bases(std::int64_t count, std::uint64_t seed, double unknown) {
  const auto numbers = test::random_values<double>(2 * count, seed, 0, 1);
  Bases bases;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    bases.push_back(numbers[i] < unknown ? std::uint8_t{4}
                                         : static_cast<std::uint8_t>(numbers[i + 1] * 4));
  }
  return bases;
}

Bases unpacked(std::int64_t length, const std::uint32_t* words, const std::uint32_t* unknown) {
  Bases bases;
  for (std::int64_t t = 0; t < length; ++t) {
    const bool known = unknown == nullptr || ((unknown[t / 32] >> (t % 32)) & 1) == 0;
    const auto base = static_cast<std::uint8_t>((words[t / 16] >> (2 * (t % 16))) & 3);
    if (!known) {
      EXPECT_EQ(base, 0) << "an unknown base stands as 0";
    }
    bases.push_back(known ? base : std::uint8_t{4});
  }
  return bases;
}

Bases other_strand(const Bases& bases) {
  Bases result(bases.rbegin(), bases.rend());
  for (std::uint8_t& base : result) base = base < 4 ? static_cast<std::uint8_t>(3 - base) : base;
  return result;
}

// Samples whose first label is their number.
struct Set {
  std::int64_t sequences, length, columns;
  std::vector<Bases> bases;
  HostSamples host;

  Set(std::int64_t count, std::int64_t l, std::int64_t c, double unknown)
      : sequences(count), length(l), columns(c), host(count, l, c) {
    for (std::int64_t i = 0; i < count; ++i) {
      bases.push_back(random_bases(l, static_cast<std::uint64_t>(100 + i), unknown));
      std::vector<float> labels(static_cast<std::size_t>(c), static_cast<float>(i));
      if (c > 1) labels[1] = NAN;
      host.set(i, bases.back().data(), labels.data());
    }
  }
};

TEST(PackedSamples, HoldBasesAndNothingBeyond) {
  for (const std::int64_t length : {1, 15, 16, 17, 31, 32, 33, 64, 200}) {
    const Set set(3, length, 2, 0.2);
    for (std::int64_t i = 0; i < 3; ++i) {
      const std::uint32_t* words = set.host.bases().data() + i * base_words(length);
      const std::uint32_t* mask = set.host.unknown().data() + i * mask_words(length);
      EXPECT_EQ(unpacked(length, words, mask), set.bases[static_cast<std::size_t>(i)]);
      if (length % 16 != 0) {
        EXPECT_EQ(words[length / 16] >> (2 * (length % 16)), 0U);
      }
      if (length % 32 != 0) {
        EXPECT_EQ(mask[length / 32] >> (length % 32), 0U);
      }
    }
  }
}

TEST(PackedSamples, TheOtherStrandIsReversedAndComplemented) {
  for (std::int64_t length = 1; length < 100; ++length) {
    for (const double unknown : {0.0, 0.1, 1.0}) {
      const Set set(1, length, 1, unknown);
      test::Guarded<std::uint32_t> words(base_words(length)), mask(mask_words(length));
      reverse_complement(length, set.host.bases().data(), set.host.unknown().data(), words.data(),
                         mask.data());
      EXPECT_EQ(unpacked(length, words.data(), mask.data()), other_strand(set.bases[0])) << length;
      if (length % 16 != 0) {
        EXPECT_EQ(words.data()[length / 16] >> (2 * (length % 16)), 0U);
      }
      if (length % 32 != 0) {
        EXPECT_EQ(mask.data()[length / 32] >> (length % 32), 0U);
      }
      if (unknown > 0) continue;
      test::Guarded<std::uint32_t> known(base_words(length));
      reverse_complement(length, set.host.bases().data(), nullptr, known.data(), nullptr);
      EXPECT_EQ(unpacked(length, known.data(), nullptr), other_strand(set.bases[0]));
    }
  }
}

// Goes through all places, stopping after `steps` batches each time as a trainer would.
void expect_walk(const Set& set, bool both_strands, std::int64_t chunk_bytes, std::int64_t batch,
                 std::int64_t steps, std::uint32_t epochs = 2) {
  StreamedSamples streamed(set.host, both_strands, {}, chunk_bytes);
  const std::int64_t size = set.sequences * (both_strands ? 2 : 1);
  ASSERT_EQ(streamed.samples(), size);
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const SampleOrder order{
        .shuffled = epoch > 0, .size = static_cast<std::uint64_t>(size), .seed = 7, .epoch = epoch};
    for (std::int64_t place = 0; place < size;) {
      const SampleChunk chunk =
          streamed.at({.order = order, .begin = place, .end = size, .batch = batch});
      ASSERT_LE(chunk.begin, place);
      ASSERT_LT(place, chunk.end);
      EXPECT_TRUE(chunk.end == size || (chunk.end % batch == 0 && size - chunk.end > 1))
          << chunk.end << " of " << size << " in batches of " << batch;
      EXPECT_FALSE(chunk.samples.both_strands);
      EXPECT_EQ(chunk.samples.sequences, chunk.end - chunk.begin);
      const std::int64_t stop = std::min(chunk.end, place + steps * batch);
      for (std::int64_t p = place; p < stop; ++p) {
        const std::int64_t sample = order.at(p);
        const auto sequence = static_cast<std::size_t>(sample % set.sequences);
        const std::int64_t row = p - chunk.begin;
        const std::uint32_t* unknown = chunk.samples.unknown == nullptr
                                           ? nullptr
                                           : chunk.samples.unknown + row * mask_words(set.length);
        ASSERT_EQ(unpacked(set.length, chunk.samples.bases + row * base_words(set.length), unknown),
                  sample < set.sequences ? set.bases[sequence] : other_strand(set.bases[sequence]));
        if (set.columns > 0) {
          ASSERT_EQ(chunk.samples.labels[row * set.columns], static_cast<float>(sequence));
        }
        if (set.columns > 1) {
          ASSERT_TRUE(std::isnan(chunk.samples.labels[row * set.columns + 1]));
        }
      }
      place = stop;
    }
  }
}

TEST(StreamedSamples, AreTheSamplesInTheirOrder) {
  const Set set(61, 37, 3, 0.05);
  for (const bool both_strands : {false, true}) {
    for (const std::int64_t chunk_bytes : {0, 400, 1500, 1000000}) {
      for (const std::int64_t batch : {1, 2, 7, 20, 60, 121, 1000}) {
        for (const std::int64_t steps : {1, 3}) {
          expect_walk(set, both_strands, chunk_bytes, batch, steps);
        }
      }
    }
  }
}

TEST(StreamedSamples, NeedNeitherAMaskNorLabels) {
  expect_walk(Set(23, 20, 0, 0), true, 100, 4, 1);
  expect_walk(Set(23, 20, 0, 0.5), false, 100, 4, 1);
  expect_walk(Set(1, 5, 1, 0), false, 100, 4, 1);
}

TEST(StreamedSamples, ComeAsSequencesToo) {
  const Set set(23, 20, 1, 0.1);
  for (const bool both_strands : {false, true}) {
    StreamedSamples streamed(set.host, both_strands, {}, 100);
    for (std::int64_t place = 0; place < 23; ++place) {
      const SampleChunk chunk =
          streamed.at({.order = {}, .begin = place, .end = 23, .batch = 4, .sequences = true});
      EXPECT_EQ(chunk.samples.both_strands, both_strands);
      EXPECT_EQ(chunk.samples.samples(), (chunk.end - chunk.begin) * (both_strands ? 2 : 1));
      const std::int64_t row = place - chunk.begin;
      EXPECT_EQ(unpacked(20, chunk.samples.bases + row * 2, chunk.samples.unknown + row),
                set.bases[static_cast<std::size_t>(place)]);
      EXPECT_EQ(chunk.samples.labels[row], static_cast<float>(place));
    }
    EXPECT_THROW(streamed.at({.order = {}, .begin = 23, .end = 24, .batch = 4, .sequences = true}),
                 std::invalid_argument);
  }
}

TEST(StreamedSamples, MayBeAskedForAnything) {
  const Set set(50, 20, 1, 0);
  StreamedSamples streamed(set.host, false, {}, 120);
  const auto first_label = [&](SampleWalk walk) {
    const SampleChunk chunk = streamed.at(walk);
    return chunk.samples.labels[walk.begin - chunk.begin];
  };
  const SampleOrder plain{};
  // Back and forth, another end, another batch size: what was made ready is of no use then.
  for (const std::int64_t place : {0, 48, 8, 0, 16, 44}) {
    EXPECT_EQ(first_label({plain, place, 50, 4}), static_cast<float>(place));
    EXPECT_EQ(first_label({plain, place, 49, 4}), static_cast<float>(place));
    EXPECT_EQ(first_label({plain, place, 50, 8}), static_cast<float>(place));
  }
  EXPECT_THROW(streamed.at({plain, 50, 50, 4}), std::invalid_argument);
  EXPECT_THROW(streamed.at({plain, -1, 50, 4}), std::invalid_argument);
  EXPECT_THROW(streamed.at({plain, 0, 51, 4}), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::kernels
