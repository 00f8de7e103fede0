// What a fuzzer calls: libFuzzer's own entry, so that it and the driver here take the same targets.
#pragma once

#include <cstddef>
#include <cstdint>

/// Feeds one input to the code under test and ends the program if a promise is broken. Returns 0 if
/// the input was taken, -1 if it was refused (libFuzzer then leaves it out of its corpus).
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
