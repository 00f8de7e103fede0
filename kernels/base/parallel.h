// One way to use several cores: a list of parts, of which each thread does its share and then what is
// left of the others'. What a part computes follows from sizes alone, never from the number of
// threads, so results are the same bits for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace explainn {

/// The number of threads parallel_for uses (>= 1).
int thread_count();
/// Sets it. Requires count >= 1.
void set_thread_count(int count);

namespace detail {
using PartFunction = void (*)(const void* body, std::int64_t part);
enum class PartOrder { ascending, descending };
void run_parts(std::int64_t parts, PartOrder order, PartFunction call, const void* body);

template <typename Body>
void run_parts(std::int64_t parts, PartOrder order, const Body& body) {
  run_parts(
      parts, order,
      [](const void* object, std::int64_t part) { (*static_cast<const Body*>(object))(part); },
      std::addressof(body));
}
}  // namespace detail

/// Calls body(part) once for every part in 0..parts-1, in any order and on any thread; returns when
/// all are done. The first exception thrown by a part is rethrown here. Parts must not call
/// parallel_for themselves.
template <typename Body>
void parallel_for(std::int64_t parts, const Body& body) {
  detail::run_parts(parts, detail::PartOrder::ascending, body);
}

/// As parallel_for, each thread going through its share from the end: after a parallel_for of as
/// many parts it begins with what its core's cache still holds.
template <typename Body>
void parallel_for_descending(std::int64_t parts, const Body& body) {
  detail::run_parts(parts, detail::PartOrder::descending, body);
}

/// Calls body(begin, end) for consecutive blocks of `block` (the last one shorter) of 0..size-1.
template <typename Body>
void parallel_blocks(std::int64_t size, std::int64_t block, const Body& body) {
  parallel_for((size + block - 1) / block, [&](std::int64_t part) {
    const std::int64_t begin = part * block;
    body(begin, begin + block < size ? begin + block : size);
  });
}

}  // namespace explainn
