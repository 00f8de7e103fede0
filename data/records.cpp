#include "data/records.h"

#include "data/fasta.h"
#include "data/table.h"

namespace explainn::data {

std::unique_ptr<RecordReader> open_records(const std::string& path, const ReadOptions& options) {
  auto input = std::make_unique<InputStream>(path);
  std::string_view line;
  do {
    if (!input->line(line)) input->fail(0, "the file is empty, it holds no sequences");
  } while (line.empty());
  const bool fasta = line.starts_with('>');
  const bool fastq = line.starts_with('@');
  if ((fasta || fastq) && options.need_labels) {
    input->fail(input->line_number(), fasta ? "FASTA" : "FASTQ",
                " has no labels: give a table, or two files with --positives and --negatives");
  }
  input->put_back();
  if (!fasta && !fastq) return std::make_unique<TableReader>(std::move(input), options);
  const FastaReader::Form form = fasta ? FastaReader::Form::fasta : FastaReader::Form::fastq;
  return std::make_unique<FastaReader>(std::move(input), options, form);
}

}  // namespace explainn::data
