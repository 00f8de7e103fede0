// The tensors of a PyTorch checkpoint (.pth): a zip of stored entries with one pickle. The pickle
// is interpreted by a machine that knows the opcodes of plain data and the few globals of tensors
// and refuses everything else; nothing from the file is ever executed.
#pragma once

#include <string>

#include "data/safetensors.h"

namespace explainn::data {

/// Reads the state_dict in `path` in its own order; float, double, int64 and uint8 storages. It may
/// also be a dict that holds the state_dict under the key `state_dict` or `model_state_dict` beside
/// other plain values. Strided tensors are made contiguous. Throws Error with the path and what is
/// wrong (other globals, sizes or offsets beyond the file, compressed entries, opcodes that do not
/// belong).
TensorFile read_torch_checkpoint(const std::string& path);

/// True if the file begins like a zip archive; false also if it cannot be read.
bool is_zip(const std::string& path);

}  // namespace explainn::data
