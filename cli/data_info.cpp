#include "cli/data_info.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "cli/table_writer.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

struct ColumnCount {
  std::int64_t found = 0;
  std::int64_t missing = 0;
  double sum = 0;
  float least = std::numeric_limits<float>::infinity();
  float most = -std::numeric_limits<float>::infinity();

  void add(float label) {
    if (std::isnan(label)) {
      ++missing;
      return;
    }
    ++found;
    sum += label;
    least = std::min(least, label);
    most = std::max(most, label);
  }
};

struct Counts {
  std::int64_t sequences = 0;
  std::int64_t bases = 0;
  std::int64_t with_unknown = 0;
  std::map<std::size_t, std::int64_t> lengths;
  std::array<std::int64_t, 3> splits{};
  std::vector<ColumnCount> columns;
  std::map<std::size_t, std::int64_t> classes;

  void add(const data::Record& record, bool classes_wanted) {
    ++sequences;
    bases += static_cast<std::int64_t>(record.bases.size());
    ++lengths[record.bases.size()];
    if (std::find(record.bases.begin(), record.bases.end(), data::kUnknownBase) !=
        record.bases.end()) {
      ++with_unknown;
    }
    if (record.split) ++splits[static_cast<std::size_t>(*record.split)];
    columns.resize(record.labels.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i].add(record.labels[i]);
      if (classes_wanted && !std::isnan(record.labels[i])) {
        ++classes[static_cast<std::size_t>(record.labels[i])];
      }
    }
  }
};

std::string sequence_text(const Counts& counts, bool has_splits) {
  std::string text = cat("sequences\t", counts.sequences, "\n", "bases\t", counts.bases, "\n",
                         "sequences with unknown bases\t", counts.with_unknown, "\n");
  if (counts.lengths.empty()) return text;
  std::size_t common = 0;
  std::int64_t most = 0;
  for (const auto& [length, count] : counts.lengths) {
    if (count < most) continue;
    common = length;
    most = count;
  }
  text += cat("shortest\t", counts.lengths.begin()->first, "\n", "most frequent length\t", common,
              " (", most, " sequences)\n", "longest\t", counts.lengths.rbegin()->first, "\n");
  if (!has_splits) return text + "splits\tnone\n";
  return text + cat("train\t", counts.splits[0], "\n", "valid\t", counts.splits[1], "\n", "test\t",
                    counts.splits[2], "\n");
}

std::string task_table(const Counts& counts, const std::vector<std::string>& targets) {
  std::string text = "\ntask\tlabels\tmissing\tleast\tmean\tmost\n";
  for (std::size_t i = 0; i < counts.columns.size() && i < targets.size(); ++i) {
    const ColumnCount& column = counts.columns[i];
    text += cat(targets[i], "\t", column.found, "\t", column.missing);
    if (column.found == 0) {
      text += "\tnan\tnan\tnan\n";
      continue;
    }
    text += "\t" + number_text(column.least) + "\t" +
            number_text(column.sum / static_cast<double>(column.found)) + "\t" +
            number_text(column.most) + "\n";
  }
  return text;
}

std::string class_table(const Counts& counts, const std::vector<std::string>& targets) {
  std::string text = "\nclass\tsequences\n";
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto found = counts.classes.find(i);
    text += cat(targets[i], "\t", found == counts.classes.end() ? 0 : found->second, "\n");
  }
  return text +
         cat("without a class\t", counts.columns.empty() ? 0 : counts.columns[0].missing, "\n");
}

}  // namespace

std::string data_text(const std::string& path, const data::ReadOptions& options) {
  const auto reader = data::open_records(path, options);
  const bool classes = options.need_labels && options.kind == data::LabelKind::classes;
  Counts counts;
  data::Record record;
  while (reader->next(record)) counts.add(record, classes);
  std::string text = sequence_text(counts, reader->has_splits());
  if (!options.need_labels) return text;
  return text +
         (classes ? class_table(counts, reader->targets()) : task_table(counts, reader->targets()));
}

}  // namespace explainn::cli
