#include "tests/simt/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#ifdef SIMT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SIMT_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace explainn::simt {
namespace {

Context host_context;
[[maybe_unused]] void* host_tsan_fiber = nullptr;
[[maybe_unused]] void* host_fake_stack = nullptr;
[[maybe_unused]] const void* host_stack = nullptr;
[[maybe_unused]] std::size_t host_stack_bytes = 0;

// Stacks are mapped by many at once; each lies above a guard page.
struct Slab {
  char* memory;
};
constexpr std::size_t kSlabStacks = 64;

}  // namespace

#ifdef SIMT_ASSEMBLY

// Saves what a function must keep and the stack pointer in `from`, takes those of `to`.
extern "C" void explainn_simt_swap(Context* from, Context to);
asm(R"(
.text
.p2align 4
.globl explainn_simt_swap
.hidden explainn_simt_swap
.type explainn_simt_swap, @function
explainn_simt_swap:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size explainn_simt_swap, . - explainn_simt_swap
)");

namespace {

void swap(Context& from, Context& to) {
  explainn_simt_swap(&from, to);
}

void make_context(Fiber& fiber, void (*entry)()) {
  // The end of the stack differs from fiber to fiber, or all would meet in one set of the cache.
  const std::size_t shift = reinterpret_cast<std::uintptr_t>(fiber.stack) / kStackBytes % 32 * 128;
  auto* top = reinterpret_cast<std::uintptr_t*>(fiber.stack + kStackBytes - shift);
  *--top = 0;  // no caller
  *--top = reinterpret_cast<std::uintptr_t>(entry);
  for (int saved = 0; saved < 6; ++saved) *--top = 0;
  fiber.context = top;
}

}  // namespace

#else

namespace {

void swap(Context& from, Context& to) {
  swapcontext(&from, &to);
}

void make_context(Fiber& fiber, void (*entry)()) {
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack;
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, entry, 0);
}

}  // namespace

#endif

char* stack_number(std::size_t index) {
  static std::vector<Slab> slabs;
  static const std::size_t guard = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t pitch = guard + kStackBytes;
  while (slabs.size() <= index / kSlabStacks) {
    void* memory = mmap(nullptr, pitch * kSlabStacks, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      std::perror("stacks of simulated threads");
      std::abort();
    }
    for (std::size_t i = 0; i < kSlabStacks; ++i) {
      mprotect(static_cast<char*>(memory) + i * pitch, guard, PROT_NONE);
    }
    slabs.push_back({static_cast<char*>(memory)});
  }
  return slabs[index / kSlabStacks].memory + index % kSlabStacks * pitch + guard;
}

void prepare(Fiber& fiber, void (*entry)()) {
  make_context(fiber, entry);
  fiber.fake_stack = nullptr;
#ifdef SIMT_TSAN
  fiber.tsan_fiber = __tsan_create_fiber(0);
#endif
}

void arrive_in_fiber([[maybe_unused]] const Fiber& fiber) {
#ifdef SIMT_ASAN
  __sanitizer_finish_switch_fiber(fiber.fake_stack, &host_stack, &host_stack_bytes);
#endif
}

void switch_to(Fiber& fiber) {
#ifdef SIMT_ASAN
  __sanitizer_start_switch_fiber(&host_fake_stack, fiber.stack, kStackBytes);
#endif
#ifdef SIMT_TSAN
  host_tsan_fiber = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(fiber.tsan_fiber, __tsan_switch_to_fiber_no_sync);
#endif
  swap(host_context, fiber.context);
#ifdef SIMT_ASAN
  __sanitizer_finish_switch_fiber(host_fake_stack, nullptr, nullptr);
#endif
}

void switch_to_host(Fiber& fiber, [[maybe_unused]] bool ends) {
#ifdef SIMT_ASAN
  __sanitizer_start_switch_fiber(ends ? nullptr : &fiber.fake_stack, host_stack, host_stack_bytes);
#endif
#ifdef SIMT_TSAN
  __tsan_switch_to_fiber(host_tsan_fiber, __tsan_switch_to_fiber_no_sync);
#endif
  swap(fiber.context, host_context);
  arrive_in_fiber(fiber);
}

void dismiss([[maybe_unused]] Fiber& fiber, [[maybe_unused]] bool midway) {
#ifdef SIMT_ASAN
  // Its frames have left their red zones.
  if (midway) __asan_unpoison_memory_region(fiber.stack, kStackBytes);
#endif
#ifdef SIMT_TSAN
  static char ends;
  void* const host = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(fiber.tsan_fiber, __tsan_switch_to_fiber_no_sync);
  __tsan_release(&ends);
  __tsan_switch_to_fiber(host, __tsan_switch_to_fiber_no_sync);
  __tsan_acquire(&ends);
  __tsan_destroy_fiber(fiber.tsan_fiber);
  fiber.tsan_fiber = nullptr;
#endif
}

void release([[maybe_unused]] const void* address) {
#ifdef SIMT_TSAN
  __tsan_release(const_cast<void*>(address));
#endif
}

void acquire([[maybe_unused]] const void* address) {
#ifdef SIMT_TSAN
  __tsan_acquire(const_cast<void*>(address));
#endif
}

}  // namespace explainn::simt
