#include "data/torch_checkpoint.h"

#include <zlib.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "data/atomic_file.h"
#include "tests/support/damage.h"
#include "tests/support/pickle_builder.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using opcode::global;
using opcode::number;
using opcode::storage;
using opcode::tensor;
using opcode::text;
using opcode::tuple;
using opcode::wide;

const std::string kGolden = EXPLAINN_TEST_FILES "/golden/";

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> out(1);
  for (const char letter : line) {
    if (letter == separator) {
      out.emplace_back();
    } else {
      out.back() += letter;
    }
  }
  if (out.size() == 1 && out[0].empty()) out.clear();
  return out;
}

/// What PyTorch says of a tensor: name, type, shape, and its values or their checksum.
std::vector<std::vector<std::string>> golden_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(split(line, '\t'));
  EXPECT_FALSE(lines.empty()) << path;
  return lines;
}

void expect_described(const NamedTensor& got, const std::vector<std::string>& line) {
  const std::map<std::string, std::size_t> types{
      {"float32", 0}, {"float64", 1}, {"int64", 2}, {"uint8", 3}};
  EXPECT_EQ(got.name, line.at(0));
  EXPECT_EQ(got.values.index(), types.at(line.at(1))) << got.name;
  std::vector<std::int64_t> shape;
  for (const std::string& size : split(line.at(2), ',')) shape.push_back(std::stoll(size));
  EXPECT_EQ(got.shape, shape) << got.name;
}

/// Every value equal to what its text gives, -0 and NaN included.
void expect_values(const NamedTensor& got, const std::string& values_text) {
  const std::vector<std::string> wanted = split(values_text, ',');
  std::visit(
      [&](const auto& values) {
        ASSERT_EQ(values.size(), wanted.size()) << got.name;
        for (std::size_t i = 0; i < values.size(); ++i) {
          using T = std::decay_t<decltype(values[i])>;
          if constexpr (std::is_integral_v<T>) {
            EXPECT_EQ(static_cast<std::int64_t>(values[i]), std::stoll(wanted[i])) << got.name;
          } else {
            const auto value = static_cast<T>(std::strtod(wanted[i].c_str(), nullptr));
            EXPECT_TRUE(values[i] == value || (std::isnan(values[i]) && std::isnan(value)))
                << got.name << " " << values[i] << " " << value;
            EXPECT_EQ(std::signbit(values[i]), std::signbit(value)) << got.name;
          }
        }
      },
      got.values);
}

class TorchCheckpointTest : public ReaderTest {
 protected:
  TensorFile read(const std::string& bytes) const {
    // A name used for the first time: some file systems flush a file that is written anew.
    std::filesystem::remove(folder_ / "f.pth");
    return read_torch_checkpoint(write("f.pth", bytes));
  }

  /// A checkpoint with this pickle and a storage of six floats 0..5, named "0".
  static std::string checkpoint(const std::string& body) {
    const std::vector<float> values{0, 1, 2, 3, 4, 5};
    const std::string bytes(reinterpret_cast<const char*>(values.data()), 24);
    return zip_bytes({{"f/data.pkl", opcode::whole(body)}, {"f/data/0", bytes}});
  }
  static std::string one_tensor(std::int64_t offset, const std::string& shape,
                                const std::string& strides, std::int64_t count = 6) {
    return "}" + text("w") + tensor(storage("FloatStorage", "0", count), offset, shape, strides) +
           "s";
  }
  std::string failure(const std::string& bytes) const {
    return error_of([&] { read(bytes); });
  }
  std::string pickle_failure(const std::string& body) const { return failure(checkpoint(body)); }
};

TEST_F(TorchCheckpointTest, readsWhatPyTorchReads) {
  for (const std::string name : {"mixed", "training"}) {
    const TensorFile file = read_torch_checkpoint(kGolden + "torch/" + name + ".pth");
    const auto lines = golden_lines(kGolden + "torch/" + name + ".tsv");
    ASSERT_EQ(file.tensors.size(), lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      expect_described(file.tensors[i], lines[i]);
      expect_values(file.tensors[i], lines[i].size() > 3 ? lines[i][3] : "");
    }
  }
}

TEST_F(TorchCheckpointTest, readsTheAuthorsModel) {
  const TensorFile file = read_torch_checkpoint(kGolden + "checkpoint/explainn_3tf.pth");
  const auto lines = golden_lines(kGolden + "checkpoint/tensors.tsv");
  ASSERT_EQ(file.tensors.size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    expect_described(file.tensors[i], lines[i]);
    const uLong crc = std::visit(
        [](const auto& values) {
          return crc32(0, reinterpret_cast<const Bytef*>(values.data()),
                       static_cast<uInt>(values.size() * sizeof(values[0])));
        },
        file.tensors[i].values);
    EXPECT_EQ(crc, std::stoul(lines[i].at(3), nullptr, 16)) << lines[i][0];
  }
}

