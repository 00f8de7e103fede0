#include "kernels/cuda/graph.h"

#include <utility>

#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"

namespace explainn::cuda {

Graph::Graph(std::function<void()> work) : work_(std::move(work)) {
  const cudaError_t begun = cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal);
  if (begun == cudaErrorNotSupported) {
    (void)cudaGetLastError();
    return;
  }
  check(begun);
  cudaGraph_t graph = nullptr;
  try {
    work_();
  } catch (...) {
    (void)cudaStreamEndCapture(stream(), &graph);
    throw;
  }
  check(cudaStreamEndCapture(stream(), &graph));
  const cudaError_t made = cudaGraphInstantiate(&recorded_, graph, 0);
  (void)cudaGraphDestroy(graph);
  check(made);
}

Graph::~Graph() {
  if (recorded_ != nullptr) (void)cudaGraphExecDestroy(recorded_);
}

void Graph::replay() {
  if (recorded_ == nullptr) {
    work_();
  } else {
    check(cudaGraphLaunch(recorded_, stream()));
  }
}

}  // namespace explainn::cuda
