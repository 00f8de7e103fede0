// Where there is no libFuzzer: feeds a target with damaged samples. Input i is the same in every
// run, so that one that fails can be had again.
//   motif_reader_fuzz COUNT FIRST SAMPLE..    inputs FIRST .. FIRST + COUNT - 1
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "data/atomic_file.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/target.h"

// The sanitizers' own; null without them.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

std::uint64_t running = 0;  // the input

void tell_running() {
  std::fprintf(stderr, "it was input %llu\n", static_cast<unsigned long long>(running));
}

const std::vector<std::string>& dictionary() {
  static const std::vector<std::string> words{"MEME version 4\n",
                                              "ALPHABET= ACGT\n",
                                              "ALPHABET \"x\"\n",
                                              "END ALPHABET\n",
                                              "A ~ T\n",
                                              "Background letter frequencies\n",
                                              "A 0.25 C 0.25 G 0.25 T 0.25\n",
                                              "MOTIF ",
                                              "MOTIF a b\n",
                                              "letter-probability matrix:",
                                              "log-odds matrix:",
                                              " alength= 4",
                                              " w= 4",
                                              " w=",
                                              " nsites= ",
                                              "=",
                                              ">",
                                              ">a b\n",
                                              "[",
                                              "]",
                                              "A [",
                                              "A C G T\n",
                                              "P0 A C G T\n",
                                              "AC  a\n",
                                              "ID  a\n",
                                              "//\n",
                                              "XX\n",
                                              "0.25 0.25 0.25 0.25\n",
                                              "1 0 0 0\n",
                                              "\n",
                                              "\n\n",
                                              "\r\n",
                                              "\t",
                                              " ",
                                              "#",
                                              "<",
                                              "\xff",
                                              "\xef\xbb\xbf",
                                              "\x1f\x8b"};
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s COUNT FIRST SAMPLE..\n", argv[0]);
    return 2;
  }
  const std::uint64_t count = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t first = std::strtoull(argv[2], nullptr, 10);
  std::vector<std::string> samples;
  for (int i = 3; i < argc; ++i) samples.push_back(explainn::data::read_file(argv[i]));
  std::signal(SIGABRT, [](int) { tell_running(); });  // a broken promise
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tell_running);
  std::uint64_t taken = 0;
  for (running = first; running < first + count; ++running) {
    explainn::fuzz::Random random(running);
    const std::string text = explainn::fuzz::mutated(samples, dictionary(), random);
    try {
      const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
      if (LLVMFuzzerTestOneInput(bytes, text.size()) == 0) ++taken;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "an exception: %s\n", error.what());
      tell_running();
      return 1;
    }
  }
  std::printf("%llu inputs, of which %llu were taken\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(taken));
  // Damage that is always or never noticed tests little.
  return taken > count / 50 && taken < count - count / 50 ? 0 : 1;
}
