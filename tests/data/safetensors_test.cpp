#include "data/safetensors.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "data/atomic_file.h"
#include "tests/support/damage.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

const std::string kGolden = EXPLAINN_TEST_FILES "/golden/safetensors/";

std::string with_header(const std::string& header, const std::string& data = "") {
  std::string length(8, '\0');
  const std::uint64_t size = header.size();
  std::memcpy(length.data(), &size, 8);
  return length + header + data;
}

/// The values of tests/golden/make_safetensors.py.
TensorFile four_types() {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  TensorFile file;
  file.metadata = {{"a", "1"}, {"config", "{\"x\": \"\xc3\xa9\\n\"}"}};
  file.tensors = {
      {"linears.0.weight", {2, 3}, std::vector<float>{1.5F, -2.25F, 0.1F, infinity, nan, -0.0F}},
      {"precise", {3}, std::vector<double>{0.1, 1e300, -1e-300}},
      {"num_batches_tracked", {}, std::vector<std::int64_t>{-(std::int64_t{1} << 62) + 7}},
      {"empty", {0, 3}, std::vector<float>{}},
      {"bytes", {3}, std::vector<std::uint8_t>{0, 1, 255}}};
  return file;
}

/// Equal to the bit, so that NaN equals NaN and 0 is not -0.
void expect_same(const TensorFile& got, const TensorFile& wanted) {
  EXPECT_EQ(got.metadata, wanted.metadata);
  ASSERT_EQ(got.tensors.size(), wanted.tensors.size());
  for (std::size_t i = 0; i < wanted.tensors.size(); ++i) {
    const NamedTensor& a = got.tensors[i];
    const NamedTensor& b = wanted.tensors[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.shape, b.shape) << b.name;
    ASSERT_EQ(a.values.index(), b.values.index()) << b.name;
    std::visit(
        [&](const auto& expected) {
          const auto& values = std::get<std::decay_t<decltype(expected)>>(a.values);
          ASSERT_EQ(values.size(), expected.size()) << b.name;
          if (expected.empty()) return;
          EXPECT_EQ(
              std::memcmp(values.data(), expected.data(), expected.size() * sizeof(expected[0])), 0)
              << b.name;
        },
        b.values);
  }
}

class SafetensorsTest : public ReaderTest {
 protected:
  TensorFile read(const std::string& bytes) const {
    // A name used for the first time: some file systems flush a file that is written anew.
    std::filesystem::remove(folder_ / "f.safetensors");
    return read_safetensors(write("f.safetensors", bytes));
  }
  std::string failure(const std::string& bytes) const {
    return error_of([&] { read(bytes); });
  }
};

TEST_F(SafetensorsTest, readsGoldenFiles) {
  expect_same(read_safetensors(kGolden + "four_types.safetensors"), four_types());
  TensorFile other;
  other.metadata = {{"k", "v"}};
  other.tensors = {{"second", {2}, std::vector<float>{8, 9}},
                   {"first", {1, 1}, std::vector<float>{7}}};
  expect_same(read_safetensors(kGolden + "other_order.safetensors"), other);
}

TEST_F(SafetensorsTest, writesTheGoldenBytes) {
  EXPECT_EQ(safetensors_bytes(four_types()), read_file(kGolden + "four_types.safetensors"));
}

TEST_F(SafetensorsTest, roundTripIsTheSameBytes) {
  TensorFile file = four_types();
  file.metadata.clear();
  file.tensors[0].name = "quoted \" \\ \n \xe2\x82\xac";
  std::vector<float> many(100003);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = std::sin(static_cast<float>(i));
  file.tensors.push_back({"many", {100003, 1}, many});
  for (const TensorFile& one : {file, TensorFile{}, four_types()}) {
    const std::string path = folder_ / "a";
    write_safetensors(path, one);
    const std::string bytes = read_file(path);
    EXPECT_EQ(bytes, safetensors_bytes(one));
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    EXPECT_EQ(header % 8, 0U);
    const TensorFile again = read_safetensors(path);
    expect_same(again, one);
    EXPECT_EQ(safetensors_bytes(again), bytes);
  }
}

