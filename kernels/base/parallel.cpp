#include "kernels/base/parallel.h"

#include <omp.h>

#include <atomic>
#include <exception>
#include <mutex>

#include "kernels/base/error.h"

namespace explainn {
namespace {

std::atomic<int> g_threads{0};

struct Job {
  std::int64_t parts;
  detail::PartFunction call;
  const void* body;
  std::atomic<std::int64_t> next{0};
  std::atomic<int> finished{0};
  std::exception_ptr error{};
  std::mutex error_mutex{};
};

// The job of the running region. Workers find it here and not in variables shared by the compiler,
// so every hand-over goes through an atomic: ThreadSanitizer, which cannot look into the OpenMP
// runtime, then sees exactly the order that the program relies on.
std::atomic<Job*> g_job{nullptr};
std::mutex g_region;

void work() {
  Job& job = *g_job.load(std::memory_order_acquire);
  try {
    for (;;) {
      const std::int64_t part = job.next.fetch_add(1, std::memory_order_relaxed);
      if (part >= job.parts) break;
      job.call(job.body, part);
    }
  } catch (...) {
    const std::lock_guard<std::mutex> lock(job.error_mutex);
    if (!job.error) job.error = std::current_exception();
    job.next.store(job.parts, std::memory_order_relaxed);
  }
  job.finished.fetch_add(1, std::memory_order_release);
}

}  // namespace

int thread_count() {
  const int threads = g_threads.load(std::memory_order_relaxed);
  return threads > 0 ? threads : omp_get_max_threads();
}

void set_thread_count(int count) {
  require(count >= 1, "set_thread_count", "need at least one thread, not ", count);
  g_threads.store(count, std::memory_order_relaxed);
}

void detail::run_parts(std::int64_t parts, PartFunction call, const void* body) {
  const int threads =
      static_cast<int>(parts < std::int64_t{thread_count()} ? parts : std::int64_t{thread_count()});
  if (threads <= 1) {
    for (std::int64_t part = 0; part < parts; ++part) call(body, part);
    return;
  }
  const std::lock_guard<std::mutex> region(g_region);
  Job job{parts, call, body};
  g_job.store(&job, std::memory_order_release);
#pragma omp parallel num_threads(threads)
  work();
  // Reading the count that every worker released orders their writes before what follows.
  static_cast<void>(job.finished.load(std::memory_order_acquire));
  g_job.store(nullptr, std::memory_order_relaxed);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace explainn
