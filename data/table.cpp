#include "data/table.h"

#include "data/splits.h"

namespace explainn::data {
namespace {

/// The line as a header might stand in it: without a leading '#'.
std::string_view without_hash(std::string_view line) {
  if (line.starts_with('#')) line.remove_prefix(1);
  return line;
}

}  // namespace

TableReader::TableReader(std::unique_ptr<InputStream> input, ReadOptions options)
    : StreamReader(std::move(input), std::move(options)) {
  std::string_view line;
  for (bool found = false; !found;) {
    if (!input_->line(line)) fail("only comments and empty lines, the file holds no sequences");
    if (line.empty()) continue;
    const std::string_view text = without_hash(line);
    const bool comment = text.size() != line.size();
    splitter_ = FieldSplitter(guess_separator(text));
    const std::vector<std::string_view>* const fields = splitter_.split(text);
    found = !comment || (fields != nullptr && is_header(*fields, options_));
  }
  layout_ = find_layout(input_->source().name(), input_->line_number(), split(without_hash(line)),
                        options_);
  if (!layout_.has_header) input_->put_back();
  labels_ = std::make_unique<LabelReader>(layout_, options_, *input_);
}

bool TableReader::has_splits() const {
  return layout_.split >= 0 || splits_by_chrom(options_);
}

bool TableReader::next_row(std::string_view& row) {
  while (input_->line(row)) {
    if (!row.empty() && row.front() != '#') return true;
  }
  return false;
}

const std::vector<std::string_view>& TableReader::split(std::string_view row) {
  const std::vector<std::string_view>* const fields = splitter_.split(row);
  if (fields == nullptr) fail("a quote is opened but not closed in this row, close or remove it");
  return *fields;
}

bool TableReader::next_in_file(Record& record) {
  std::string_view row;
  if (!next_row(row)) return false;
  const std::vector<std::string_view>& fields = split(row);
  if (static_cast<std::int64_t>(fields.size()) != layout_.columns) {
    fail(fields.size(), fields.size() == 1 ? " field" : " fields", " in this row, but ",
         layout_.columns, layout_.has_header ? " in the header" : " in the first",
         "; every row needs the same columns");
  }
  const std::string_view letters = fields[static_cast<std::size_t>(layout_.sequence)];
  if (letters.empty()) fail("no sequence in this row, add it or remove the row");
  bases_.clear();
  append_bases(letters);
  record.bases = bases_;
  record.id = id_or_number(layout_.id < 0 ? std::string_view()
                                          : fields[static_cast<std::size_t>(layout_.id)]);
  record.line = input_->line_number();
  record.labels = labels_->read(fields);
  record.place = place_in(fields, record);
  record.split.reset();
  if (has_splits()) record.split = split_of(fields);
  return true;
}

std::optional<Place> TableReader::place_in(const std::vector<std::string_view>& fields,
                                           const Record& record) const {
  const auto length = static_cast<std::int64_t>(record.bases.size());
  if (layout_.chrom < 0 || layout_.start < 0 || layout_.end < 0) return place_of(record.id, length);
  const auto field = [&](std::int64_t column) { return fields[static_cast<std::size_t>(column)]; };
  const Place place{field(layout_.chrom), whole_number(field(layout_.start)).value_or(-1),
                    whole_number(field(layout_.end)).value_or(-1), Strand::forward};
  const bool fits = !place.chrom.empty() && place.start >= 0 && place.end - place.start == length;
  return fits ? std::optional(place) : std::nullopt;
}

Split TableReader::split_of(const std::vector<std::string_view>& fields) const {
  if (splits_by_chrom(options_)) {
    return split_by_chrom(fields[static_cast<std::size_t>(layout_.chrom)], options_);
  }
  const std::string_view name = fields[static_cast<std::size_t>(layout_.split)];
  const std::optional<Split> split = split_by_name(name);
  if (!split) fail(shown(name), " assigns to no part of the data, write train, valid or test");
  return *split;
}

}  // namespace explainn::data