TEST_F(SafetensorsTest, findsTensorsByName) {
  const TensorFile file = four_types();
  ASSERT_NE(file.find("precise"), nullptr);
  EXPECT_EQ(file.find("precise")->shape, std::vector<std::int64_t>{3});
  EXPECT_EQ(file.find("precis"), nullptr);
}

TEST_F(SafetensorsTest, countsElements) {
  const std::int64_t big = std::int64_t{1} << 32;
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({2, 3, 4}), 24);
  EXPECT_EQ(element_count({2, 0, 4}), 0);
  EXPECT_THROW(element_count({big, big}), std::invalid_argument);
  EXPECT_THROW(element_count({2, -1}), std::invalid_argument);
  EXPECT_EQ(checked_element_count({big, big}), std::nullopt);
}

TEST_F(SafetensorsTest, refusesToWriteWhatItCouldNotRead) {
  const std::vector<float> two{1, 2};
  const auto bytes_of = [](NamedTensor tensor) {
    TensorFile file;
    file.tensors.push_back(std::move(tensor));
    return safetensors_bytes(file);
  };
  EXPECT_NO_THROW(bytes_of({"a", {2}, two}));
  EXPECT_THROW(bytes_of({"a", {3}, two}), std::invalid_argument);
  EXPECT_THROW(bytes_of({"a", {-2}, two}), std::invalid_argument);
  EXPECT_THROW(bytes_of({"__metadata__", {2}, two}), std::invalid_argument);
  EXPECT_THROW(bytes_of({"\xff", {2}, two}), std::invalid_argument);
  TensorFile twice;
  twice.tensors = {{"a", {2}, two}, {"a", {2}, two}};
  EXPECT_THROW(safetensors_bytes(twice), std::invalid_argument);
  TensorFile metadata;
  metadata.metadata["k"] = "\xc3";
  EXPECT_THROW(safetensors_bytes(metadata), std::invalid_argument);
}

struct Hostile {
  std::string header;
  std::string data;
  std::string message;
};

