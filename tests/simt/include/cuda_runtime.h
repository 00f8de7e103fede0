// Stands in for CUDA's header of this name where kernels are compiled as C++ for the tests. What is
// missing here is missing on purpose or not used yet: raw __shared__ (use SHARED), __activemask,
// atomics on floats.
#pragma once

#define __global__
#define __device__
#define __host__
#define __constant__ const
#define __grid_constant__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)

#include "simt/atomics.h"
#include "simt/device.h"
#include "simt/intrinsics.h"
#include "simt/launch.h"
#include "simt/runtime_api.h"
#include "simt/vector_types.h"
#include "simt/votes.h"
#include "simt/warp.h"
