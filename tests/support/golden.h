// Golden files: numbers that another program computed (tests/golden, with the scripts).
#pragma once

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "data/safetensors.h"

namespace explainn::test {

/// A safetensors file under tests/golden, e.g. Golden("network/losses.safetensors").
class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(data::read_safetensors(EXPLAINN_TEST_FILES "/golden/" + name)) {}

  /// A tensor; throws std::out_of_range if there is none of that name.
  const data::NamedTensor& tensor(const std::string& name) const {
    const data::NamedTensor* const found = file_.find(name);
    if (found == nullptr) throw std::out_of_range("no golden tensor " + name);
    return *found;
  }
  const std::vector<std::int64_t>& shape(const std::string& name) const {
    return tensor(name).shape;
  }
  const std::vector<double>& numbers(const std::string& name) const {
    return std::get<std::vector<double>>(tensor(name).values);
  }
  std::int64_t integer(const std::string& name) const {
    return std::get<std::vector<std::int64_t>>(tensor(name).values).at(0);
  }

 private:
  data::TensorFile file_;
};

}  // namespace explainn::test
