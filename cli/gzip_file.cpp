#include "cli/gzip_file.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "data/atomic_file.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

constexpr int kWindowWithGzipHeader = 15 + 16;
constexpr int kMemoryLevel = 8;

}  // namespace

struct GzipFile::State {
  explicit State(const std::string& path) : file(path) {
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowWithGzipHeader,
                     kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~State() { deflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  data::AtomicFile file;
  z_stream stream{};
  std::vector<char> compressed = std::vector<char>(std::size_t{1} << 16);
};

GzipFile::GzipFile(const std::string& path) : state_(std::make_unique<State>(path)) {}
GzipFile::~GzipFile() = default;

void GzipFile::deflate_into_file(std::string_view bytes, int flush) {
  z_stream& stream = state_->stream;
  std::vector<char>& out = state_->compressed;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, flush);
    state_->file.write({out.data(), out.size() - stream.avail_out});
  } while (stream.avail_out == 0);
}

void GzipFile::write(std::string_view bytes) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kMost, bytes.size()))) {
    deflate_into_file(bytes.substr(0, kMost), Z_NO_FLUSH);
  }
}

void GzipFile::commit() {
  deflate_into_file({}, Z_FINISH);
  state_->file.commit();
}

}  // namespace explainn::cli
