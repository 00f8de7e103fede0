// Which column of a table is what, decided once from its first line and the options.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/records.h"

namespace explainn::data {

/// Column numbers count from 0; -1 where there is no such column.
struct TableLayout {
  bool has_header = false;
  std::int64_t columns = 0;
  std::int64_t sequence = -1;
  std::int64_t id = -1;
  std::int64_t chrom = -1;
  std::int64_t start = -1;
  std::int64_t end = -1;
  std::int64_t split = -1;
  std::vector<std::int64_t> labels;      ///< columns of labels, in the order of the tasks
  bool class_names = false;              ///< `labels` is one column that holds names of classes
  std::vector<std::string> label_names;  ///< what messages call `labels`
  std::vector<std::string>
      targets;  ///< task or class names; with `class_names`: those the model knows
};

/// True for a line with a field `seq` or `sequence` (any case) or the sequence column asked for.
bool is_header(const std::vector<std::string_view>& fields, const ReadOptions& options);

/// Without a header, the first column is the sequence if it is all bases, else the second; label
/// columns are called y0, y1 .. Taken columns: id, chrom, start, end, an unnamed first one (any
/// case) and set or split (lower case, for SET is a gene). Throws Error at `path`:`line`.
TableLayout find_layout(const std::string& path, std::int64_t line,
                        const std::vector<std::string_view>& first, const ReadOptions& options);

}  // namespace explainn::data
