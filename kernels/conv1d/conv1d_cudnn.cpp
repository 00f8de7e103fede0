#include "kernels/conv1d/conv1d_cudnn.h"

#include <cudnn.h>

#include <limits>
#include <map>
#include <source_location>

#include "kernels/base/error.h"
#include "kernels/cuda/library.h"
#include "kernels/cuda/stream.h"
#include "kernels/memory.h"

namespace explainn::kernels::cuda {
namespace {

// Algorithms that add in one order and need no multiples of anything.
constexpr auto kForward = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
constexpr auto kBackwardInput = CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
constexpr auto kBackwardWeight = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;

// The functions of cuDNN that are called here.
struct Cudnn {
  Library library{EXPLAINN_CUDNN, "libcudnn.so." EXPLAINN_TEXT(CUDNN_MAJOR)};
  decltype(&cudnnGetErrorString) get_error_string =
      EXPLAINN_FUNCTION_OF(library, cudnnGetErrorString);
  decltype(&cudnnCreate) create = EXPLAINN_FUNCTION_OF(library, cudnnCreate);
  decltype(&cudnnDestroy) destroy = EXPLAINN_FUNCTION_OF(library, cudnnDestroy);
  decltype(&cudnnSetStream) set_stream = EXPLAINN_FUNCTION_OF(library, cudnnSetStream);
  decltype(&cudnnCreateTensorDescriptor) create_tensor =
      EXPLAINN_FUNCTION_OF(library, cudnnCreateTensorDescriptor);
  decltype(&cudnnDestroyTensorDescriptor) destroy_tensor =
      EXPLAINN_FUNCTION_OF(library, cudnnDestroyTensorDescriptor);
  decltype(&cudnnSetTensor4dDescriptor) set_tensor =
      EXPLAINN_FUNCTION_OF(library, cudnnSetTensor4dDescriptor);
  decltype(&cudnnCreateFilterDescriptor) create_filter =
      EXPLAINN_FUNCTION_OF(library, cudnnCreateFilterDescriptor);
  decltype(&cudnnDestroyFilterDescriptor) destroy_filter =
      EXPLAINN_FUNCTION_OF(library, cudnnDestroyFilterDescriptor);
  decltype(&cudnnSetFilter4dDescriptor) set_filter =
      EXPLAINN_FUNCTION_OF(library, cudnnSetFilter4dDescriptor);
  decltype(&cudnnCreateConvolutionDescriptor) create_convolution =
      EXPLAINN_FUNCTION_OF(library, cudnnCreateConvolutionDescriptor);
  decltype(&cudnnDestroyConvolutionDescriptor) destroy_convolution =
      EXPLAINN_FUNCTION_OF(library, cudnnDestroyConvolutionDescriptor);
  decltype(&cudnnSetConvolution2dDescriptor) set_convolution =
      EXPLAINN_FUNCTION_OF(library, cudnnSetConvolution2dDescriptor);
  decltype(&cudnnSetConvolutionMathType) set_math_type =
      EXPLAINN_FUNCTION_OF(library, cudnnSetConvolutionMathType);
  decltype(&cudnnGetConvolutionForwardWorkspaceSize) forward_workspace =
      EXPLAINN_FUNCTION_OF(library, cudnnGetConvolutionForwardWorkspaceSize);
  decltype(&cudnnConvolutionForward) forward =
      EXPLAINN_FUNCTION_OF(library, cudnnConvolutionForward);
  decltype(&cudnnGetConvolutionBackwardDataWorkspaceSize) backward_input_workspace =
      EXPLAINN_FUNCTION_OF(library, cudnnGetConvolutionBackwardDataWorkspaceSize);
  decltype(&cudnnConvolutionBackwardData) backward_input =
      EXPLAINN_FUNCTION_OF(library, cudnnConvolutionBackwardData);
  decltype(&cudnnGetConvolutionBackwardFilterWorkspaceSize) backward_weight_workspace =
      EXPLAINN_FUNCTION_OF(library, cudnnGetConvolutionBackwardFilterWorkspaceSize);
  decltype(&cudnnConvolutionBackwardFilter) backward_weight =
      EXPLAINN_FUNCTION_OF(library, cudnnConvolutionBackwardFilter);
};

const Cudnn& cudnn() {
  static const Cudnn functions;
  return functions;
}

void check(cudnnStatus_t status, std::source_location place = std::source_location::current()) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  throw Error(cat("cuDNN: ", cudnn().get_error_string(status), " (", place.file_name(), ":",
                  place.line(), ")"));
}

// Of one thread and one GPU.
class Handle {
 public:
  Handle() {
    check(cudnn().create(&handle_));
    check(cudnn().set_stream(handle_, explainn::cuda::stream()));
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { (void)cudnn().destroy(handle_); }
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
  Descriptor() { check((cudnn().*kCreate)(&descriptor_)); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { (void)(cudnn().*kDestroy)(descriptor_); }
  operator T() const { return descriptor_; }

 private:
  T descriptor_ = nullptr;
};
using TensorDescriptor =
    Descriptor<cudnnTensorDescriptor_t, &Cudnn::create_tensor, &Cudnn::destroy_tensor>;
using FilterDescriptor =
    Descriptor<cudnnFilterDescriptor_t, &Cudnn::create_filter, &Cudnn::destroy_filter>;
using ConvolutionDescriptor = Descriptor<cudnnConvolutionDescriptor_t, &Cudnn::create_convolution,
                                         &Cudnn::destroy_convolution>;

// Images of one row.
struct Convolution {
  explicit Convolution(const Conv1dParams& p) {
    const auto narrow = [](std::int64_t extent) { return static_cast<int>(extent); };
    const auto image = [&](const TensorDescriptor& tensor, std::int64_t channels,
                           std::int64_t length) {
      check(cudnn().set_tensor(tensor, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, narrow(p.batch),
                               narrow(channels), 1, narrow(length)));
    };
    image(x, p.in_channels, p.length);
    image(y, p.out_channels, p.positions());
    check(cudnn().set_filter(w, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NCHW, narrow(p.out_channels),
                             narrow(p.in_channels), 1, narrow(p.width)));
    check(cudnn().set_convolution(convolution, 0, 0, 1, 1, 1, 1, CUDNN_CROSS_CORRELATION,
                                  CUDNN_DATA_FLOAT));
    check(cudnn().set_math_type(convolution, CUDNN_FMA_MATH));  // no TF32
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
        return cudnn().forward_workspace(handle(), c.x, c.w, c.convolution, c.y, kForward, bytes);
      },
      [&](void* memory, std::size_t bytes, const float* one, const float* before) {
        return cudnn().forward(handle(), one, c.x, x, c.w, w, c.convolution, kForward, memory,
                               bytes, before, c.y, y);
      });
}

bool cudnn_backward_input(const Conv1dParams& p, const float* w, const float* dy,
                          Gradient<float> dx) {
  if (!fits(p)) return false;
  const Convolution c(p);
  return with_workspace(
      dx.write,
      [&](std::size_t* bytes) {
        return cudnn().backward_input_workspace(handle(), c.w, c.y, c.convolution, c.x,
                                                kBackwardInput, bytes);
      },
      [&](void* memory, std::size_t bytes, const float* one, const float* before) {
        return cudnn().backward_input(handle(), one, c.w, w, c.y, dy, c.convolution, kBackwardInput,
                                      memory, bytes, before, c.x, dx.data);
      });
}

bool cudnn_backward_weight(const Conv1dParams& p, const float* x, const float* dy,
                           Gradient<float> dw) {
  if (!fits(p)) return false;
  const Convolution c(p);
  return with_workspace(
      dw.write,
      [&](std::size_t* bytes) {
        return cudnn().backward_weight_workspace(handle(), c.x, c.y, c.convolution, c.w,
                                                 kBackwardWeight, bytes);
      },
      [&](void* memory, std::size_t bytes, const float* one, const float* before) {
        return cudnn().backward_weight(handle(), one, c.x, x, c.y, dy, c.convolution,
                                       kBackwardWeight, memory, bytes, before, c.w, dw.data);
      });
}

}  // namespace explainn::kernels::cuda
