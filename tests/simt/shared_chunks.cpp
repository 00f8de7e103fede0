#include "tests/simt/shared_chunks.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "tests/simt/machine.h"
#include "tests/simt/scheduler.h"

namespace explainn::simt {

const Chunk* SharedChunks::find(const void* key, int index) const {
  for (const Chunk& chunk : chunks_) {
    if (chunk.request.key == key && chunk.request.index == index) return &chunk;
  }
  return nullptr;
}

void SharedChunks::add(const ChunkRequest& request) {
  void* memory = nullptr;
  const std::size_t alignment = std::max(request.alignment, std::size_t{16});
  if (posix_memalign(&memory, alignment, request.bytes) != 0) throw std::bad_alloc();
  std::memset(memory, 0xFF, request.bytes);
  release(memory);
  chunks_.push_back({request, memory});
}

void SharedChunks::clear() {
  for (const Chunk& chunk : chunks_) std::free(chunk.memory);
  chunks_.clear();
}

std::size_t SharedChunks::bytes(bool dynamic) const {
  std::size_t sum = 0;
  for (const Chunk& chunk : chunks_) {
    if ((chunk.request.key == nullptr) == dynamic) sum += (chunk.request.bytes + 15) / 16 * 16;
  }
  return sum;
}

namespace {

// The host allocates: what the running thread allocates would count as its write.
void* chunk(const ChunkRequest& request) {
  SharedChunks& chunks = current->block->shared;
  const Chunk* found = chunks.find(request.key, request.index);
  if (found == nullptr) {
    launched->chunk_request = request;
    launched->chunk_wanted_by = current;
    switch_to_host(current->fiber, false);
    found = chunks.find(request.key, request.index);
  }
  if (found->request.bytes != request.bytes) {
    failed("takes " + std::to_string(request.bytes) +
           " bytes of shared memory where another took " + std::to_string(found->request.bytes));
    stop();
  }
  acquire(found->memory);
  return found->memory;
}

}  // namespace

void* shared_chunk(const void* key, std::size_t bytes, std::size_t alignment) {
  void* const memory = chunk({key, 0, bytes, alignment});
  if (current->block->shared.bytes(false) > kSharedBytes) {
    failed("has more than " + std::to_string(kSharedBytes) + " bytes of shared arrays");
    stop();
  }
  return memory;
}

void* dynamic_chunk(int index, std::size_t bytes) {
  void* const memory = chunk({nullptr, index, bytes, 16});
  const std::size_t sum = current->block->shared.bytes(true);
  // The last piece needs no padding.
  if (sum > (launched->config->dynamicSmemBytes + 15) / 16 * 16) {
    failed("takes " + std::to_string(sum) + " bytes of dynamic shared memory; the launch gave " +
           std::to_string(launched->config->dynamicSmemBytes));
    stop();
  }
  return memory;
}

}  // namespace explainn::simt
