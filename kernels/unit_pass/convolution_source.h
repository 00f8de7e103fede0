// The table convolution of a block of units, and its pool. Included by loops_source.h alone.
#pragma once

#include <bit>

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/packed_source.h"
#include "kernels/unit_pass/unrolled_source.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// A value for each unit of a block.
template <typename T, int Bytes>
struct Block {
  using V = Vectors<T, Bytes>;
  static constexpr int kParts = static_cast<int>(kBlockUnits) / V::kLanes;
  typename V::Real part[kParts];

  [[gnu::always_inline]] static Block load(const T* from) {
    Block block;
    for (int i = 0; i < kParts; ++i) block.part[i] = V::load(from + i * V::kLanes);
    return block;
  }
  [[gnu::always_inline]] void store(T* to) const {
    for (int i = 0; i < kParts; ++i) V::store(to + i * V::kLanes, part[i]);
  }
  [[gnu::always_inline]] void add(const T* from) {
    for (int i = 0; i < kParts; ++i) part[i] += V::load(from + i * V::kLanes);
  }
  // In the order of the source: left to itself the compiler finishes one sum after the other.
  [[gnu::always_inline]] void add_now(const T* from) {
    add(from);
    for (typename V::Real& values : part) V::settle(values);
  }
};

template <typename T, int Bytes>
void make_tables(std::int64_t filter, const T* letters, const T* shift, T* tables) {
  using B = Block<T, Bytes>;
  constexpr T kZeros[kBlockUnits] = {};
  for (std::int64_t c = 0; c < tetramer_count(filter); ++c) {
    T* const table = tables + c * kTetramers * kBlockUnits;
    B::load(c == 0 ? shift : kZeros).store(table);
    // Rows of one base more from those there are. Going down, row 0 is overwritten last.
    std::int64_t rows = 1;
    for (std::int64_t k = 4 * c; k < filter && k < 4 * c + 4; ++k, rows *= 4) {
      for (std::int64_t base = 3; base >= 0; --base) {
        const B w = B::load(letters + (k * 4 + base) * kBlockUnits);
        for (std::int64_t row = 0; row < rows; ++row) {
          B sum = w;
          sum.add(table + row * kBlockUnits);
          sum.store(table + (base * rows + row) * kBlockUnits);
        }
      }
    }
  }
}

// The scores of N windows of known bases that follow each other are summed side by side: each is a
// chain of additions, and of separate chains the processor could not keep enough under way. The
// sums fill half of the registers.
template <typename T, int Bytes>
inline constexpr int kWindowsAtOnce = Block<T, Bytes>::kParts == 1   ? 7
                                      : Block<T, Bytes>::kParts == 2 ? 4
                                      : Block<T, Bytes>::kParts == 4 ? 2
                                                                     : 1;

// By the tables of a block, whatever their number.
template <typename T, int Bytes>
class TableScores {
 public:
  TableScores(const ConvolutionParams<T>& p, const EncodedSequence& sequence)
      : tables_(p.tables),
        count_(tetramer_count(p.filter)),
        last_(last_bits(p.filter)),
        packed_(sequence.packed) {}

  [[gnu::always_inline]] void begin(std::int64_t t) { t_ = t; }

  // The scores at t, t + 1, .. of the windows after those before.
  template <int N>
  [[gnu::always_inline]] void next(Block<T, Bytes> (&scores)[N]) {
    std::uint64_t word = bases_from(packed_, t_);
    for (int i = 0; i < N; ++i) scores[i] = Block<T, Bytes>::load(row(0, word >> (2 * i)));
    for (std::int64_t c = 1; c < count_; ++c) {
      word = bases_from(packed_, t_ + 4 * c);
      for (int i = 0; i < N; ++i) scores[i].add_now(row(c, word >> (2 * i)));
    }
    t_ += N;
  }

  // What the last table looks at of its mer.
  static std::uint64_t last_bits(std::int64_t filter) {
    return (std::uint64_t{1} << (2 * (filter - (tetramer_count(filter) - 1) * 4))) - 1;
  }

 private:
  [[gnu::always_inline]] const T* row(std::int64_t table, std::uint64_t word) const {
    const std::uint64_t mer = word & (table + 1 < count_ ? kTetramers - 1 : last_);
    return tables_ + (table * kTetramers + static_cast<std::int64_t>(mer)) * kBlockUnits;
  }