TEST_F(TorchCheckpointTest, recognisesZipFiles) {
  EXPECT_TRUE(is_zip(kGolden + "torch/mixed.pth"));
  EXPECT_FALSE(is_zip(kGolden + "torch/before_1_6.pth"));
  EXPECT_FALSE(is_zip(write("short", "PK")));
  EXPECT_FALSE(is_zip(folder_ / "absent"));
  EXPECT_FALSE(is_zip(folder_));
}

TEST_F(TorchCheckpointTest, saysWhatToDoWithOtherFiles) {
  const auto golden_failure = [](const std::string& name) {
    return error_of([&] { read_torch_checkpoint(kGolden + "torch/" + name); });
  };
  EXPECT_TRUE(says(golden_failure("before_1_6.pth"), kGolden, "PyTorch before 1.6"));
  EXPECT_TRUE(says(golden_failure("half.pth"), kGolden, "'weight' is a torch.HalfStorage"));
  EXPECT_TRUE(says(golden_failure("whole_module.pth"), kGolden, "save the state_dict"));
  EXPECT_TRUE(says(golden_failure("mixed.tsv"), kGolden, "no zip archive"));
  EXPECT_TRUE(says(failure(""), folder_, "no zip archive"));
  EXPECT_TRUE(says(failure(zip_bytes({{"x", "y"}})), folder_, "no PyTorch checkpoint"));
  const std::string pickle = opcode::whole("}");
  EXPECT_NO_THROW(read(zip_bytes({{"f/data.pkl", pickle}, {"f/byteorder", "little"}})));
  EXPECT_TRUE(says(failure(zip_bytes({{"f/data.pkl", pickle}, {"f/byteorder", "big"}})), folder_,
                   "big-endian"));
  EXPECT_TRUE(says(failure(zip_bytes({{.name = "f/data.pkl", .bytes = pickle, .method = 8}})),
                   folder_, "'f/data.pkl' is compressed"));
}

