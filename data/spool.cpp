#include "data/spool.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::size_t kInMemory = std::size_t{1} << 20;

}  // namespace

Spool::~Spool() {
  if (file_ != nullptr) std::fclose(file_);
}

void Spool::fail(const char* what) const {
  throw Error(cat(folder_, ": cannot ", what, " a temporary file: ", std::strerror(errno),
                  "; let TMPDIR name a folder with room"));
}

void Spool::open_file() {
  const char* const wanted = std::getenv("TMPDIR");
  folder_ = wanted == nullptr || *wanted == '\0' ? "/tmp" : wanted;
  std::string name = folder_ + "/explainn-XXXXXX";
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) fail("make");
  ::unlink(name.c_str());  // it is gone when the program is
  file_ = ::fdopen(descriptor, "w+b");
  if (file_ == nullptr) fail("open");
}

void Spool::flush() {
  if (file_ == nullptr) open_file();
  if (std::fwrite(waiting_.data(), 1, waiting_.size(), file_) != waiting_.size()) fail("write");
  waiting_.clear();
}

void Spool::write(std::string_view bytes) {
  waiting_ += bytes;
  if (waiting_.size() > kInMemory) flush();
}

void Spool::rewind() {
  if (file_ == nullptr) return;
  flush();
  if (std::fflush(file_) != 0 || std::fseek(file_, 0, SEEK_SET) != 0) fail("write");
}

bool Spool::read(std::span<char> out) {
  std::size_t count = 0;
  if (file_ == nullptr) {
    count = std::string_view(waiting_).substr(at_).copy(out.data(), out.size());
    at_ += count;
  } else {
    count = std::fread(out.data(), 1, out.size(), file_);
    if (std::ferror(file_) != 0) fail("read");
  }
  require(count == 0 || count == out.size(), "spool", count, " bytes are left of ", out.size());
  return count == out.size();
}

}  // namespace explainn::data
