#include "data/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iterator>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public ReaderTest {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }

  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  static std::string failure(const std::string& path, std::string_view bytes) {
    return error_of([&] { write_file(path, bytes); });
  }
};

/// What `work` returns in a process of its own, which may spoil its limits and descriptors.
int in_child(const std::function<int()>& work) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// 0 if write_file fails with `part` in its message.
int fails_with(const std::string& path, std::string_view bytes, const std::string& part) {
  try {
    write_file(path, bytes);
  } catch (const Error& error) {
    return std::string(error.what()).find(part) == std::string::npos ? 2 : 0;
  }
  return 1;
}

TEST_F(AtomicFileTest, givesBackWhatWasWritten) {
  std::string all;
  for (int i = 0; i < 3 * 65536 + 17; ++i) all += static_cast<char>(i * 7 % 256);
  for (const std::string& bytes : {std::string(), std::string("x"), all}) {
    write_file(path("a"), bytes);
    EXPECT_EQ(read_file(path("a")), bytes);
    EXPECT_EQ(files(), 1);
  }
}

TEST_F(AtomicFileTest, nothingIsAnEmptyFile) {
  const std::string path = folder_ / "empty";
  AtomicFile file(path);
  file.write(std::string_view());
  file.commit();
  EXPECT_TRUE(std::filesystem::is_empty(path));
}

TEST_F(AtomicFileTest, appearsWholeOrNotAtAll) {
  write_file(path("a"), "old");
  {
    AtomicFile file(path("a"));
    file.write("ne");
    file.write("w");
    EXPECT_EQ(read_file(path("a")), "old");
    EXPECT_EQ(files(), 2);
    file.commit();
    EXPECT_EQ(read_file(path("a")), "new");
    EXPECT_EQ(files(), 1);
    EXPECT_THROW(file.write("more"), std::invalid_argument);
    EXPECT_THROW(file.commit(), std::invalid_argument);
  }
  {
    AtomicFile first(path("a"));
    AtomicFile second(path("b"));
    first.write("given up");
    second.write("given up");
  }
  EXPECT_EQ(read_file(path("a")), "new");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, keepsTheOldFileWhenThereIsNoRoom) {
  write_file(path("a"), "old");
  for (const std::size_t size : {std::size_t{2000}, std::size_t{1} << 20}) {
    const std::string bytes(size, 'x');
    EXPECT_EQ(in_child([&] {
                std::signal(SIGXFSZ, SIG_IGN);
                const rlimit limit{1000, 1000};
                setrlimit(RLIMIT_FSIZE, &limit);
                return fails_with(path("a"), bytes, path("a") + ": cannot be written (File too");
              }),
              0);
    EXPECT_EQ(read_file(path("a")), "old");
    EXPECT_EQ(files(), 1);
  }
}

TEST_F(AtomicFileTest, writesDevicesAndPipesAsTheyAre) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{1} << 20}) {
    const std::string message = failure("/dev/full", std::string(size, 'x'));
    EXPECT_TRUE(says(message, "/dev/full: ", "No space left on device")) << message;
  }
  write_file("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));

  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  write_file("/dev/fd/" + std::to_string(ends[1]), "through");
  std::string got(20, '\0');
  EXPECT_EQ(::read(ends[0], got.data(), got.size()), 7);
  EXPECT_TRUE(got.starts_with("through"));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(AtomicFileTest, writesStandardOutput) {
  for (const char* const name : {"-", "/dev/stdout"}) {
    ::testing::internal::CaptureStdout();
    write_file(name, "to the next program\n");
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "to the next program\n");
  }
  EXPECT_EQ(in_child([] {
              if (std::freopen("/dev/full", "w", stdout) == nullptr) return 9;
              return fails_with("-", "x", "standard output: cannot be written (No space");
            }),
            0);
  EXPECT_EQ(in_child([] {
              std::signal(SIGPIPE, SIG_IGN);
              int ends[2];
              if (::pipe(ends) != 0) return 9;
              ::close(ends[0]);
              ::dup2(ends[1], STDOUT_FILENO);
              return fails_with("-", "x", "Broken pipe");
            }),
            0);
  EXPECT_EQ(in_child([] {
              ::close(STDOUT_FILENO);
              return fails_with("-", "x", "Bad file descriptor");
            }),
            0);
}

TEST_F(AtomicFileTest, takesItsPermissionsFromTheUmask) {
  const mode_t before = ::umask(027);
  write_file(path("a"), "x");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST_F(AtomicFileTest, writesWhatALinkNames) {
  fs::create_directory(folder_ / "sub");
  fs::create_symlink("sub/real", path("link"));
  for (const char* const bytes : {"new", "replaced"}) {  // the first time nothing is there
    write_file(path("link"), bytes);
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(read_file(path("sub/real")), bytes);
  }
  fs::create_symlink("round", path("round"));
  EXPECT_TRUE(says(failure(path("round"), "x"), path("round"), "symbolic links"));
}

TEST_F(AtomicFileTest, namesWhatIsWrongWithAPath) {
  EXPECT_TRUE(says(failure(folder_, "x"), folder_.string() + ": ", "is a folder"));
  EXPECT_TRUE(says(failure(path("no/a"), "x"), path("no/a: "), "no folder " + path("no")));
  write_file(path("file"), "x");
  EXPECT_TRUE(says(failure(path("file/a"), "x"), path("file/a: "), "Not a directory"));
  EXPECT_TRUE(says(failure(path(std::string(300, 'n')), "x"), folder_, "File name too long"));
  EXPECT_TRUE(says(failure("/proc/explainn", "x"), "/proc/explainn: cannot be written", "("));
  EXPECT_THROW(write_file("", "x"), UsageError);
  write_file(path(std::string(255, 'n')), "fits");
  EXPECT_EQ(read_file(path(std::string(255, 'n'))), "fits");
}

TEST_F(AtomicFileTest, readsWithinLimits) {
  write_file(path("a"), "12345");
  EXPECT_EQ(read_file(path("a"), 5), "12345");
  EXPECT_TRUE(says(error_of([&] { read_file(path("a"), 4); }), path("a: "), "than 4 bytes"));
  EXPECT_TRUE(says(error_of([] { read_file("/dev/zero", 1 << 20); }), "/dev/zero: ", "larger"));
  EXPECT_TRUE(says(error_of([&] { read_file(folder_); }), folder_, "is a folder, give a file"));
  EXPECT_TRUE(says(error_of([&] { read_file(path("no")); }), path("no: "), "No such file"));
  EXPECT_EQ(read_file("/dev/null"), "");
  // Files of the kernel say they have no bytes and have some.
  EXPECT_NE(read_file("/proc/self/status").find("VmPeak"), std::string::npos);
}

}  // namespace
}  // namespace explainn::data
