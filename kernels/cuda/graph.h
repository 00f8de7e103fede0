// Work that is launched again and again, recorded once and replayed as a whole.
#pragma once

#include <cuda_runtime.h>

#include <functional>

namespace explainn::cuda {

class Graph {
 public:
  /// Records what `work` puts on stream(); nothing is done yet. Where the runtime cannot record,
  /// replay() does the work anew each time.
  explicit Graph(std::function<void()> work);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// Puts the work on stream().
  void replay();

 private:
  std::function<void()> work_;
  cudaGraphExec_t recorded_ = nullptr;
};

}  // namespace explainn::cuda
