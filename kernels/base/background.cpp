#include "kernels/base/background.h"

#include <utility>

namespace explainn {

Background::Background() : thread_([this] { serve(); }) {}

Background::~Background() {
  finish();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Background::start(std::function<void()> job) {
  wait();
  {
    const std::lock_guard lock(mutex_);
    job_ = std::move(job);
  }
  changed_.notify_all();
}

void Background::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !job_; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void Background::finish() noexcept {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !job_; });
  error_ = nullptr;
}

void Background::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || job_; });
    if (ending_) return;
    lock.unlock();
    std::exception_ptr error;
    try {
      job_();  // start() leaves it alone while it is there
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    error_ = error;
    job_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace explainn
