#include "data/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr int kMostLinks = 40;             // what Linux follows before it says ELOOP
constexpr std::size_t kLongestName = 200;  // room for what the temporary name adds, up to 255
constexpr mode_t kNewFileMode = 0666;      // the umask takes its bits away
constexpr std::size_t kUnsizedLimit = std::size_t{1} << 30;  // pipes and devices: no size to trust

std::string reason(int code) {
  return std::generic_category().message(code);
}

[[noreturn]] void fail_to_write(const std::string& path, int code) {
  const std::string shown_path = path == "-" ? "standard output" : path;
  fail_at(shown_path, 0, "cannot be written (", reason(code), ")",
          code == ENOSPC || code == EDQUOT ? ", free some space or write to another place" : "");
}

/// The file behind symbolic links, there or not: a link is kept, what it names is replaced.
std::string follow_links(const std::string& path) {
  std::filesystem::path target = path;
  std::error_code ignored;
  for (int link = 0; std::filesystem::is_symlink(target, ignored); ++link) {
    if (link == kMostLinks) fail_to_write(path, ELOOP);
    const std::filesystem::path next = std::filesystem::read_symlink(target, ignored);
    if (next.empty()) break;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target.string();
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Opens a new file beside `target` and stores its name in `temporary`. Returns -1 and sets errno.
int open_beside(const std::string& target, std::string& temporary) {
  static std::atomic<unsigned> counter{0};
  const std::string name = std::filesystem::path(target).filename().string();
  const std::string start =
      cat(folder_of(target), "/.", name.substr(0, kLongestName), ".", ::getpid(), ".");
  for (;;) {
    temporary = cat(start, counter++, ".tmp");
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode);
    // A name left by a killed process with our number, perhaps on another machine: take the next.
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
}

/// Some file systems cannot flush folders or some files and say EINVAL; that is no failure.
bool flush_to_disk(int descriptor) {
  return ::fsync(descriptor) == 0 || errno == EINVAL;
}

bool flush_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder that may be written but not read cannot be opened; the file itself is safe.
  if (descriptor < 0) return errno == EACCES;
  const bool flushed = flush_to_disk(descriptor);
  const int code = errno;
  ::close(descriptor);
  errno = code;
  return flushed;
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) throw UsageError("the name of the output file is empty");
  if (path_ == "-" || path_ == "/dev/stdout") {
    path_ = "-";
    file_ = stdout;
    return;
  }
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail_to_write(path_, errno);
  if (exists && S_ISDIR(status.st_mode)) fail_at(path_, 0, "is a folder, give a file name");
  int descriptor = -1;
  if (exists && !S_ISREG(status.st_mode)) {  // a pipe or a device: never renamed over
    descriptor = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    target_ = follow_links(path_);
    descriptor = open_beside(target_, temporary_);
  }
  if (descriptor < 0) {
    const int code = errno;
    temporary_.clear();
    std::error_code ignored;
    if (code == ENOENT && !std::filesystem::exists(folder_of(path_), ignored)) {
      fail_at(path_, 0, "cannot be written: there is no folder ", folder_of(path_),
              ", create it first");
    }
    fail_to_write(path_, code);
  }
  file_ = ::fdopen(descriptor, "wb");
  if (file_ == nullptr) {
    const int code = errno;
    ::close(descriptor);
    discard();
    fail_to_write(path_, code);
  }
}

AtomicFile::~AtomicFile() {
  discard();
}

void AtomicFile::discard() noexcept {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  file_ = nullptr;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

void AtomicFile::write(std::string_view bytes) {
  require(file_ != nullptr, "AtomicFile::write", path_, " is already committed");
  if (bytes.empty()) return;  // an empty view may have no address, which fwrite must not get
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
    fail_to_write(path_, errno);
  }
}

void AtomicFile::commit() {
  require(file_ != nullptr, "AtomicFile::commit", path_, " is already committed");
  // From here on the file is closed whatever happens; a failure also removes the temporary.
  std::FILE* const file = std::exchange(file_, nullptr);
  errno = 0;
  int code = std::fflush(file) == 0 && std::ferror(file) == 0 ? 0 : (errno == 0 ? EIO : errno);
  if (file == stdout) {
    if (code != 0) fail_to_write(path_, code);
    return;
  }
  if (code == 0 && !temporary_.empty() && !flush_to_disk(::fileno(file))) code = errno;
  if (std::fclose(file) != 0 && code == 0) code = errno;
  if (code == 0 && !temporary_.empty()) {
    if (::rename(temporary_.c_str(), target_.c_str()) == 0) {
      temporary_.clear();
      if (!flush_folder(folder_of(target_))) code = errno;
    } else {
      code = errno;
    }
  }
  if (code != 0) {
    discard();
    fail_to_write(path_, code);
  }
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

std::string read_file(const std::string& path, std::size_t limit) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (file == nullptr) fail_at(path, 0, "cannot be opened (", reason(errno), "), check the path");
  struct stat status {};
  if (::fstat(::fileno(file.get()), &status) != 0) {
    fail_at(path, 0, "cannot be read (", reason(errno), ")");
  }
  if (S_ISDIR(status.st_mode)) fail_at(path, 0, "is a folder, give a file");
  const std::size_t most = S_ISREG(status.st_mode) ? limit : std::min(limit, kUnsizedLimit);
  const auto fail_as_too_large = [&] {
    fail_at(path, 0, "is larger than ", most, " bytes, is it the right file?");
  };
  std::string bytes;
  if (S_ISREG(status.st_mode)) {
    if (static_cast<std::uintmax_t>(status.st_size) > most) fail_as_too_large();
    bytes.reserve(static_cast<std::size_t>(status.st_size));
  }
  std::array<char, 1 << 16> block;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
    if (count > most - bytes.size()) fail_as_too_large();
    bytes.append(block.data(), count);
  }
  if (std::ferror(file.get()) != 0) fail_at(path, 0, "cannot be read (", reason(errno), ")");
  return bytes;
}

}  // namespace explainn::data
