// What the original program notes about a training run (parameters-train.py.json).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace explainn::cli {

struct OriginalParameters {
  std::optional<std::int64_t> input_length;
  std::optional<std::int64_t> pool_size;
  std::optional<std::int64_t> pool_stride;
  std::optional<bool> rev_complement;
  std::optional<std::string> criterion;
};

/// Reads what `convert` needs; other fields are left alone. Names are taken in any spelling of
/// case, blanks and dashes ("Input length"). Throws Error for a file that is no JSON object or a
/// field of the wrong type.
OriginalParameters read_original_parameters(const std::string& path);

}  // namespace explainn::cli
