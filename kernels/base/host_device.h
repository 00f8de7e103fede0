// Marks what runs on the CPU and in CUDA kernels alike.
#pragma once

#ifdef __CUDACC__
#define EXPLAINN_HOST_DEVICE __host__ __device__
#else
#define EXPLAINN_HOST_DEVICE
#endif
