// The loops of the motif scan on one thread, for every instruction set of this machine: windows a
// second, and what part that is of what the machine's byte shuffles would do at most, one a pair of
// columns. A line of JSON on stdout.
// usage: motif_scan MOTIFS [SECONDS]
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "bench/step_harness.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/motif/score_distribution.h"

namespace explainn::bench {
namespace {

constexpr std::int64_t kBases = 16384;  // as MotifScanner hands them to a thread
constexpr double kLargestP = 1e-4;

// The least time of `work` that was seen within `seconds`.
double least_seconds(double seconds, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  double least = 1e9;
  while (Clock::now() < end) {
    const auto start = Clock::now();
    work();
    least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return least;
}

#if defined(__x86_64__)
constexpr int kShuffles = 1 << 14;

// Chains side by side, in registers.
__attribute__((target("avx2"))) int shuffle_avx2(int seed) {
  __m256i chain[8];
  for (int i = 0; i < 8; ++i) chain[i] = _mm256_set1_epi8(static_cast<char>(seed + i));
  const __m256i order = _mm256_set1_epi32(seed);
  for (int n = 0; n < kShuffles / 8; ++n) {
    for (__m256i& each : chain) {
      each = _mm256_shuffle_epi8(each, order);
      asm volatile("" : "+x"(each));
    }
  }
  int sum = 0;
  for (const __m256i& each : chain) sum += _mm256_extract_epi32(each, 0);
  return sum;
}

__attribute__((target("avx512bw"))) int shuffle_avx512(int seed) {
  __m512i chain[8];
  for (int i = 0; i < 8; ++i) chain[i] = _mm512_set1_epi8(static_cast<char>(seed + i));
  const __m512i order = _mm512_set1_epi32(seed);
  for (int n = 0; n < kShuffles / 8; ++n) {
    for (__m512i& each : chain) {
      each = _mm512_shuffle_epi8(each, order);
      asm volatile("" : "+v"(each));
    }
  }
  int sum = 0;
  for (const __m512i& each : chain) {
    int parts[16];
    _mm512_storeu_si512(parts, each);
    sum += parts[0];
  }
  return sum;
}
#endif

// Lookups of one byte that shuffles do a second; 0 where there are none.
double lookups_a_second(InstructionSet set, double seconds) {
#if defined(__x86_64__)
  volatile int sink = 1;
  if (set == InstructionSet::avx512) {
    return 64.0 * kShuffles / least_seconds(seconds, [&] { sink = shuffle_avx512(sink); });
  }
  if (set == InstructionSet::avx2) {
    return 32.0 * kShuffles / least_seconds(seconds, [&] { sink = shuffle_avx2(sink); });
  }
#endif
  static_cast<void>(set);
  static_cast<void>(seconds);
  return 0;
}

nlohmann::ordered_json measure(const data::MotifFile& file, InstructionSet set, double seconds) {
  std::mt19937_64 random(1);
  std::vector<std::uint8_t> bases(kBases);
  for (std::uint8_t& base : bases) base = static_cast<std::uint8_t>(random() % 4);
  // Two hundred bases each, as peaks have them.
  std::vector<engine::TextPart> parts;
  for (std::int64_t begin = 0; begin < kBases; begin += 200) {
    const std::int64_t length = std::min<std::int64_t>(200, kBases - begin);
    parts.push_back({std::span(bases).subspan(static_cast<std::size_t>(begin),
                                              static_cast<std::size_t>(length)),
                     length});
  }
  engine::ScanText text;
  text.assign(parts);
  const model::Frequencies background = model::strand_symmetric(file.background);
  std::vector<engine::MotifScan> scans;
  double windows = 0;
  double lookups = 0;
  for (const data::Motif& motif : file.motifs) {
    const model::ScoreColumns columns = model::score_columns(motif, background, 0.1);
    const model::ScoreDistribution distribution(columns, background, kLargestP);
    if (distribution.threshold() > distribution.best()) continue;
    scans.emplace_back(columns, distribution.threshold(), engine::ScanStrands::both, set);
    const double own = 2.0 * static_cast<double>(text.windows(scans.back().width()));
    windows += own;
    lookups += own * static_cast<double>((scans.back().width() + 1) / 2);
  }
  engine::ScanScratch scratch;
  std::vector<engine::WindowHit> hits;
  std::vector<engine::PartScore> scores(parts.size());
  const double find = least_seconds(seconds, [&] {
    hits.clear();
    for (const engine::MotifScan& scan : scans) scan.find(text, scratch, hits);
  });
  const double score = least_seconds(seconds, [&] {
    for (const engine::MotifScan& scan : scans) scan.score(text, scratch, true, scores);
  });
  const double best = least_seconds(seconds, [&] {
    for (const engine::MotifScan& scan : scans) scan.score(text, scratch, false, scores);
  });
  const double most = lookups_a_second(set, seconds);
  nlohmann::ordered_json report{{"motifs", scans.size()},
                                {"hits_windows_a_second", windows / find},
                                {"best_windows_a_second", windows / best},
                                {"sums_windows_a_second", windows / score}};
  if (most > 0) {
    report["lookups_a_second_at_most"] = most;
    report["hits_part_of_that"] = lookups / find / most;
    report["best_part_of_that"] = lookups / best / most;
    report["sums_part_of_that"] = lookups / score / most;
  }
  return report;
}

}  // namespace
}  // namespace explainn::bench

int main(int argc, char** argv) {
  return explainn::bench::guarded_main([&] {
    if (argc < 2) throw explainn::UsageError("usage: motif_scan MOTIFS [SECONDS]");
    const double seconds = argc > 2 ? std::stod(argv[2]) : 1;
    const explainn::data::MotifFile file = explainn::data::read_motif_file(argv[1]);
    nlohmann::ordered_json report;
    for (const explainn::InstructionSet set : explainn::available_instruction_sets()) {
      report[std::string(to_string(set))] = explainn::bench::measure(file, set, seconds);
    }
    std::printf("%s\n", report.dump().c_str());
  });
}