TEST_F(TorchCheckpointTest, walksStrides) {
  const auto values = [&](std::int64_t offset, const std::string& shape,
                          const std::string& strides) {
    const TensorFile file = read(checkpoint(one_tensor(offset, shape, strides)));
    return std::get<std::vector<float>>(file.tensors.at(0).values);
  };
  const std::string three_two = tuple(number(3) + number(2));
  EXPECT_EQ(values(0, three_two, tuple(number(2) + number(1))),
            (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(values(0, three_two, tuple(number(1) + number(3))),
            (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(values(5, ")", ")"), std::vector<float>{5});
  EXPECT_EQ(values(1, tuple(number(3)), tuple(number(2))), (std::vector<float>{1, 3, 5}));
  EXPECT_EQ(values(2, tuple(number(3)), tuple(number(0))), (std::vector<float>{2, 2, 2}));
  EXPECT_EQ(values(9, tuple(number(0)), tuple(number(1))), std::vector<float>{});
  // A stride that is never taken may be anything.
  EXPECT_EQ(values(5, tuple(number(1)), tuple(wide(INT64_MAX))), std::vector<float>{5});
}

TEST_F(TorchCheckpointTest, refusesTensorsBeyondTheirStorage) {
  const std::string one = tuple(number(1));
  const auto refused = [&](std::int64_t offset, const std::string& shape,
                           const std::string& strides, const std::string& part) {
    return says(pickle_failure(one_tensor(offset, shape, strides)), folder_, part);
  };
  const std::string beyond = "'w' reaches beyond its storage of 6 values";
  EXPECT_TRUE(refused(0, tuple(number(7)), one, beyond));
  EXPECT_TRUE(refused(1, tuple(number(6)), one, beyond));
  EXPECT_TRUE(refused(6, ")", ")", beyond));
  EXPECT_TRUE(refused(INT64_MAX, tuple(number(2)), one, beyond));
  EXPECT_TRUE(refused(0, tuple(number(3)), tuple(number(3)), beyond));
  EXPECT_TRUE(refused(0, tuple(number(2)), tuple(wide(INT64_MAX)), beyond));
  EXPECT_TRUE(refused(0, tuple(wide(INT64_MAX)), tuple(wide(INT64_MAX)), beyond));
  const std::string zeros = tuple(number(0) + number(0));
  EXPECT_TRUE(refused(0, tuple(wide(1LL << 40) + wide(1LL << 40)), zeros, beyond));
  EXPECT_TRUE(refused(0, tuple(wide(1LL << 40) + wide(1LL << 20)), zeros, "repeats its storage"));
  EXPECT_TRUE(refused(0, tuple(wide(1LL << 60)), tuple(number(0)), "repeats its storage"));
  const std::string odd = "that no tensor can have";
  EXPECT_TRUE(refused(-1, one, one, odd));
  EXPECT_TRUE(refused(0, tuple(number(-1)), one, odd));
  EXPECT_TRUE(refused(0, one, tuple(number(-1)), odd));
  EXPECT_TRUE(refused(0, one, ")", odd));
  EXPECT_TRUE(refused(0, tuple("N"), one, odd));
  std::string many;
  for (int i = 0; i < 33; ++i) many += number(1);
  EXPECT_TRUE(refused(0, tuple(many), tuple(many), odd));
}

TEST_F(TorchCheckpointTest, refusesStoragesThatLie) {
  const std::string one = tuple(number(1));
  for (const std::int64_t count : {std::int64_t{5}, std::int64_t{7}, INT64_MAX}) {
    EXPECT_TRUE(says(pickle_failure(one_tensor(0, one, one, count)), folder_, "should hold"));
  }
  const auto with = [&](const std::string& type, const std::string& key) {
    return pickle_failure("}" + text("w") + tensor(storage(type, key, 3), 0, one, one) + "s");
  };
  EXPECT_TRUE(says(with("FloatStorage", "1"), folder_, "has no entry 'f/data/1'"));
  EXPECT_TRUE(says(with("FloatStorage", "../../etc/passwd"), folder_, "has no entry"));
  EXPECT_TRUE(says(with("HalfStorage", "0"), folder_, "'w' is a torch.HalfStorage"));
  EXPECT_TRUE(says(with("QInt8Storage", "0"), folder_, "asks for 'torch.QInt8Storage'"));
  const TensorFile doubles = read(
      checkpoint("}" + text("w") + tensor(storage("DoubleStorage", "0", 3), 0, one, one) + "s"));
  EXPECT_EQ(doubles.tensors.at(0).values.index(), 1U);
}

TEST_F(TorchCheckpointTest, refusesWhatIsNoStateDict) {
  EXPECT_TRUE(says(pickle_failure(number(1)), folder_, "holds no dict"));
  EXPECT_TRUE(
      says(pickle_failure("}" + text("lr") + number(1) + "s"), folder_, "'lr' is no tensor"));
  EXPECT_TRUE(says(pickle_failure("}" + number(1) + "Ns"), folder_, "a key that is no text"));
  const std::string w = tensor(storage("FloatStorage", "0", 6), 0, ")", ")");
  EXPECT_TRUE(
      says(pickle_failure("}(" + text("w") + w + text("w") + w + "u"), folder_, "names 'w' twice"));
  EXPECT_TRUE(says(pickle_failure("}" + text("\xff") + w + "s"), folder_, "no text"));
  const TensorFile file = read(checkpoint("}(" + text("epoch") + number(3) + text("state_dict") +
                                          "}" + text("w") + w + "su"));
  EXPECT_EQ(file.tensors.at(0).name, "w");
}

TEST_F(TorchCheckpointTest, aSmallFileStaysSmall) {
  // A hundred names for one storage of 24 bytes are fine, a thousand for one that repeats are not.
  std::string body = "}(";
  const std::string all = tuple(number(6));
  body += text("w") + tensor(storage("FloatStorage", "0", 6), 0, all, tuple(number(1))) + "q\1";
  for (int i = 0; i < 100; ++i) body += text(std::to_string(i)) + "h\1";
  EXPECT_EQ(read(checkpoint(body + "u")).tensors.size(), 101U);

  std::string wide_body =
      "}(" + text("w") +
      tensor(storage("FloatStorage", "0", 6), 0, tuple(number(100)), tuple(number(0))) + "q\1";
  for (int i = 0; i < 1000; ++i) wide_body += text(std::to_string(i)) + "h\1";
  EXPECT_TRUE(says(pickle_failure(wide_body + "u"), folder_, "more than 16 times the file's"));
}

TEST_F(TorchCheckpointTest, survivesDamage) {
  const std::string good = read_file(kGolden + "torch/mixed.pth");
  const std::size_t before = peak_memory();
  const auto reading = [&](const std::string& bytes) { read(bytes); };
  const DamageCount cut = read_prefixes(good, reading);
  EXPECT_EQ(cut.read, 0);
  EXPECT_EQ(cut.refused, static_cast<int>(good.size()));
  EXPECT_GT(read_changed(good, 1000, reading).refused, 300);
  // The same with checksums that fit, so that the damage reaches what is behind them.
  const std::string body_of_four =
      opcode::whole(one_tensor(1, tuple(number(2) + number(2)), tuple(number(2) + number(1))));
  const DamageCount changed = read_changed(body_of_four, 2000, [&](const std::string& body) {
    read(zip_bytes({{"f/data.pkl", body}, {"f/data/0", std::string(24, '\1')}}));
  });
  EXPECT_GT(changed.refused, 500);
  EXPECT_GT(changed.read, 10);  // changes in names and in what is not looked at
  EXPECT_LT(peak_memory() - before, std::size_t{512} << 20);
}

}  // namespace
}  // namespace explainn::data
