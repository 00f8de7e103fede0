// Fibers: functions with stacks of their own that one thread of the host runs in turns. Sanitizers
// are told of each switch; to ThreadSanitizer fibers are threads that nothing orders.
#pragma once

#include <cstddef>

#if defined(__x86_64__) && !defined(SIMT_UCONTEXT)
#define SIMT_ASSEMBLY
#else
#include <ucontext.h>
#endif

namespace explainn::simt {

/// Where a fiber, or the host, stands while another runs.
#ifdef SIMT_ASSEMBLY
using Context = void*;
#else
using Context = ucontext_t;
#endif

struct Fiber {
  Context context{};
  char* stack = nullptr;       ///< its lowest byte
  void* fake_stack = nullptr;  ///< AddressSanitizer's
  void* tsan_fiber = nullptr;  ///< ThreadSanitizer's
};

inline constexpr std::size_t kStackBytes = std::size_t{128} << 10;

/// Stacks with guard pages below them; kept until the program's end. Those given before stay valid.
char* stack_number(std::size_t index);

/// Makes `fiber` start at `entry`, which must never return, at the next switch.
void prepare(Fiber& fiber, void (*entry)());
/// The first thing that `entry` does.
void arrive_in_fiber(const Fiber& fiber);
/// From the host to the fiber; returns when it switches back.
void switch_to(Fiber& fiber);
/// From the fiber to the host; returns, unless `ends`, when it is switched to again.
void switch_to_host(Fiber& fiber, bool ends);
/// After the fiber's end, or instead of it (`midway`). Everything it did comes before what the host
/// does next.
void dismiss(Fiber& fiber, bool midway);

/// ThreadSanitizer: what came before the release comes before what follows the acquire.
void release(const void* address);
void acquire(const void* address);

#ifdef SIMT_TSAN
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace explainn::simt
