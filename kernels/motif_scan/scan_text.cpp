#include "kernels/motif_scan/scan_text.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/motif_scan/loops.h"

namespace explainn::kernels {

void ScanText::assign(std::span<const TextPart> parts) {
  parts_ = static_cast<std::int64_t>(parts.size());
  runs_.clear();
  codes_.clear();
  for (std::int64_t p = 0; p < parts_; ++p) {
    const TextPart& part = parts[static_cast<std::size_t>(p)];
    const auto begin = part.bases.begin();
    const auto known = [](std::uint8_t base) { return base < 4; };
    for (auto at = std::find_if(begin, part.bases.end(), known); at != part.bases.end();) {
      const auto end = std::find_if_not(at, part.bases.end(), known);
      const std::int64_t offset = at - begin;
      if (offset < part.own) {
        const auto text_begin = static_cast<std::int64_t>(codes_.size());
        runs_.push_back({text_begin, end - at, p, offset, part.own - offset});
        codes_.insert(codes_.end(), at, end);
      }
      at = std::find_if(end, part.bases.end(), known);
    }
  }
  length_ = static_cast<std::int64_t>(codes_.size());
  require(length_ <= kMostTextBases, "motif_scan", "a text of ", length_, " bases");
  codes_.resize(codes_.size() + kCodePadding, 0);
  for (std::size_t i = 0; i + 1 < codes_.size(); ++i) {
    codes_[i] = static_cast<std::uint8_t>(codes_[i] + 4 * codes_[i + 1]);
  }
  wide_codes_.assign(codes_.begin(), codes_.end());
}

std::int64_t ScanText::windows(std::int64_t width) const {
  std::int64_t sum = 0;
  for (const TextRun& run : runs_) sum += run.windows(width);
  return sum;
}

}  // namespace explainn::kernels
