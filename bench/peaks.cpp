// What this machine can do at most, as JSON: multiply-adds in float and reads from the caches and
// from memory, by instruction set, for one thread and for several. Kernels are reported as parts
// of these.
// usage: peaks [threads]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kChains = 12;  // independent sums: more than latency times throughput of an FMA

// A kernel of one instruction set; both return something that depends on all their work.
struct InstructionSet {
  std::string name;
  int width;                                        // floats in a vector
  float (*multiply_add)(std::int64_t rounds);       // kChains vector multiply-adds a round
  void (*read)(const float* x, std::int64_t size);  // size: a multiple of 8 vectors
};

#if defined(__x86_64__)

float multiply_add_sse(std::int64_t rounds) {
  const __m128 factor = _mm_set1_ps(0.999F), term = _mm_set1_ps(1e-3F);
  __m128 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm_set1_ps(static_cast<float>(i));
  for (std::int64_t r = 0; r < rounds; ++r) {
    for (auto& sum : sums) sum = _mm_add_ps(_mm_mul_ps(sum, factor), term);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm_add_ps(sums[0], sums[i]);
  return _mm_cvtss_f32(sums[0]);
}

void read_sse(const float* x, std::int64_t size) {
  for (std::int64_t i = 0; i < size; i += 32) {
    for (int k = 0; k < 8; ++k) {
      const __m128 v = _mm_load_ps(x + i + 4 * k);
      asm volatile("" ::"x"(v));
    }
  }
}

[[gnu::target("avx2,fma")]] float multiply_add_avx2(std::int64_t rounds) {
  const __m256 factor = _mm256_set1_ps(0.999F), term = _mm256_set1_ps(1e-3F);
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  for (std::int64_t r = 0; r < rounds; ++r) {
    for (auto& sum : sums) sum = _mm256_fmadd_ps(sum, factor, term);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}

[[gnu::target("avx2,fma")]] void read_avx2(const float* x, std::int64_t size) {
  for (std::int64_t i = 0; i < size; i += 64) {
    for (int k = 0; k < 8; ++k) {
      const __m256 v = _mm256_load_ps(x + i + 8 * k);
      asm volatile("" ::"x"(v));
    }
  }
}

[[gnu::target("avx512f")]] float multiply_add_avx512(std::int64_t rounds) {
  const __m512 factor = _mm512_set1_ps(0.999F), term = _mm512_set1_ps(1e-3F);
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  for (std::int64_t r = 0; r < rounds; ++r) {
    for (auto& sum : sums) sum = _mm512_fmadd_ps(sum, factor, term);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

[[gnu::target("avx512f")]] void read_avx512(const float* x, std::int64_t size) {
  for (std::int64_t i = 0; i < size; i += 128) {
    for (int k = 0; k < 8; ++k) {
      const __m512 v = _mm512_load_ps(x + i + 16 * k);
      asm volatile("" ::"v"(v));
    }
  }
}

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets = {{"SSE2 (multiply, then add)", 4, multiply_add_sse, read_sse}};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    sets.push_back({"AVX2", 8, multiply_add_avx2, read_avx2});
  }
  if (__builtin_cpu_supports("avx512f")) {
    sets.push_back({"AVX-512", 16, multiply_add_avx512, read_avx512});
  }
  return sets;
}

#else

// Written so that any compiler makes vectors of it.
float multiply_add_portable(std::int64_t rounds) {
  float sums[4 * kChains];
  for (int i = 0; i < 4 * kChains; ++i) sums[i] = static_cast<float>(i);
  for (std::int64_t r = 0; r < rounds; ++r) {
    for (float& sum : sums) sum = sum * 0.999F + 1e-3F;
  }
  float total = 0;
  for (const float sum : sums) total += sum;
  return total;
}

void read_portable(const float* x, std::int64_t size) {
  float sums[32] = {};
  for (std::int64_t i = 0; i < size; i += 32) {
    for (int k = 0; k < 32; ++k) sums[k] += x[i + k];
  }
  for (const float& sum : sums) asm volatile("" ::"m"(sum));
}

std::vector<InstructionSet> instruction_sets() {
  return {{"portable", 4, multiply_add_portable, read_portable}};
}

#endif

// Runs `work(thread)` on all threads at once; the best of several tries, in seconds.
double best_time(int threads, const std::function<void(int)>& work) {
  double best = 1e30;
  for (int turn = 0; turn < 9; ++turn) {
    std::atomic<int> waiting = threads;
    std::vector<double> seconds(static_cast<std::size_t>(threads));
    std::vector<std::thread> crew;
    for (int t = 0; t < threads; ++t) {
      crew.emplace_back([&, t] {
        --waiting;
        while (waiting > 0) {
        }
        const auto start = Clock::now();
        work(t);
        seconds[static_cast<std::size_t>(t)] =
            std::chrono::duration<double>(Clock::now() - start).count();
      });
    }
    for (std::thread& member : crew) member.join();
    best = std::min(best, *std::max_element(seconds.begin(), seconds.end()));
  }
  return best;
}

double gflops(const InstructionSet& set, int threads) {
  constexpr std::int64_t kRounds = 4'000'000;
  std::atomic<float> sink = 0;
  const double seconds = best_time(threads, [&](int) { sink = set.multiply_add(kRounds); });
  return 2e-9 * kRounds * kChains * set.width * threads / seconds;
}

// Reads a buffer of `bytes` a thread over and over, `traffic` bytes in all a thread.
double read_gb_per_second(const InstructionSet& set, int threads, std::int64_t bytes,
                          std::int64_t traffic) {
  const auto floats = bytes / static_cast<std::int64_t>(sizeof(float));
  constexpr std::int64_t kAlignment = 64 / sizeof(float);
  std::vector<std::vector<float>> buffers(
      static_cast<std::size_t>(threads),
      std::vector<float>(static_cast<std::size_t>(floats + kAlignment), 1.0F));
  const double seconds = best_time(threads, [&](int t) {
    const float* x = buffers[static_cast<std::size_t>(t)].data();
    x += (64 - reinterpret_cast<std::uintptr_t>(x) % 64) % 64 / sizeof(float);
    for (std::int64_t done = 0; done < traffic; done += bytes) set.read(x, floats);
  });
  return 1e-9 * static_cast<double>((traffic + bytes - 1) / bytes * bytes * threads) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const int most = argc > 1 ? std::max(1, std::atoi(argv[1]))
                            : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  nlohmann::ordered_json report;
  for (const InstructionSet& set : instruction_sets()) {
    for (int threads = 1; threads <= most; threads = threads < most ? most : most + 1) {
      const std::int64_t gigabyte = std::int64_t{1} << 30;
      report[set.name][std::to_string(threads) + (threads == 1 ? " thread" : " threads")] = {
          {"GFLOP/s", gflops(set, threads)},
          {"L1 GB/s", read_gb_per_second(set, threads, 16 << 10, gigabyte)},
          {"L2 GB/s", read_gb_per_second(set, threads, 256 << 10, gigabyte)},
          {"memory GB/s", read_gb_per_second(set, threads, 256 << 20, gigabyte)}};
    }
  }
  std::cout << report.dump(1) << '\n';
  return 0;
}
