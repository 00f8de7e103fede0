#include "data/fasta.h"

#include "data/splits.h"

namespace explainn::data {

FastaReader::FastaReader(std::unique_ptr<InputStream> input, ReadOptions options, Form form)
    : StreamReader(std::move(input), std::move(options)), form_(form) {}

bool FastaReader::has_splits() const {
  return splits_by_chrom(options_);
}

bool FastaReader::next_line(std::string_view& line) {
  if (!input_->line(line)) return false;
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return true;
}

bool FastaReader::next_in_file(Record& record) {
  std::string_view line;
  do {
    if (!next_line(line)) return false;
  } while (line.empty());
  const char mark = form_ == Form::fasta ? '>' : '@';
  if (line.front() != mark) {
    fail("a record must begin with '", mark, "', but this line is ", shown(line));
  }
  id_ = line.substr(1, line.find_first_of(" \t") - 1);
  record.line = input_->line_number();
  bases_.clear();
  form_ == Form::fasta ? read_fasta_bases() : read_fastq_bases();
  if (bases_.empty()) {
    input_->fail(record.line, "no bases follow the id ", shown(id_),
                 ", add them or remove the record");
  }
  record.id = id_or_number(id_);
  record.bases = bases_;
  record.labels = {};
  record.place = place_of(record.id, static_cast<std::int64_t>(bases_.size()));
  record.split.reset();
  if (has_splits()) {
    const std::optional<Place> place = place_of(record.id);
    if (!place) {
      input_->fail(record.line, "the id ", shown(record.id), " names no chromosome, which ",
                   "--valid-chroms and --test-chroms need; write ids like chr1:100-200");
    }
    record.split = split_by_chrom(place->chrom, options_);
  }
  return true;
}

void FastaReader::read_fasta_bases() {
  std::string_view line;
  while (next_line(line)) {
    if (line.starts_with('>')) {
      input_->put_back();
      return;
    }
    append_bases(line);
  }
}

void FastaReader::read_fastq_bases() {
  std::string_view line;
  if (!next_line(line)) fail("the last record is cut off after its id, a record has four lines");
  append_bases(line);
  if (!next_line(line)) fail("the last record is cut off after its bases, a record has four lines");
  if (!line.starts_with('+')) {
    fail("the third line of a record must begin with '+', but this line is ", shown(line),
         "; write each sequence on one line");
  }
  if (!next_line(line)) fail("the last record is cut off before its qualities");
  if (line.size() != bases_.size()) {
    fail(line.size(), " qualities for ", bases_.size(), " bases, the record is damaged");
  }
}

}  // namespace explainn::data
