// Tables: one sequence a row, tab or comma separated, with or without header.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/fields.h"
#include "data/label_reader.h"
#include "data/stream_reader.h"
#include "data/table_layout.h"

namespace explainn::data {

/// Lines that are empty or begin with '#' are passed over (our own tables end with such lines); a
/// first line that begins with '#' may be the header.
class TableReader final : public StreamReader {
 public:
  /// Takes over an opened file that is not empty. Throws Error for columns that do not fit the
  /// options.
  TableReader(std::unique_ptr<InputStream> input, ReadOptions options);

  const std::vector<std::string>& targets() const override { return labels_->targets(); }
  bool has_splits() const override;

 private:
  bool next_in_file(Record& record) override;
  bool next_row(std::string_view& row);
  const std::vector<std::string_view>& split(std::string_view row);
  std::optional<Place> place_in(const std::vector<std::string_view>& fields,
                                const Record& record) const;
  Split split_of(const std::vector<std::string_view>& fields) const;

  FieldSplitter splitter_;
  TableLayout layout_;
  std::unique_ptr<LabelReader> labels_;
};

}  // namespace explainn::data
