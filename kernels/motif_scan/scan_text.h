// Parts of sequences, joined to one text that the loops of the motif scan read. Unknown bases are
// left out; what windows lie in one run of bases is kept beside.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace explainn::kernels {

/// Bases of a sequence that follow each other.
struct TextPart {
  std::span<const std::uint8_t> bases;  ///< 0..3, or 4 for unknown
  /// Windows that begin at the first `own` bases belong to the part. The bases behind are there to
  /// complete them.
  std::int64_t own = 0;
};

/// Known bases of a part that follow each other.
struct TextRun {
  std::int64_t begin;  ///< in the text
  std::int64_t length;
  std::int64_t part;
  std::int64_t offset;  ///< in the part
  std::int64_t own;     ///< as TextPart has it, >= 1

  /// Windows of `width` bases that belong to the part.
  std::int64_t windows(std::int64_t width) const {
    const std::int64_t all = length - width + 1;
    return all < 0 ? 0 : all < own ? all : own;
  }
};

class ScanText {
 public:
  /// Replaces the text.
  void assign(std::span<const TextPart> parts);

  std::int64_t parts() const { return parts_; }
  /// Known bases.
  std::int64_t length() const { return length_; }
  /// Windows of `width` known bases, of one strand.
  std::int64_t windows(std::int64_t width) const;
  /// Ascending in part and place.
  const std::vector<TextRun>& runs() const { return runs_; }
  const std::uint8_t* codes() const { return codes_.data(); }
  const std::uint16_t* wide_codes() const { return wide_codes_.data(); }

 private:
  std::int64_t parts_ = 0;
  std::int64_t length_ = 0;
  std::vector<TextRun> runs_;
  std::vector<std::uint8_t> codes_;  // with their padding
  std::vector<std::uint16_t> wide_codes_;
};

}  // namespace explainn::kernels
