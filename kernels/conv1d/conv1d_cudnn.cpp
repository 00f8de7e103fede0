#include "kernels/conv1d/conv1d_cudnn.h"

#include <cudnn.h>

#include <limits>
#include <map>
#include <source_location>

#include "kernels/base/error.h"
#include "kernels/cuda/stream.h"
#include "kernels/memory.h"

namespace explainn::kernels::cuda {
namespace {

// Algorithms that add in one order and need no multiples of anything.
constexpr auto kForward = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
constexpr auto kBackwardInput = CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
constexpr auto kBackwardWeight = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;

void check(cudnnStatus_t status, std::source_location place = std::source_location::current()) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  throw Error(
      cat("cuDNN: ", cudnnGetErrorString(status), " (", place.file_name(), ":", place.line(), ")"));
}

// Of one thread and one GPU.
class Handle {
 public:
  Handle() {
    check(cudnnCreate(&handle_));
    check(cudnnSetStream(handle_, explainn::cuda::stream()));
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { (void)cudnnDestroy(handle_); }
  cudnnHandle_t get() const { return handle_; }

 private:
  cudnnHandle_t handle_ = nullptr;
};

cudnnHandle_t handle() {
  thread_local std::map<int, Handle> handles;
  return handles[explainn::cuda::in_use().index].get();
}

// One of cuDNN's descriptors.
template <typename T, auto kCreate, auto kDestroy>
class Descriptor {
 public:
  Descriptor() { check(kCreate(&descriptor_)); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { (void)kDestroy(descriptor_); }
  operator T() const { return descriptor_; }

 private:
  T descriptor_ = nullptr;
};
using TensorDescriptor =
    Descriptor<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using FilterDescriptor =
    Descriptor<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Descriptor<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor,
               cudnnDestroyConvolutionDescriptor>;

// Images of one row.
struct Convolution {
  explicit Convolution(const Conv1dParams& p) {
    const auto narrow = [](std::int64_t extent) { return static_cast<int>(extent); };
    const auto image = [&](const TensorDescriptor& tensor, std::int64_t channels,
                           std::int64_t length) {
      check(cudnnSetTensor4dDescriptor(tensor, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, narrow(p.batch),
                                       narrow(channels), 1, narrow(length)));
    };
    image(x, p.in_channels, p.length);
    image(y, p.out_channels, p.positions());
    check(cudnnSetFilter4dDescriptor(w, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NCHW, narrow(p.out_channels),
                                     narrow(p.in_channels), 1, narrow(p.width)));
    check(cudnnSetConvolution2dDescriptor(convolution, 0, 0, 1, 1, 1, 1, CUDNN_CROSS_CORRELATION,
                                          CUDNN_DATA_FLOAT));
    check(cudnnSetConvolutionMathType(convolution, CUDNN_FMA_MATH));  // no TF32
  }

  TensorDescriptor x, y;
  FilterDescriptor w;
  ConvolutionDescriptor convolution;
};

bool fits(const Conv1dParams& p) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return p.groups == 1 && p.batch * p.in_channels * p.length <= kMost &&
         p.batch * p.out_channels * p.positions() <= kMost;
}

// Calls run(memory, bytes, one, before) with the scratch memory that `workspace_size` asks for and
// cuDNN's two factors; false where that says no.
template <typename WorkspaceSize, typename Run>
bool with_workspace(Write write, const WorkspaceSize& workspace_size, const Run& run) {
  std::size_t bytes = 0;
  if (workspace_size(&bytes) != CUDNN_STATUS_SUCCESS) return false;
  Buffer<char> workspace(static_cast<std::int64_t>(bytes), explainn::cuda::in_use());
  const float one = 1;
  const float before = write == Write::overwrite ? 0.0F : 1.0F;
  check(run(workspace.data(), bytes, &one, &before));
  return true;
}

}  // namespace

bool cudnn_forward(const Conv1dParams& p, const float* x, const float* w, float* y) {
  if (!fits(p)) return false;
  const Convolution c(p);
  return with_workspace(
      Write::overwrite,
      [&](std::size_t* bytes) {
        return cudnnGetConvolutionForwardWorkspaceSize(handle(), c.x, c.w, c.convolution, c.y,
                                                       kForward, bytes);
      },
      [&](void* memory, std::size_t bytes, const float* one, const float* before) {
        return cudnnConvolutionForward(handle(), one, c.x, x, c.w, w, c.convolution, kForward,
                                       memory, bytes, before, c.y, y);
      });
}

bool cudnn_backward_input(const Conv1dParams& p, const float* w, const float* dy,
                          Gradient<float> dx) {
  if (!fits(p)) return false;
  const Convolution c(p);
  return with_workspace(
      dx.write,
      [&](std::size_t* bytes) {
        return cudnnGetConvolutionBackwardDataWorkspaceSize(handle(), c.w, c.y, c.convolution, c.x,
                                                            kBackwardInput, bytes);
      },
      [&](void* memory, std::size_t bytes, const float* one, const float* before) {
        return cudnnConvolutionBackwardData(handle(), one, c.w, w, c.y, dy, c.convolution,
                                            kBackwardInput, memory, bytes, before, c.x, dx.data);
      });
}

bool cudnn_backward_weight(const Conv1dParams& p, const float* x, const float* dy,
                           Gradient<float> dw) {
  if (!fits(p)) return false;
  const Convolution c(p);
  return with_workspace(
      dw.write,
      [&](std::size_t* bytes) {
        return cudnnGetConvolutionBackwardFilterWorkspaceSize(handle(), c.x, c.y, c.convolution,
                                                              c.w, kBackwardWeight, bytes);
      },
      [&](void* memory, std::size_t bytes, const float* one, const float* before) {
        return cudnnConvolutionBackwardFilter(handle(), one, c.x, x, c.y, dy, c.convolution,
                                              kBackwardWeight, memory, bytes, before, c.w, dw.data);
      });
}

}  // namespace explainn::kernels::cuda
