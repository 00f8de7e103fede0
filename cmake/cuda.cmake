# CUDA where there is an nvcc; without one the build is the CPU program. cuDNN where CUDA and cuDNN
# are; without it dense convolutions run on kernels of our own.
set(EXPLAINN_CUDA AUTO CACHE STRING "CUDA kernels: AUTO (where nvcc is found), ON or OFF")
set_property(CACHE EXPLAINN_CUDA PROPERTY STRINGS AUTO ON OFF)

set(EXPLAINN_CUDNN AUTO CACHE STRING "cuDNN for dense convolutions: AUTO (where found), ON or OFF")
set_property(CACHE EXPLAINN_CUDNN PROPERTY STRINGS AUTO ON OFF)

set(EXPLAINN_HAS_CUDA OFF)
set(EXPLAINN_HAS_CUDNN OFF)
if(NOT EXPLAINN_CUDA STREQUAL OFF)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(EXPLAINN_HAS_CUDA ON)
  elseif(NOT EXPLAINN_CUDA STREQUAL AUTO)
    message(FATAL_ERROR "EXPLAINN_CUDA is ON, but there is no nvcc: put the toolkit's bin folder on "
      "the PATH or set CMAKE_CUDA_COMPILER")
  endif()
endif()

if(EXPLAINN_HAS_CUDA)
  # The usual machines (A100, RTX 30, RTX 40, H100/H200), and PTX for later ones.
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 86-real 89-real 90)
  endif()
  if(CCACHE_PROGRAM)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  endif()
  enable_language(CUDA)
  # CMake 3.25 does not know nvcc's C++20.
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG")
  find_package(CUDAToolkit REQUIRED)
  if(NOT EXPLAINN_CUDNN STREQUAL OFF)
    # In the toolkit's folders or in the system's.
    find_path(CUDNN_INCLUDE_DIR cudnn.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
    find_library(CUDNN_LIBRARY cudnn HINTS ${CUDAToolkit_LIBRARY_DIR})
    if(CUDNN_INCLUDE_DIR AND CUDNN_LIBRARY)
      set(EXPLAINN_HAS_CUDNN ON)
    elseif(NOT EXPLAINN_CUDNN STREQUAL AUTO)
      message(FATAL_ERROR "EXPLAINN_CUDNN is ON, but there is no cuDNN: set CUDNN_INCLUDE_DIR and "
        "CUDNN_LIBRARY")
    endif()
  endif()
  message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION} for ${CMAKE_CUDA_ARCHITECTURES}, cuDNN: ${EXPLAINN_HAS_CUDNN}")
else()
  message(STATUS "No CUDA: the CPU program")
endif()
