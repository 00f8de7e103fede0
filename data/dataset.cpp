#include "data/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/id_index.h"
#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

/// Takes room for all rows at once, estimated from how much of the file has been read. Growing by
/// doubling would hold everything twice while it copies; room that stays untouched costs nothing.
class RoomKeeper {
 public:
  explicit RoomKeeper(const RecordReader& reader) : reader_(reader) {}

  void before_adding(Dataset& data, const Record& record) const {
    const bool room = data.sequences.has_room(record.bases.size()) &&
                      data.id_bytes.has_room(record.id.size()) &&
                      data.labels.capacity() - data.labels.size() >= record.labels.size();
    if (room || data.size() < kRowsBeforeEstimate) return;
    const double factor = growth();
    const auto grown = [factor](std::size_t now) {
      return static_cast<std::size_t>(static_cast<double>(now) * factor) + 4096;
    };
    const auto rows = grown(static_cast<std::size_t>(data.size()));
    data.sequences.reserve(rows, grown(data.sequences.total_length()));
    data.id_bytes.reserve(rows, grown(data.id_bytes.total_length()));
    data.labels.reserve(rows * record.labels.size());
  }

 private:
  static constexpr std::int64_t kRowsBeforeEstimate = 8192;

  double growth() const {
    const auto read = static_cast<double>(reader_.content_bytes());
    const auto total = static_cast<double>(reader_.total_bytes());
    if (read <= 0 || total <= 0) return 2;
    // A third more, for the estimate knows only the front of the file.
    return std::clamp(1.33 * total / read, 1.33, 256.0);
  }

  const RecordReader& reader_;
};

void append(Dataset& data, const Record& record, const ReadOptions& options) {
  if (data.size() == std::numeric_limits<std::uint32_t>::max() - 1) {
    throw Error("more than 2^32 - 2 sequences, which is beyond what one data set can hold");
  }
  data.sequences.add(record.bases);
  data.id_bytes.add(as_bases(record.id));
  data.labels.insert(data.labels.end(), record.labels.begin(), record.labels.end());
  if (record.split) data.splits.push_back(*record.split);
  if (options.keep_places) data.places.add(record.place);
}

/// Adds all sequences of a file to `data`; with `label`, that one label to each.
void read_into(Dataset& data, const std::string& path, const ReadOptions& options,
               std::optional<float> label) {
  const std::unique_ptr<RecordReader> reader = open_records(path, options);
  const RoomKeeper room(*reader);
  const std::int64_t before = data.size();
  SequenceSet ids;  // of this file alone, when `data` holds another one already
  SequenceSet& known = before == 0 ? data.id_bytes : ids;
  IdIndex index;
  Record record;
  while (reader->next(record)) {
    if (label) record.labels = {&*label, 1};
    room.before_adding(data, record);
    append(data, record, options);
    if (before != 0) ids.add(as_bases(record.id));
    if (const auto earlier = index.insert(known, record.line)) {
      fail_at(path, record.line, "the id ", shown(record.id), " stands in line ", *earlier,
              " already, make the ids unique or name another column with --id-column");
    }
  }
  if (data.size() == before) {
    fail_at(path, 0, "no sequences",
            reader->dropped() > 0 ? " are left: all hold unknown bases and are discarded (--drop-n)"
                                  : ", the file has a header but no rows below it");
  }
  data.dropped += reader->dropped();
  data.targets = reader->targets();
  data.inputs.push_back({path, reader->content_bytes(), reader->content_hash()});
}

/// Orders classes by name and lets the labels follow.
void sort_classes(Dataset& data) {
  std::vector<std::size_t> order(data.targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return data.targets[a] < data.targets[b]; });
  std::vector<std::string> names(order.size());
  std::vector<float> new_index(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    names[i] = data.targets[order[i]];
    new_index[order[i]] = static_cast<float>(i);
  }
  for (float& label : data.labels) {
    if (!std::isnan(label)) label = new_index[static_cast<std::size_t>(label)];
  }
  data.targets = std::move(names);
}

void check_chromosomes(const Dataset& data, const ReadOptions& options) {
  const auto check = [&](const std::set<std::string>& chroms, Split split, const char* option) {
    if (chroms.empty() ||
        std::find(data.splits.begin(), data.splits.end(), split) != data.splits.end()) {
      return;
    }
    fail_at(data.inputs.front().path, 0, "no sequence lies on ", shown(*chroms.begin()),
            chroms.size() > 1 ? " or the others" : "", " of ", option,
            ", write chromosomes as the file does");
  };
  check(options.valid_chroms, Split::valid, "--valid-chroms");
  check(options.test_chroms, Split::test, "--test-chroms");
}

}  // namespace

std::string_view Dataset::id(std::int64_t row) const {
  const std::span<const Base> bytes = id_bytes[row];
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::uint32_t> Dataset::rows(std::optional<Split> split) const {
  std::vector<std::uint32_t> out;
  const auto count = static_cast<std::uint32_t>(size());
  for (std::uint32_t row = 0; row < count; ++row) {
    if (!split || splits.empty() || splits[row] == *split) out.push_back(row);
  }
  return out;
}

Dataset read_dataset(const std::string& path, const ReadOptions& options) {
  Dataset data;
  data.kind = options.kind;
  read_into(data, path, options, std::nullopt);
  data.label_columns = static_cast<std::int64_t>(data.labels.size()) / data.size();
  const bool classes = options.need_labels && options.kind == LabelKind::classes;
  // Classes in columns keep the columns' order, which `targets` may have chosen.
  if (classes && options.model_targets.empty() && options.targets.size() <= 1) sort_classes(data);
  check_chromosomes(data, options);
  return data;
}

Dataset read_positives_negatives(const std::string& positives, const std::string& negatives,
                                 const std::string& target, const ReadOptions& options) {
  ReadOptions unlabelled = options;
  unlabelled.need_labels = false;
  Dataset data;
  read_into(data, positives, unlabelled, 1.0F);
  read_into(data, negatives, unlabelled, 0.0F);
  data.label_columns = 1;
  data.targets = {target};
  if (!data.splits.empty() && static_cast<std::int64_t>(data.splits.size()) != data.size()) {
    fail_at(negatives, 0, "only one of the positives and negatives assigns sequences to train, ",
            "valid and test, add the column to the other or leave it out");
  }
  check_chromosomes(data, options);
  return data;
}

}  // namespace explainn::data
