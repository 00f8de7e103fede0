#include "data/table_layout.h"

#include <algorithm>
#include <set>

#include "data/alphabet.h"
#include "data/column_names.h"
#include "data/input_stream.h"

namespace explainn::data {
namespace {

/// The column of the sequences by its name, -1 if there is none.
std::int64_t find_sequence(const ColumnNames& names, const ReadOptions& options) {
  const std::string& asked = options.sequence_column;
  if (!asked.empty()) return names.find_any_case(asked);
  const std::int64_t column = names.find_any_case("seq");
  return column >= 0 ? column : names.find_any_case("sequence");
}

/// Finds one role after the other; what has a role is no task.
class LayoutFinder {
 public:
  LayoutFinder(ColumnNames names, const ReadOptions& options)
      : names_(std::move(names)), options_(options) {}

  TableLayout find() {
    layout_.columns = names_.size();
    find_sequence_by_name();
    if (layout_.has_header) {
      take_by_name();
    } else {
      take_by_position();
    }
    check_chromosomes();
    if (options_.need_labels) {
      options_.kind == LabelKind::classes ? choose_classes() : choose_tasks();
    }
    for (const std::int64_t column : layout_.labels) layout_.label_names.push_back(names_[column]);
    return layout_;
  }

 private:
  void find_sequence_by_name() {
    layout_.sequence = find_sequence(names_, options_);
    layout_.has_header = layout_.sequence >= 0;
    const std::string& asked = options_.sequence_column;
    if (!asked.empty() && !layout_.has_header) names_.missing(asked, "--seq-column");
  }

  /// A column that the user or the model calls a task keeps that role, an ignored one has none.
  bool is_claimed(std::int64_t column) const {
    const auto lists = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), names_[column]) != list.end();
    };
    return lists(options_.ignore) || lists(options_.targets) || lists(options_.model_targets);
  }

  std::int64_t take(std::int64_t column) {
    if (column < 0 || column == layout_.sequence || is_claimed(column)) return -1;
    taken_.insert(column);
    return column;
  }

  void take_by_name() {
    taken_.insert(layout_.sequence);
    layout_.id = take(names_.find_any_case("id"));
    if (names_[0].empty() && take(0) == 0 && layout_.id < 0) layout_.id = 0;
    if (!options_.id_column.empty()) {
      layout_.id = names_.demand(options_.id_column, "--id-column");
      taken_.insert(layout_.id);
    }
    layout_.chrom = take(names_.find_any_case("chrom"));
    layout_.start = take(names_.find_any_case("start"));
    layout_.end = take(names_.find_any_case("end"));
    layout_.split = take(names_.find("set"));
    const std::int64_t other = take(names_.find("split"));
    if (layout_.split >= 0 && other >= 0) {
      names_.fail("the columns 'set' and 'split' both assign sequences, --ignore one of them");
    }
    if (other >= 0) layout_.split = other;
  }

  void take_by_position() {
    if (!options_.id_column.empty()) {
      names_.fail(
          "--id-column needs a header, but this first line has no column 'seq' or 'sequence'",
          " (another name: --seq-column)");
    }
    const bool two = names_.size() > 1;
    if (all_bases(names_[0])) {
      layout_.sequence = 0;
    } else if (two && all_bases(names_[1])) {
      layout_.id = 0;
      layout_.sequence = 1;
    } else {
      names_.fail("no sequences: this first line has no column 'seq' or 'sequence', and ",
                  two ? "its first two fields, " : "its only field, ", shown(names_[0]),
                  two ? " and " + shown(names_[1]) + ", are" : ", is",
                  " not made of bases; separate columns by tabs or commas, name the column of the ",
                  "sequences with --seq-column");
    }
    for (std::int64_t i = 0; i <= layout_.sequence; ++i) taken_.insert(i);
    for (std::int64_t i = 0; i < names_.size(); ++i) {
      names_.rename(i, i <= layout_.sequence ? "" : cat("y", i - layout_.sequence - 1));
    }
  }

  void check_chromosomes() const {
    if (options_.valid_chroms.empty() && options_.test_chroms.empty()) return;
    if (layout_.chrom >= 0) return;
    names_.fail("no column 'chrom', which --valid-chroms and --test-chroms need");
  }

  /// Every column that is neither taken nor ignored.
  std::vector<std::int64_t> remaining() const {
    std::set<std::int64_t> ignored;
    for (const std::string& unwanted : options_.ignore) {
      ignored.insert(names_.demand(unwanted, "--ignore"));
    }
    std::vector<std::int64_t> columns;
    for (std::int64_t i = 0; i < names_.size(); ++i) {
      if (taken_.contains(i) || ignored.contains(i)) continue;
      if (names_[i].empty()) names_.fail("column ", i + 1, " has no name, name it in the header");
      columns.push_back(i);
    }
    return columns;
  }

  /// The columns of `wanted`: by name or, without header, by position.
  std::vector<std::int64_t> columns_of(const std::vector<std::string>& wanted,
                                       const char* who) const {
    std::vector<std::int64_t> columns;
    if (!layout_.has_header) {
      columns = remaining();
      if (columns.size() != wanted.size()) {
        names_.fail(columns.size(), " label columns, but ", wanted.size(), " wanted (", who,
                    "); without a header they must agree in number and order");
      }
      return columns;
    }
    for (const std::string& target : wanted) {
      columns.push_back(names_.demand(target, who));
      if (columns.back() == layout_.sequence) {
        names_.fail("the column ", shown(target), " holds the sequences, it cannot be a target");
      }
    }
    return columns;
  }

  void choose_tasks() {
    const std::vector<std::string>& model = options_.model_targets;
    const std::vector<std::string>& targets = options_.targets;
    if (!targets.empty()) {
      layout_.labels = columns_of(targets, "--targets");
      layout_.targets = targets;
    } else if (!model.empty()) {
      layout_.labels = columns_of(model, "a target of the model");
    } else {
      layout_.labels = remaining();
      for (const std::int64_t column : layout_.labels) layout_.targets.push_back(names_[column]);
    }
    if (!model.empty()) {
      if (layout_.labels.size() != model.size()) {
        names_.fail("--targets names ", layout_.labels.size(), " columns, but the model has ",
                    model.size(), " targets; name one column for each, in the model's order");
      }
      layout_.targets = model;
    }
    check_targets();
  }

  void check_targets() const {
    if (layout_.labels.empty()) {
      names_.fail("no label column beside the sequences, add one column a task");
    }
    std::set<std::string> seen;
    for (const std::string& target : layout_.targets) {
      if (seen.insert(target).second) continue;
      names_.fail("two label columns are called ", shown(target), ", rename or --ignore one");
    }
  }

  void choose_classes() {
    const std::vector<std::string>& targets = options_.targets;
    if (targets.size() > 1) return choose_tasks();
    const std::vector<std::int64_t> columns =
        targets.empty() ? remaining() : columns_of(targets, "--targets");
    if (columns.size() != 1) return choose_tasks();
    layout_.class_names = true;
    layout_.labels = columns;
    layout_.targets = options_.model_targets;
  }

  ColumnNames names_;
  const ReadOptions& options_;
  std::set<std::int64_t> taken_;
  TableLayout layout_;
};

}  // namespace

bool is_header(const std::vector<std::string_view>& fields, const ReadOptions& options) {
  return find_sequence(ColumnNames("", 0, fields), options) >= 0;
}

TableLayout find_layout(const std::string& path, std::int64_t line,
                        const std::vector<std::string_view>& first, const ReadOptions& options) {
  return LayoutFinder(ColumnNames(path, line, first), options).find();
}

}  // namespace explainn::data
