// Small made-up datasets and folders for tests of the model room.
#pragma once

#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "kernels/base/philox.h"

namespace explainn::test {

/// A folder that is gone when the object is.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("explainn_test_" + std::to_string(getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::uint32_t random_word(std::uint64_t seed, std::uint64_t i) {
  return philox(seed, i, 0, 77)[0];
}

inline std::vector<data::Base> random_bases(std::uint64_t seed, std::int64_t count,
                                            double unknown = 0) {
  std::vector<data::Base> bases;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t word = random_word(seed, static_cast<std::uint64_t>(i));
    const bool known =
        unit_interval(random_word(seed + 1, static_cast<std::uint64_t>(i))) >= unknown;
    bases.push_back(known ? static_cast<data::Base>(word % 4) : data::kUnknownBase);
  }
  return bases;
}

/// `rows` sequences of `length` bases, of which the last `valid` are the validation split. Task t
/// is 1 where the sequence holds the motif number t, so that there is something to learn; every
/// seventh label is missing.
inline data::Dataset tiny_dataset(std::int64_t rows, std::int64_t length, std::int64_t tasks,
                                  std::int64_t valid, std::uint64_t seed = 5) {
  data::Dataset dataset;
  dataset.label_columns = tasks;
  for (std::int64_t t = 0; t < tasks; ++t) dataset.targets.push_back("task" + std::to_string(t));
  for (std::int64_t row = 0; row < rows; ++row) {
    auto bases = random_bases(seed + 2 * static_cast<std::uint64_t>(row), length, 0.02);
    for (std::int64_t t = 0; t < tasks; ++t) {
      const std::uint32_t word =
          random_word(seed + 99, static_cast<std::uint64_t>(row * tasks + t));
      const bool positive = word % 2 == 0;
      // The motif of task t: five times one letter, planted at a random place.
      const auto place = static_cast<std::int64_t>(word / 16) % (length - 5);
      for (std::int64_t k = 0; positive && k < 5; ++k) {
        bases[static_cast<std::size_t>(place + k)] = static_cast<data::Base>(t % 4);
      }
      const bool missing = (row * tasks + t) % 7 == 3;
      dataset.labels.push_back(missing ? NAN : (positive ? 1.0F : 0.0F));
    }
    dataset.sequences.add(bases);
    const std::string id = "s" + std::to_string(row);
    dataset.id_bytes.add(std::vector<data::Base>(id.begin(), id.end()));
    dataset.splits.push_back(row < rows - valid ? data::Split::train : data::Split::valid);
  }
  dataset.inputs = {{"tiny", 0, "0123456789abcdef0123456789abcdef"}};
  return dataset;
}

}  // namespace explainn::test