TEST_F(SafetensorsTest, namesWhatIsWrongWithAHeader) {
  const std::string f32 = R"("dtype":"F32",)";
  const auto one = [&](const std::string& rest) { return R"({"a":{)" + f32 + rest + "}}"; };
  const std::string deep(200000, '[');
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "" : ",") + std::string("1");
  const std::vector<Hostile> hostile{
      {"", "", "its header is no JSON"},
      {"[]", "", "its header is no JSON"},
      {"{", "", "no JSON at its byte"},
      {"{}x", "", "no JSON at its byte"},
      {"{\"\xff\":1}", "", "no JSON at its byte"},
      {"{}", "x", "1 bytes at the end belong to no tensor"},
      {one(R"("shape":[1],"data_offsets":[0,4])"), "123", "'a' should end at byte 4"},
      {one(R"("shape":[1],"data_offsets":[0,4])"), "12345", "1 bytes at the end"},
      {one(R"("shape":[1],"data_offsets":[1,5])"), "12345", "should begin at byte 0"},
      {one(R"("shape":[1],"data_offsets":[4,0])"), "1234", "overlap or leave gaps"},
      {one(R"("shape":[2],"data_offsets":[0,4])"), "1234", "which its shape does not ask for"},
      {one(R"("shape":[1],"data_offsets":[0,5])"), "12345", "which its shape does not ask for"},
      {one(R"("shape":[4294967296,4294967296],"data_offsets":[0,0])"), "", "its shape does not"},
      {one(R"("shape":[4611686018427387905],"data_offsets":[0,4])"), "1234", "its shape does not"},
      {one(R"("shape":[-1],"data_offsets":[0,4])"), "1234", "negative number -1"},
      {one(R"("shape":[1],"data_offsets":[0,-4])"), "1234", "negative number -4"},
      {one(R"("shape":[18446744073709551615],"data_offsets":[0,4])"), "1234", "beyond 63 bits"},
      {one(R"("shape":[1e30],"data_offsets":[0,4])"), "1234", "no size"},
      {one(R"("shape":[1.0],"data_offsets":[0,4])"), "1234", "no size"},
      {one(R"("shape":1,"data_offsets":[0,4])"), "1234", "'a' as 'shape' a number"},
      {one(R"("shape":["1"],"data_offsets":[0,4])"), "1234", "a text"},
      {one(R"("shape":[[1]],"data_offsets":[0,4])"), "1234", "a list"},
      {one(R"("shape":[{}],"data_offsets":[0,4])"), "1234", "an object"},
      {one(R"("shape":[null],"data_offsets":[0,4])"), "1234", "null"},
      {one(R"("shape":[)" + many + R"(],"data_offsets":[0,4])"), "1234", "more than 64 numbers"},
      {one(R"("shape":[1],"data_offsets":[0])"), "1234", "two data_offsets"},
      {one(R"("shape":[1],"data_offsets":[0,4,4])"), "1234", "two data_offsets"},
      {one(R"("shape":[1])"), "", "does not give 'a' a dtype"},
      {one(R"("shape":[1],"data_offsets":[0,4],"more":true)"), "1234", "true or false"},
      {one(R"("shape":[1],"shape":[1],"data_offsets":[0,4])"), "1234", "names 'shape' twice"},
      {one(R"("shape":[1],"data_offsets":[0,4],"dtype":"F32")"), "1234", "names 'dtype' twice"},
      {R"({"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})", "12", "the type 'F16'"},
      {R"({"a":{"dtype":3,"shape":[1],"data_offsets":[0,2]}})", "12", "a number"},
      {R"({"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,2]}})", "12", "a list"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
       R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "12345678", "names 'a' twice"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       "1234", "overlap or leave gaps"},
      {R"({"__metadata__":{"k":1}})", "", "'k' a number"},
      {R"({"__metadata__":{"k":{}}})", "", "an object"},
      {R"({"__metadata__":{"k":"1","k":"2"}})", "", "names 'k' twice"},
      {R"({"__metadata__":"x"})", "", "'__metadata__' a text"},
      {R"({"a":)" + deep, "", "a list"},
      {one(R"("shape":)" + deep), "", "a list"}};
  for (const Hostile& file : hostile) {
    const std::string message = failure(with_header(file.header, file.data));
    EXPECT_TRUE(says(message, (folder_ / "f.safetensors").string() + ": ", file.message))
        << file.header.substr(0, 200);
  }
}

TEST_F(SafetensorsTest, refusesLengthsThatLie) {
  const std::string rest = "{}      ";
  for (const std::uint64_t length :
       {std::uint64_t{9}, std::uint64_t{100'000'001}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_TRUE(says(failure(bytes + rest), folder_, "its header should have")) << length;
  }
  EXPECT_TRUE(says(failure("1234567"), folder_, "has 7 bytes"));
  EXPECT_TRUE(says(failure(""), folder_, "has 0 bytes"));
  EXPECT_TRUE(says(error_of([&] { read_safetensors(folder_); }), folder_, "is a folder"));
}

TEST_F(SafetensorsTest, survivesDamage) {
  const std::string good = safetensors_bytes(four_types());
  const std::size_t before = peak_memory();
  const auto reading = [&](const std::string& bytes) { read(bytes); };
  const DamageCount cut = read_prefixes(good, reading);
  EXPECT_EQ(cut.read, 0);
  EXPECT_EQ(cut.refused, static_cast<int>(good.size()));
  const DamageCount changed = read_changed(good, 1500, reading);
  EXPECT_GT(changed.refused, 500);
  EXPECT_GT(changed.read, 100);  // changes within the values are values
  EXPECT_LT(peak_memory() - before, std::size_t{512} << 20);
}

}  // namespace
}  // namespace explainn::data
