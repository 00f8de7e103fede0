# The kernels of a GPU in a simulation of one (tests/simt): their .cu files compiled as C++ against
# stand-in headers, so that the tests run every kernel, under sanitizers too, without a GPU.
if(EXPLAINN_HAS_CUDA)
  message(FATAL_ERROR "EXPLAINN_SIMT stands in for CUDA: set EXPLAINN_CUDA=OFF beside it")
endif()

# Fibers and their scheduler are never instrumented, only told which sanitizer there is.
set(simt ${PROJECT_SOURCE_DIR}/tests/simt)
add_library(simt_machine OBJECT
  ${simt}/device_memory.cpp ${simt}/diagnosis.cpp ${simt}/exchanges.cpp ${simt}/fiber.cpp
  ${simt}/launch.cpp ${simt}/runtime_api.cpp ${simt}/scheduler.cpp ${simt}/shared_chunks.cpp
  ${simt}/turn_order.cpp ${simt}/waiting.cpp)
target_include_directories(simt_machine PRIVATE ${simt}/include ${PROJECT_SOURCE_DIR})
target_compile_options(simt_machine PRIVATE -Wall -Wextra -Wshadow -Werror -O2)
if(EXPLAINN_SANITIZE MATCHES address)
  target_compile_definitions(simt_machine PRIVATE SIMT_ASAN)
elseif(EXPLAINN_SANITIZE MATCHES thread)
  target_compile_definitions(simt_machine PRIVATE SIMT_TSAN)
endif()

# Makes the room of the kernels run them in the simulation.
function(simulate_device room)
  get_target_property(cu ${room} SOURCES)
  list(FILTER cu INCLUDE REGEX "\\.cu$")
  set_source_files_properties(${cu} PROPERTIES LANGUAGE CXX
    # Equal kernels keep addresses of their own, by which they are known.
    COMPILE_OPTIONS "-xc++;-fno-ipa-icf")
  target_sources(${room} PRIVATE $<TARGET_OBJECTS:simt_machine>)
  target_include_directories(${room} BEFORE PUBLIC ${PROJECT_SOURCE_DIR}/tests/simt/include)
  target_compile_definitions(${room} PUBLIC EXPLAINN_SIMT EXPLAINN_CUDA)
  # Hints for nvcc.
  target_compile_options(${room} PUBLIC -Wno-unknown-pragmas)
endfunction()