  const T* tables_;
  std::int64_t count_;
  std::uint64_t last_;
  const std::uint8_t* packed_;
  std::int64_t t_ = 0;
};

// The same where the number of tables, more than one, is known when compiling and all windows from
// begin() to the last next() lie in one word.
template <typename T, int Bytes, int Tables>
class WordScores {
 public:
  static bool suits(const ConvolutionParams<T>& p) {
    return tetramer_count(p.filter) == Tables && p.pool - 1 + 4 * Tables <= kWordBases;
  }

  WordScores(const ConvolutionParams<T>& p, const EncodedSequence& sequence)
      : tables_(reinterpret_cast<const char*>(p.tables)),
        last_(TableScores<T, Bytes>::last_bits(p.filter) * kRowBytes),
        packed_(sequence.packed) {}

  [[gnu::always_inline]] void begin(std::int64_t t) { word_ = bases_from(packed_, t); }

  template <int N>
  [[gnu::always_inline]] void next(Block<T, Bytes> (&scores)[N]) {
    // By the place of the tetramer, so that it is looked up once for all windows that have it.
    unrolled<N + 4 * (Tables - 1)>([&](auto place) __attribute__((always_inline)) {
      unrolled<Tables>([&](auto table) __attribute__((always_inline)) {
        if constexpr (constexpr int i = place - 4 * table; i >= 0 && i < N) {
          if constexpr (table == 0) {
            scores[i] = Block<T, Bytes>::load(row(table, i));
          } else {
            scores[i].add_now(row(table, i));
          }
        }
      });
    });
    word_ >>= 2 * N;
  }

 private:
  static constexpr std::uint64_t kRowBytes = kBlockUnits * sizeof(T);
  static constexpr int kRowShift = std::countr_zero(kRowBytes);

  // Row of the mer `table` mers after base i. Its place times the bytes of a row (a power of two)
  // in one shift.
  [[gnu::always_inline]] const T* row(int table, int i) const {
    constexpr std::uint64_t kTableBytes = kTetramers * kRowBytes;
    const int shift = 2 * (4 * table + i) - kRowShift;
    const std::uint64_t bytes =
        std::rotr(word_, shift) & (table + 1 < Tables ? (kTetramers - 1) * kRowBytes : last_);
    return reinterpret_cast<const T*>(tables_ + static_cast<std::uint64_t>(table) * kTableBytes +
                                      bytes);
  }

  const char* tables_;
  std::uint64_t last_;
  const std::uint8_t* packed_;
  std::uint64_t word_ = 0;
};

// Scores computed before.
template <typename T, int Bytes>
class StoredScores {
 public:
  explicit StoredScores(const T* scores) : scores_(scores) {}
  [[gnu::always_inline]] void begin(std::int64_t t) { at_ = scores_ + t * kBlockUnits; }
  template <int N>
  [[gnu::always_inline]] void next(Block<T, Bytes> (&scores)[N]) {
    for (int i = 0; i < N; ++i) scores[i] = Block<T, Bytes>::load(at_ + i * kBlockUnits);
    at_ += N * kBlockUnits;
  }

 private:
  const T* scores_;
  const T* at_ = nullptr;
};

template <typename T, int Bytes>
[[gnu::always_inline]] inline Block<T, Bytes> score_by_letters(const ConvolutionParams<T>& p,
                                                               const std::uint8_t* bases) {
  Block<T, Bytes> sum = Block<T, Bytes>::load(p.shift);
  for (std::int64_t k = 0; k < p.filter; ++k) {
    if (bases[k] < 4) sum.add(p.letters + (k * 4 + bases[k]) * kBlockUnits);
  }
  return sum;
}

template <typename T, int Bytes>
void convolve(const ConvolutionParams<T>& p, const EncodedSequence& s, T* scores) {
  constexpr int kAtOnce = kWindowsAtOnce<T, Bytes>;
  using B = Block<T, Bytes>;
  TableScores<T, Bytes> tables(p, s);
  const std::int64_t n = p.positions();
  for (std::int64_t t = 0; t < n;) {
    tables.begin(t);
    if (t + kAtOnce <= n && all_known(s, t, p.filter + kAtOnce - 1)) {
      B many[kAtOnce];
      tables.next(many);
      for (const B& one : many) one.store(scores + t++ * kBlockUnits);
    } else {
      B one[1] = {score_by_letters<T, Bytes>(p, s.bases + t)};
      if (all_known(s, t, p.filter)) tables.next(one);
      one[0].store(scores + t++ * kBlockUnits);
    }
  }
}

