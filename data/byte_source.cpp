#include "data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>

#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::size_t kStoredBuffer = std::size_t{1} << 18;
constexpr std::string_view kGzipMagic("\x1f\x8b", 2);

std::string system_reason(int code) {
  return std::generic_category().message(code);
}

struct Compression {
  std::string_view magic;
  std::string_view name;
};

constexpr std::array<Compression, 4> kOtherCompressions{
    {{"BZh", "bzip2"}, {"\xfd\x37zXZ", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"PK\x03\x04", "zip"}}};

}  // namespace

struct ByteSource::Inflater {
  Inflater() {
    // 15: the largest window; + 16: gzip framing.
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw Error("zlib cannot start: out of memory");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
  bool member_ended = false;
  bool finished = false;  ///< the last member has ended and nothing follows
};

struct ByteSource::Hasher {
  Hasher() : state(XXH3_createState()) {
    if (state == nullptr || XXH3_128bits_reset(state) != XXH_OK) throw Error("out of memory");
  }
  ~Hasher() { XXH3_freeState(state); }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  XXH3_state_t* state;
};

ByteSource::ByteSource(const std::string& path)
    : name_(path == "-" ? "standard input" : path), hasher_(std::make_unique<Hasher>()) {
  descriptor_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    fail_at(name_, 0, "cannot be opened (", system_reason(errno), "), check the path");
  }
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return;
  if (S_ISDIR(status.st_mode)) {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
    fail_at(name_, 0, "is a folder, give a file");
  }
  if (S_ISREG(status.st_mode)) total_bytes_ = status.st_size;
}

ByteSource::~ByteSource() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

std::size_t ByteSource::read_stored(std::span<char> out, std::int64_t line) {
  ssize_t count = 0;
  do count = ::read(descriptor_, out.data(), out.size());
  while (count < 0 && errno == EINTR);
  if (count < 0) fail_at(name_, line, "cannot be read (", system_reason(errno), ")");
  XXH3_128bits_update(hasher_->state, out.data(), static_cast<std::size_t>(count));
  bytes_ += count;
  return static_cast<std::size_t>(count);
}

void ByteSource::recognise(std::int64_t line) {
  recognised_ = true;
  stored_.resize(kStoredBuffer);
  // A pipe may hand out single bytes; the longest mark has five.
  std::size_t have = 0;
  while (have < 5) {
    const std::size_t count = read_stored(std::span(stored_).subspan(have), line);
    if (count == 0) break;
    have += count;
  }
  waiting_ = std::span(stored_).first(have);
  const std::string_view start(stored_.data(), have);
  for (const Compression& other : kOtherCompressions) {
    if (start.starts_with(other.magic)) {
      fail_at(name_, line, "is compressed with ", other.name, ", which is not read here, unpack it",
              " or compress it with gzip");
    }
  }
  if (start.starts_with(kGzipMagic)) inflater_ = std::make_unique<Inflater>();
}

std::size_t ByteSource::read(std::span<char> out, std::int64_t line) {
  if (!recognised_) recognise(line);
  if (inflater_ != nullptr) return read_inflated(out, line);
  if (waiting_.empty()) return read_stored(out, line);
  const std::size_t count = std::min(out.size(), waiting_.size());
  std::memcpy(out.data(), waiting_.data(), count);
  waiting_ = waiting_.subspan(count);
  return count;
}

bool ByteSource::next_member(std::int64_t line) {
  // Zeros may pad the end (tapes and block devices); gzip itself ignores them.
  for (;;) {
    const auto* const used = std::find_if(waiting_.data(), waiting_.data() + waiting_.size(),
                                          [](char byte) { return byte != 0; });
    waiting_ = waiting_.subspan(static_cast<std::size_t>(used - waiting_.data()));
    if (!waiting_.empty()) break;
    waiting_ = std::span(stored_).first(read_stored(stored_, line));
    if (waiting_.empty()) return false;
  }
  if (waiting_.front() != kGzipMagic.front()) {
    fail_at(name_, line, "bytes that are no gzip follow the gzip data, the file is damaged: ",
            "copy or compress it again");
  }
  inflateReset(&inflater_->stream);
  return true;
}

std::size_t ByteSource::read_inflated(std::span<char> out, std::int64_t line) {
  z_stream& stream = inflater_->stream;
  std::size_t done = 0;
  while (done == 0 && !inflater_->finished) {
    if (inflater_->member_ended) {
      inflater_->member_ended = false;
      inflater_->finished = !next_member(line);
      continue;
    }
    if (waiting_.empty()) {
      waiting_ = std::span(stored_).first(read_stored(stored_, line));
      if (waiting_.empty()) {
        fail_at(name_, line, "the gzip data are cut off here, copy or download the file again");
      }
    }
    // zlib never writes through next_in; its type lacks the const unless ZLIB_CONST is set.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(waiting_.data()));
    stream.avail_in = static_cast<uInt>(waiting_.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(std::min(out.size(), std::size_t{1} << 30));
    const uInt room = stream.avail_out;
    const int status = inflate(&stream, Z_NO_FLUSH);
    waiting_ = waiting_.last(stream.avail_in);
    done = room - stream.avail_out;
    if (status == Z_STREAM_END) {
      inflater_->member_ended = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR && done == 0) {
      fail_at(name_, line, "the gzip data are damaged here (",
              stream.msg == nullptr ? "unknown reason" : stream.msg,
              "), copy or download the file again");
    }
  }
  return done;
}

std::string ByteSource::hash() const {
  const XXH128_hash_t value = XXH3_128bits_digest(hasher_->state);
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(value.high64),
                static_cast<unsigned long long>(value.low64));
  return text.data();
}

}  // namespace explainn::data
