// What the readers of all text forms share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/input_stream.h"
#include "data/records.h"

namespace explainn::data {

/// A RecordReader over an InputStream.
class StreamReader : public RecordReader {
 public:
  bool next(Record& record) final;
  std::int64_t dropped() const final { return dropped_; }
  std::string content_hash() const final { return input_->source().hash(); }
  std::int64_t content_bytes() const final { return input_->source().bytes(); }
  std::int64_t total_bytes() const final { return input_->source().total_bytes(); }

 protected:
  StreamReader(std::unique_ptr<InputStream> input, ReadOptions options);

  /// The next sequence of the file, whatever its bases; false at the end.
  virtual bool next_in_file(Record& record) = 0;

  /// Appends the codes of `letters` to bases_. Throws Error at the last line for what is no base.
  void append_bases(std::string_view letters);
  /// `id`, or the number of the sequence from 1 if it is empty.
  std::string_view id_or_number(std::string_view id);
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    input_->fail(input_->line_number(), what...);
  }

  std::unique_ptr<InputStream> input_;
  const ReadOptions options_;
  std::vector<Base> bases_;

 private:
  std::int64_t count_ = 0;
  std::int64_t dropped_ = 0;
  std::string number_;
};

}  // namespace explainn::data