// The largest score of a pool window and where it stands from the window's first, the first of
// equals.
template <typename T, int Bytes, bool Places>
struct Largest {
  using B = Block<T, Bytes>;
  using Int = typename B::V::Int;
  B best;
  Int place[B::kParts] = {};

  [[gnu::always_inline]] void take(const B& here, std::int64_t i) {
    for (int part = 0; part < B::kParts; ++part) {
      if constexpr (Places) {
        place[part] = best.part[part] < here.part[part]
                          ? Int{} + static_cast<typename B::V::Integer>(i)
                          : place[part];
      }
      best.part[part] = B::V::larger(best.part[part], here.part[part]);
    }
  }

  [[gnu::always_inline]] void store_places(PoolPlace* to) const {
    for (int part = 0; part < B::kParts; ++part) {
      B::V::store_low_halves(to + part * B::V::kLanes, place[part]);
    }
  }
};

// P is Head plus a multiple of kWindowsAtOnce.
template <int Head, typename T, int Bytes, bool Places, typename Scores>
void pool_from(const ConvolutionParams<T>& p, Scores scores, T* maxima, PoolPlace* places) {
  constexpr int kAtOnce = kWindowsAtOnce<T, Bytes>;
  using B = Block<T, Bytes>;
  for (std::int64_t q = 0; q < p.pooled; ++q) {
    scores.begin(q * p.stride);
    B head[Head];
    scores.next(head);
    Largest<T, Bytes, Places> largest{.best = head[0]};
    for (int i = 1; i < Head; ++i) largest.take(head[i], i);
    for (std::int64_t i = Head; i < p.pool; i += kAtOnce) {
      B many[kAtOnce];
      scores.next(many);
      for (int j = 0; j < kAtOnce; ++j) largest.take(many[j], i + j);
    }
    largest.best.store(maxima + q * kBlockUnits);
    if constexpr (Places) largest.store_places(places + q * kBlockUnits);
  }
}

template <typename T, int Bytes, bool Places, int Head = 1, typename Scores>
void pool(const ConvolutionParams<T>& p, const Scores& scores, T* maxima, PoolPlace* places) {
  constexpr int kAtOnce = kWindowsAtOnce<T, Bytes>;
  if constexpr (Head < kAtOnce) {
    if (p.pool % kAtOnce != Head) {
      return pool<T, Bytes, Places, Head + 1>(p, scores, maxima, places);
    }
  }
  pool_from<Head, T, Bytes, Places>(p, scores, maxima, places);
}

// Windows that overlap share their scores; those with unknown bases are computed by letters.
template <typename T, int Bytes, bool Places>
void convolve_and_pool_as(const ConvolutionParams<T>& p, const EncodedSequence& s, T* row_scratch,
                          T* maxima, PoolPlace* places) {
  using OfPaper = WordScores<T, Bytes, 5>;  // filters of 19 bases
  if (s.unknown != nullptr || p.stride < p.pool) {
    convolve<T, Bytes>(p, s, row_scratch);
    pool<T, Bytes, Places>(p, StoredScores<T, Bytes>(row_scratch), maxima, places);
  } else if (OfPaper::suits(p)) {
    pool<T, Bytes, Places>(p, OfPaper(p, s), maxima, places);
  } else {
    pool<T, Bytes, Places>(p, TableScores<T, Bytes>(p, s), maxima, places);
  }
}

template <typename T, int Bytes>
void convolve_and_pool(const ConvolutionParams<T>& p, const EncodedSequence& s, T* row_scratch,
                       T* maxima, PoolPlace* places) {
  (places == nullptr ? convolve_and_pool_as<T, Bytes, false>
                     : convolve_and_pool_as<T, Bytes, true>)(p, s, row_scratch, maxima, places);
}

}  // namespace
}  // namespace explainn::kernels
