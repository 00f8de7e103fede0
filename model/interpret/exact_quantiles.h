// Exact quantiles of many streams of floats in memory that does not grow with them: two passes over
// the same values, each counting 16 bits of a key that orders like the float.
#pragma once

#include <cstdint>
#include <vector>

namespace explainn::model {

/// Quantiles of `streams` streams. Every value is given twice: to add(), then, after
/// begin_second_pass(), to add() again, in any order. Streams are independent of each other:
/// different threads may add to different ones. Memory: 2^16 counts a stream, in the second pass at
/// most so many a stream and fraction.
class ExactQuantiles {
 public:
  /// `fractions` in [0, 1]: 0.5 is the median.
  ExactQuantiles(std::int64_t streams, std::vector<double> fractions);

  /// Counts `value`. NaNs lie beyond the infinities of their sign.
  void add(std::int64_t stream, float value);
  /// Finds where the values asked for are. Throws Error for a stream of 2^32 values or more.
  void begin_second_pass();
  /// After the second pass: with n sorted values the one at (n - 1) fractions[which], between two
  /// of them interpolated in double (numpy's and R's standard); NaN for an empty stream. Throws
  /// std::invalid_argument if the passes had different numbers of values.
  double quantile(std::int64_t stream, std::size_t which) const;

 private:
  // Values whose high halves are equal, among them some that are asked for.
  struct Part {
    std::uint32_t bin;     // the high half
    std::uint64_t before;  // values in the bins before it
    std::uint32_t size;
    bool first_only;                    // nothing but its smallest value is asked for
    std::uint16_t first = 0xffff;       // low half of that
    std::vector<std::uint16_t> lows;    // [size] all low halves ..
    std::vector<std::uint32_t> counts;  // .. or, where that is less, [2^16] how often each
  };
  struct Stream {
    std::uint64_t size = 0;   // values of the running pass
    std::uint64_t total = 0;  // values of the first pass
    std::vector<Part> parts;
  };

  void add_part(Stream& stream, const std::uint32_t* bins, std::uint64_t rank);
  static void add_low(Part& part, std::uint16_t low);
  static double value_at(const Stream& stream, std::uint64_t rank);

  bool second_pass_ = false;
  std::vector<double> fractions_;
  std::vector<Stream> streams_;
  std::vector<std::uint32_t> counts_;  // [streams, 2^16] of high halves, in the first pass
};

}  // namespace explainn::model
