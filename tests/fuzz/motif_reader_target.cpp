// Any bytes as a motif file: they are refused with an Error, or give motifs that can be written and
// read again.
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "tests/fuzz/target.h"

namespace explainn::data {
namespace {

void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

/// A file in memory. Each opening of its path reads it from the front.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("input", 0)) {
    promise(descriptor_ >= 0, "a file in memory");
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }

  const std::string& holding(const void* bytes, std::size_t size) const {
    promise(::ftruncate(descriptor_, 0) == 0 &&
                ::pwrite(descriptor_, bytes, size, 0) == static_cast<ssize_t>(size),
            "room for the input");
    return path_;
  }

 private:
  int descriptor_;
  std::string path_;
};

void check(const MotifFile& file) {
  std::set<std::string> ids;
  for (const Motif& motif : file.motifs) {
    promise(ids.insert(motif.id).second, "ids are unique");
    promise(!motif.columns.empty() && motif.columns.size() <= kMostMotifColumns, "widths");
    promise(motif.sites >= 0 && motif.sites <= kMostSites, "sites");
    for (const auto& column : motif.columns) {
      double sum = 0;
      for (const double value : column) {
        promise(value >= 0 && value <= 1 + kSumTolerance, "probabilities");
        sum += value;
      }
      promise(std::abs(sum - 1) <= kSumTolerance, "sums");
    }
  }
}

void expect_same(const MotifFile& file, const MotifFile& again) {
  promise(again.motifs.size() == file.motifs.size(), "as many motifs");
  for (std::size_t m = 0; m < file.motifs.size(); ++m) {
    const Motif& a = file.motifs[m];
    const Motif& b = again.motifs[m];
    promise(a.id == b.id && a.columns.size() == b.columns.size(), "ids and widths stay");
    // A name may look like what MEME prints behind one.
    const bool plain = a.name.find('=') == std::string::npos;
    promise(!plain || a.name == b.name, "names stay");
    promise(!plain || std::floor(a.sites) == b.sites, "whole sites stay");
    for (std::size_t c = 0; c < a.columns.size(); ++c) {
      for (std::size_t i = 0; i < 4; ++i) {
        // Six decimals, of columns that are divided by their sum.
        promise(std::abs(a.columns[c][i] - b.columns[c][i]) < kSumTolerance + 1e-6,
                "probabilities stay");
      }
    }
  }
}

}  // namespace
}  // namespace explainn::data

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace explainn::data;
  static const MemoryFile memory;
  MotifFile file;
  try {
    file = read_motif_file(memory.holding(data, size));
  } catch (const explainn::Error&) {
    return -1;
  }
  check(file);
  for (const auto text : {jaspar_text, pfm_text, transfac_text}) text(file);
  const std::string text = meme_text(file);
  const MotifFile again = read_motif_file(memory.holding(text.data(), text.size()));
  expect_same(file, again);
  promise(meme_text(again) == text, "what was written is written again");
  return 0;
}
