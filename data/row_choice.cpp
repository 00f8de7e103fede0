#include "data/row_choice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>

#include "data/draws.h"
#include "kernels/base/error.h"
#include "kernels/base/permutation.h"

namespace explainn::data {
namespace {

SequenceSet kept(const SequenceSet& all, std::span<const std::uint32_t> rows) {
  std::size_t length = 0;
  for (const std::uint32_t row : rows) length += all[row].size();
  SequenceSet some;
  some.reserve(rows.size(), length);
  for (const std::uint32_t row : rows) some.add(all[row]);
  return some;
}

// At most `most` of `rows`, appended to `chosen`.
void draw(const std::vector<std::uint32_t>& rows, std::int64_t most, std::uint64_t seed,
          std::vector<std::uint32_t>& chosen) {
  if (static_cast<std::int64_t>(rows.size()) <= most) {
    chosen.insert(chosen.end(), rows.begin(), rows.end());
    return;
  }
  const Permutation order(rows.size(), seed, kRowsDraw);
  for (std::int64_t i = 0; i < most; ++i) {
    chosen.push_back(rows[order(static_cast<std::uint64_t>(i))]);
  }
}

// The same for a sequence and its reverse complement.
std::size_t strandless_hash(std::span<const Base> bases, std::vector<Base>& room) {
  room.resize(bases.size());
  std::transform(bases.rbegin(), bases.rend(), room.begin(), complement);
  const auto text = [](std::span<const Base> some) {
    return std::string_view(reinterpret_cast<const char*>(some.data()), some.size());
  };
  return std::hash<std::string_view>()(std::min(text(bases), text(room)));
}

}  // namespace

void keep_rows(Dataset& dataset, std::span<const std::uint32_t> rows) {
  require(std::adjacent_find(rows.begin(), rows.end(), std::greater_equal()) == rows.end(),
          "keep_rows", "rows out of order");
  require(rows.empty() || rows.back() < dataset.size(), "keep_rows", "a row that is not there");
  if (static_cast<std::int64_t>(rows.size()) == dataset.size()) return;
  const auto columns = static_cast<std::size_t>(dataset.label_columns);
  PlaceList places;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const std::uint32_t row = rows[at];
    // Forwards, so that no row is overwritten that is still to come.
    if (!dataset.labels.empty()) {
      std::copy_n(dataset.labels.begin() + static_cast<std::ptrdiff_t>(row * columns), columns,
                  dataset.labels.begin() + static_cast<std::ptrdiff_t>(at * columns));
    }
    if (!dataset.splits.empty()) dataset.splits[at] = dataset.splits[row];
    if (dataset.places.size() > 0) places.add(dataset.places[row]);
  }
  if (!dataset.labels.empty()) dataset.labels.resize(rows.size() * columns);
  if (!dataset.splits.empty()) dataset.splits.resize(rows.size());
  dataset.places = std::move(places);
  dataset.sequences = kept(dataset.sequences, rows);
  dataset.id_bytes = kept(dataset.id_bytes, rows);
}

std::vector<std::uint32_t> drawn_rows(const Dataset& dataset, std::int64_t most,
                                      std::uint64_t seed) {
  require(most > 0, "drawn_rows", "no rows at all");
  std::array<std::vector<std::uint32_t>, 2> kinds;
  for (std::uint32_t row = 0; row < dataset.size(); ++row) {
    const float label = dataset.labels.empty() ? 1.0F : dataset.row_labels(row)[0];
    if (!std::isnan(label)) kinds[label >= 0.5F ? 1 : 0].push_back(row);
  }
  std::vector<std::uint32_t> chosen;
  for (const std::vector<std::uint32_t>& rows : kinds) draw(rows, most, seed, chosen);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<std::uint32_t> first_equals(const SequenceSet& sequences, std::size_t count) {
  std::vector<std::pair<std::size_t, std::uint32_t>> order;
  std::vector<Base> room;
  for (std::uint32_t row = 0; row < count; ++row) {
    order.emplace_back(strandless_hash(sequences[row], room), row);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::uint32_t> first(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool again = i > 0 && order[i].first == order[i - 1].first;
    first[order[i].second] = again ? first[order[i - 1].second] : order[i].second;
  }
  return first;
}

}  // namespace explainn::data
