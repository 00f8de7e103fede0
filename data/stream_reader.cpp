#include "data/stream_reader.h"

#include <algorithm>
#include <cstring>

#include "kernels/base/error.h"

namespace explainn::data {

StreamReader::StreamReader(std::unique_ptr<InputStream> input, ReadOptions options)
    : input_(std::move(input)), options_(std::move(options)) {
  for (const std::string& chrom : options_.valid_chroms) {
    if (options_.test_chroms.contains(chrom)) {
      throw UsageError(shown(chrom) + " is in both --valid-chroms and --test-chroms");
    }
  }
}

bool StreamReader::next(Record& record) {
  while (next_in_file(record)) {
    ++count_;
    const bool unknown = options_.drop_unknown && std::memchr(record.bases.data(), kUnknownBase,
                                                              record.bases.size()) != nullptr;
    if (!unknown) return true;
    ++dropped_;
  }
  return false;
}

void StreamReader::append_bases(std::string_view letters) {
  const std::size_t begin = bases_.size();
  bases_.resize(begin + letters.size());
  const std::size_t good = encode_bases(letters, bases_.data() + begin);
  if (good == letters.size()) return;
  fail(shown(letters.substr(good, 1)), " at position ", good + 1,
       " of the sequence is no base (A C G T U, or N R Y S W K M B D H V for unknown ones)");
}

std::string_view StreamReader::id_or_number(std::string_view id) {
  if (!id.empty()) return id;
  number_ = std::to_string(count_ + 1);
  return number_;
}

}  // namespace explainn::data
