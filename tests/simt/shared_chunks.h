// The shared memory of a simulated block.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace explainn::simt {

struct ChunkRequest {
  const void* key = nullptr;  ///< of a shared array; null: dynamic memory
  int index = 0;              ///< of a piece of dynamic memory
  std::size_t bytes = 0;
  std::size_t alignment = 16;
};

struct Chunk {
  ChunkRequest request;
  void* memory = nullptr;
};

/// Chunks are found by key or index; freed together.
class SharedChunks {
 public:
  SharedChunks() = default;
  SharedChunks(SharedChunks&& other) noexcept : chunks_(std::move(other.chunks_)) {
    other.chunks_.clear();
  }
  SharedChunks& operator=(SharedChunks&&) = delete;
  ~SharedChunks() { clear(); }

  /// Null where there is none.
  const Chunk* find(const void* key, int index) const;
  /// A new one, all bytes set. Called by the host.
  void add(const ChunkRequest& request);
  void clear();
  /// Bytes of dynamic memory (pieces begin at multiples of 16) or of shared arrays.
  std::size_t bytes(bool dynamic) const;

 private:
  std::vector<Chunk> chunks_;
};

}  // namespace explainn::simt
