// FASTA (a sequence may run over many lines) and FASTQ (four lines a sequence).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/stream_reader.h"

namespace explainn::data {

/// The id is the first word after '>' (FASTA) or '@' (FASTQ). No labels; splits only by the
/// chromosome in the id.
class FastaReader final : public StreamReader {
 public:
  enum class Form { fasta, fastq };

  /// Takes over a file that stands before its first line.
  FastaReader(std::unique_ptr<InputStream> input, ReadOptions options, Form form);

  const std::vector<std::string>& targets() const override { return no_targets_; }
  bool has_splits() const override;

 private:
  bool next_in_file(Record& record) override;
  /// The line without blanks at its end; false at the end of the file.
  bool next_line(std::string_view& line);
  void read_fasta_bases();
  void read_fastq_bases();

  Form form_;
  std::string id_;
  std::vector<std::string> no_targets_;
};

}  // namespace explainn::data
