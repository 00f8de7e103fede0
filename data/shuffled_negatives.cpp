#include "data/shuffled_negatives.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "data/dinucleotide_shuffle.h"
#include "data/input_stream.h"
#include "kernels/base/error.h"
#include "kernels/base/permutation.h"

namespace explainn::data {
namespace {

// Another draw than any epoch's, and than that of assign_validation().
constexpr std::uint32_t kDrawEpoch = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::int64_t kPart = 10;  // one in so many validates, and one tests

}  // namespace

void add_shuffled_negatives(Dataset& dataset, const std::string& target, std::uint64_t seed) {
  require(dataset.labels.empty(), "add_shuffled_negatives", "the data have labels");
  const std::int64_t n = dataset.size();
  const auto twice = [n](std::size_t total) {
    return 2 * total + static_cast<std::size_t>(n) * 16;
  };
  dataset.sequences.reserve(2 * static_cast<std::size_t>(n), 2 * dataset.sequences.total_length());
  dataset.id_bytes.reserve(2 * static_cast<std::size_t>(n), twice(dataset.id_bytes.total_length()));
  for (std::int64_t i = 0; i < n; ++i) {
    const std::span<const Base> sequence = dataset.sequences[i];
    std::vector<Base> shuffle(sequence.size());
    dinucleotide_shuffle(sequence, seed, static_cast<std::uint64_t>(i), shuffle);
    dataset.sequences.add(shuffle);
    const std::string id = std::string(dataset.id(i)) + "_shuffled";
    if (dataset.places.size() > 0) dataset.places.add(std::nullopt);
    dataset.id_bytes.add({reinterpret_cast<const Base*>(id.data()), id.size()});
  }
  dataset.labels.assign(static_cast<std::size_t>(2 * n), 0.0F);
  std::fill_n(dataset.labels.begin(), n, 1.0F);
  dataset.label_columns = 1;
  dataset.targets = {target};
  const std::vector<Split> splits = dataset.splits;
  dataset.splits.insert(dataset.splits.end(), splits.begin(), splits.end());
}

void assign_parts(Dataset& dataset, std::int64_t families, std::uint64_t seed) {
  require(families > 0 && families <= dataset.size(), "assign_parts", "families without a row");
  if (families < kPart) {
    fail_at(dataset.inputs.empty() ? "the data" : dataset.inputs.front().path, 0, "only ", families,
            " sequences, which is too few to set a tenth aside for validation and for the test, "
            "give at least ",
            kPart);
  }
  std::vector<Split> of_family(static_cast<std::size_t>(families), Split::train);
  const Permutation drawn(static_cast<std::uint64_t>(families), seed, kDrawEpoch);
  const std::int64_t part = families / kPart;
  for (std::int64_t i = 0; i < 2 * part; ++i) {
    of_family[drawn(static_cast<std::uint64_t>(i))] = i < part ? Split::valid : Split::test;
  }
  dataset.splits.resize(static_cast<std::size_t>(dataset.size()));
  for (std::size_t row = 0; row < dataset.splits.size(); ++row) {
    dataset.splits[row] = of_family[row % static_cast<std::size_t>(families)];
  }
}

}  // namespace explainn::data
