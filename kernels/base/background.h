// One thread beside the caller's, for work that should go on while the caller waits for a device.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace explainn {

/// Does one job at a time, all on the same thread. Not to be shared between threads.
class Background {
 public:
  Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();  ///< finish()

  /// Waits for the running job, if any, and begins the next one.
  void start(std::function<void()> job);
  /// Waits until nothing runs; throws what the job threw.
  void wait();
  /// The same, where what it threw does not matter any more.
  void finish() noexcept;

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> job_;  // empty: none
  bool ending_ = false;
  std::exception_ptr error_;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace explainn
