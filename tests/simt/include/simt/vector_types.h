// CUDA's small vector types, with its alignments.
#pragma once

#define SIMT_VECTOR_2(name, type, alignment) \
  struct alignas(alignment) name {           \
    type x, y;                               \
  };                                         \
  inline name make_##name(type x, type y) {  \
    return {x, y};                           \
  }
#define SIMT_VECTOR_3(name, type)                   \
  struct name {                                     \
    type x, y, z;                                   \
  };                                                \
  inline name make_##name(type x, type y, type z) { \
    return {x, y, z};                               \
  }
#define SIMT_VECTOR_4(name, type, alignment)                \
  struct alignas(alignment) name {                          \
    type x, y, z, w;                                        \
  };                                                        \
  inline name make_##name(type x, type y, type z, type w) { \
    return {x, y, z, w};                                    \
  }

SIMT_VECTOR_2(float2, float, 8)
SIMT_VECTOR_3(float3, float)
SIMT_VECTOR_4(float4, float, 16)
SIMT_VECTOR_2(double2, double, 16)
SIMT_VECTOR_4(double4, double, 16)
SIMT_VECTOR_2(int2, int, 8)
SIMT_VECTOR_3(int3, int)
SIMT_VECTOR_4(int4, int, 16)
using uint = unsigned int;
SIMT_VECTOR_2(uint2, unsigned int, 8)
SIMT_VECTOR_3(uint3, unsigned int)
SIMT_VECTOR_4(uint4, unsigned int, 16)
SIMT_VECTOR_2(longlong2, long long, 16)
SIMT_VECTOR_2(ulonglong2, unsigned long long, 16)
using uchar = unsigned char;
SIMT_VECTOR_2(uchar2, unsigned char, 2)
SIMT_VECTOR_4(uchar4, unsigned char, 4)
SIMT_VECTOR_4(char4, signed char, 4)
SIMT_VECTOR_2(ushort2, unsigned short, 4)
SIMT_VECTOR_4(ushort4, unsigned short, 8)

#undef SIMT_VECTOR_2
#undef SIMT_VECTOR_3
#undef SIMT_VECTOR_4

struct dim3 {
  unsigned int x, y, z;
  constexpr dim3(unsigned int columns = 1, unsigned int rows = 1, unsigned int layers = 1)
      : x(columns), y(rows), z(layers) {}
  constexpr dim3(uint3 sizes) : x(sizes.x), y(sizes.y), z(sizes.z) {}
};
