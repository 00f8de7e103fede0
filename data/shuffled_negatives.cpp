#include "data/shuffled_negatives.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "data/dinucleotide_shuffle.h"
#include "data/draws.h"
#include "data/input_stream.h"
#include "data/row_choice.h"
#include "kernels/base/error.h"
#include "kernels/base/permutation.h"

namespace explainn::data {
namespace {

constexpr std::int64_t kPart = 10;  // one in so many validates, and one tests
constexpr std::string_view kSuffix = "_shuffled";

// Families whose first sequences are equal, on whatever strand: named by the first of them.
struct Clans {
  Clans(const SequenceSet& sequences, std::size_t families)
      : of(first_equals(sequences, families)), size(families, 0) {
    for (const std::uint32_t clan : of) ++size[clan];
  }

  std::vector<std::uint32_t> of;   // [families]
  std::vector<std::int64_t> size;  // [families] families in the clan, 0 for those not its first
};

}  // namespace

void add_shuffled_negatives(Dataset& dataset, const std::string& target, std::uint64_t seed) {
  require(dataset.labels.empty(), "add_shuffled_negatives", "the data have labels");
  const std::int64_t n = dataset.size();
  const auto rows = 2 * static_cast<std::size_t>(n);
  dataset.sequences.reserve(rows, 2 * dataset.sequences.total_length());
  dataset.id_bytes.reserve(rows, 2 * dataset.id_bytes.total_length() + rows / 2 * kSuffix.size());
  for (std::int64_t i = 0; i < n; ++i) {
    const std::span<const Base> sequence = dataset.sequences[i];
    std::vector<Base> shuffle(sequence.size());
    dinucleotide_shuffle(sequence, seed, static_cast<std::uint64_t>(i), shuffle);
    dataset.sequences.add(shuffle);
    const std::string id = cat(dataset.id(i), kSuffix);
    if (dataset.places.size() > 0) dataset.places.add(std::nullopt);
    dataset.id_bytes.add(as_bases(id));
  }
  dataset.labels.assign(static_cast<std::size_t>(2 * n), 0.0F);
  std::fill_n(dataset.labels.begin(), n, 1.0F);
  dataset.label_columns = 1;
  dataset.targets = {target};
  const std::vector<Split> splits = dataset.splits;
  dataset.splits.insert(dataset.splits.end(), splits.begin(), splits.end());
}

void assign_parts(Dataset& dataset, std::int64_t families, std::uint64_t seed) {
  require(families >= 0 && families <= dataset.size(), "assign_parts", "families without a row");
  if (families < kPart) {
    fail_at(dataset.inputs.empty() ? "the data" : dataset.inputs.front().path, 0, "only ", families,
            " sequences, which is too few to set a tenth aside for validation and for the test, "
            "give at least ",
            kPart);
  }
  const Clans clans(dataset.sequences, static_cast<std::size_t>(families));
  std::vector<std::optional<Split>> of_clan(static_cast<std::size_t>(families));
  const Permutation drawn(static_cast<std::uint64_t>(families), seed, kPartsDraw);
  std::int64_t valid_room = families / kPart;
  std::int64_t test_room = valid_room;
  for (std::int64_t i = 0; i < families && valid_room + test_room > 0; ++i) {
    const std::size_t clan = clans.of[drawn(static_cast<std::uint64_t>(i))];
    if (of_clan[clan]) continue;
    const auto fits = [size = clans.size[clan]](std::int64_t& room) {
      if (size > room) return false;
      room -= size;
      return true;
    };
    of_clan[clan] = fits(valid_room) ? Split::valid : fits(test_room) ? Split::test : Split::train;
  }
  dataset.splits.resize(static_cast<std::size_t>(dataset.size()));
  for (std::size_t row = 0; row < dataset.splits.size(); ++row) {
    const std::size_t family = row % static_cast<std::size_t>(families);
    dataset.splits[row] = of_clan[clans.of[family]].value_or(Split::train);
  }
}

}  // namespace explainn::data
