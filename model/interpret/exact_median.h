// Exact medians of many streams of floats in memory that does not grow with them: two passes over
// the same values, each counting 16 bits of a key that orders like the float.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace explainn::model {

/// Medians of `streams` streams. Every value is given twice: to add(), then, after
/// begin_second_pass(), to add() again, in any order. Streams are independent of each other:
/// different threads may add to different ones. Memory: 2^16 counts a stream.
class ExactMedian {
 public:
  explicit ExactMedian(std::int64_t streams);

  /// Counts `value`. NaNs lie beyond the infinities of their sign.
  void add(std::int64_t stream, float value);
  /// Finds where the middle values are. Throws Error for a stream of 2^32 values or more.
  void begin_second_pass();
  /// After the second pass: the middle value, or the mean of the two middle ones in double; NaN for
  /// an empty stream. Throws std::invalid_argument if the passes had different numbers of values.
  double median(std::int64_t stream) const;

 private:
  struct Stream {
    std::uint64_t size = 0;   // values of the running pass
    std::uint64_t total = 0;  // values of the first pass
    // High halves of the keys of the two middle values (equal for an odd total) ...
    std::uint32_t lower_bin = 0;
    std::uint32_t upper_bin = 0;
    // ... and how many values lie in bins before lower_bin.
    std::uint64_t before = 0;
    // Where the bins differ, the middle values are the last of one and the first of the other.
    std::uint32_t last_of_lower = 0;
    std::uint32_t first_of_upper = std::numeric_limits<std::uint32_t>::max();
  };

  std::uint32_t* bins(std::int64_t stream);
  const std::uint32_t* bins(std::int64_t stream) const;

  bool second_pass_ = false;
  std::vector<Stream> streams_;
  std::vector<std::uint32_t> counts_;  // [streams, 2^16]: of high halves, then of low ones
};

}  // namespace explainn::model
