#include "kernels/base/parallel.h"

#include <sched.h>

#include <atomic>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "kernels/base/error.h"

namespace explainn {
namespace {

// How long a worker looks for the next job before it sleeps: about 20 microseconds, the length of
// the serial stretches between the operations of a training step.
constexpr int kSpins = 500;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? static_cast<int>(cores) : 1;
}

// Threads that wait for jobs. A job is done when its parts are: whoever gave it waits only for
// workers that took one, never for one that the system has not let run yet. (A fork-join runtime
// waits for all at its barrier; on shared cores that made a step of small operations tens of times
// slower.)
class Pool {
 public:
  ~Pool() {
    stopping_.store(true, std::memory_order_relaxed);
    wake();
    for (std::thread& worker : workers_) worker.join();
  }

  void run(std::int64_t parts, int threads, detail::PartOrder order, detail::PartFunction call,
           const void* body) {
    const std::lock_guard<std::mutex> one_job_at_a_time(mutex_);
    hire(threads - 1);
    threads_ = threads;
    order_ = order;
    call_ = call;
    body_ = body;
    error_ = nullptr;
    while (shares_.size() < static_cast<std::size_t>(threads)) shares_.emplace_back();
    for (int i = 0; i < threads; ++i) {
      Share& share = shares_[static_cast<std::size_t>(i)];
      share.begin = parts * i / threads;
      share.count = parts * (i + 1) / threads - share.begin;
      share.taken.store(0, std::memory_order_relaxed);
    }
    gate_.store(kOpen, std::memory_order_release);
    wake();
    work(0);
    // Closed, nobody enters any more; those inside are at their last part.
    gate_.fetch_and(~kOpen, std::memory_order_acq_rel);
    for (int spin = 0; gate_.load(std::memory_order_acquire) != 0; ++spin) {
      if (spin < kSpins) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
    if (error_) std::rethrow_exception(error_);
  }

 private:
  static constexpr std::uint32_t kOpen = 1U << 31;  // the bits below count the workers inside

  // Where the system grants fewer threads the work is done by those there are, with the same
  // result.
  void hire(int wanted) {
    try {
      while (!refused_ && static_cast<int>(workers_.size()) < wanted) {
        const auto index = static_cast<int>(workers_.size());
        workers_.emplace_back([this, index] { serve(index); });
      }
    } catch (const std::system_error&) {
      refused_ = true;
    }
  }

  void wake() {
    job_.fetch_add(1, std::memory_order_release);
    job_.notify_all();
  }

  void serve(int index) {
    for (std::uint32_t seen = 0;;) {
      std::uint32_t job = job_.load(std::memory_order_acquire);
      for (int spin = 0; job == seen && spin < kSpins; ++spin) {
        pause();
        job = job_.load(std::memory_order_acquire);
      }
      if (job == seen) {
        job_.wait(seen, std::memory_order_acquire);
        continue;
      }
      seen = job;
      if (stopping_.load(std::memory_order_relaxed)) return;
      if (!enter()) continue;
      if (index + 1 < threads_) work(index + 1);
      gate_.fetch_sub(1, std::memory_order_acq_rel);
    }
  }

  bool enter() {
    std::uint32_t gate = gate_.load(std::memory_order_relaxed);
    while ((gate & kOpen) != 0) {
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  // A thread's own share first: it is the same in every job of as many parts, and what they touch
  // may still be in the core's cache. Then what others have not come to.
  void work(int self) {
    try {
      for (int i = 0; i < threads_; ++i) {
        Share& share = shares_[static_cast<std::size_t>((self + i) % threads_)];
        for (;;) {
          const std::int64_t part = share.taken.fetch_add(1, std::memory_order_relaxed);
          if (part >= share.count) break;
          call_(body_,
                share.begin +
                    (order_ == detail::PartOrder::ascending ? part : share.count - 1 - part));
        }
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
      for (Share& share : shares_) share.taken.store(share.count, std::memory_order_relaxed);
    }
  }

  // Consecutive parts, on a cache line of their own.
  struct alignas(64) Share {
    std::int64_t begin = 0;
    std::int64_t count = 0;
    std::atomic<std::int64_t> taken{0};
  };

  std::mutex mutex_;
  std::vector<std::thread> workers_;
  bool refused_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint32_t> job_{0};
  std::atomic<std::uint32_t> gate_{0};

  // The running job: written while the gate is closed and nobody is inside.
  int threads_ = 0;
  detail::PartOrder order_ = detail::PartOrder::ascending;
  std::deque<Share> shares_;  // one a thread
  detail::PartFunction call_ = nullptr;
  const void* body_ = nullptr;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

std::atomic<int> g_threads{0};

}  // namespace

int thread_count() {
  static const int cores = available_cores();
  const int threads = g_threads.load(std::memory_order_relaxed);
  return threads > 0 ? threads : cores;
}

void set_thread_count(int count) {
  require(count >= 1, "set_thread_count", "need at least one thread, not ", count);
  g_threads.store(count, std::memory_order_relaxed);
}

void detail::run_parts(std::int64_t parts, PartOrder order, PartFunction call, const void* body) {
  const std::int64_t most = thread_count();
  const int threads = static_cast<int>(parts < most ? parts : most);
  if (threads <= 1) {
    for (std::int64_t i = 0; i < parts; ++i) {
      call(body, order == PartOrder::ascending ? i : parts - 1 - i);
    }
    return;
  }
  static Pool pool;
  pool.run(parts, threads, order, call, body);
}

}  // namespace explainn
