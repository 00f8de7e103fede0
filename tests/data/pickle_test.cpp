#include "data/pickle.h"

#include "tests/support/damage.h"
#include "tests/support/pickle_builder.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using opcode::global;
using opcode::number;
using opcode::text;
using opcode::tuple;
using opcode::whole;
using opcode::wide;

const std::string kPath = "f.pth";

class PickleTest : public ReaderTest {
 protected:
  static std::string failure(const std::string& bytes) {
    return error_of([&] { read_pickle(kPath, bytes); });
  }
  template <typename T>
  static T root(const std::string& body) {
    const Pickle pickle = read_pickle(kPath, whole(body));
    return std::get<T>(pickle.values[pickle.root]);
  }
};

TEST_F(PickleTest, readsPlainValues) {
  EXPECT_NO_THROW(root<PickleNone>("N"));
  EXPECT_TRUE(root<bool>("\x88"));
  EXPECT_FALSE(root<bool>("\x89"));
  EXPECT_EQ(root<std::int64_t>(number(-70000)), -70000);
  EXPECT_EQ(root<std::int64_t>("K\xff"), 255);
  EXPECT_EQ(root<std::int64_t>("M\x01\xff"), 0xff01);
  EXPECT_EQ(root<std::int64_t>(std::string("\x8a\0", 2)), 0);
  EXPECT_EQ(root<std::int64_t>("\x8a\x01\xff"), -1);
  EXPECT_EQ(root<std::int64_t>(std::string("\x8a\x02\xff\0", 4)), 255);
  EXPECT_EQ(root<std::int64_t>(std::string("\x8a\x05\0\0\0\0\x80", 7)), -(std::int64_t{1} << 39));
  EXPECT_EQ(root<std::int64_t>(wide(INT64_MIN)), INT64_MIN);
  EXPECT_EQ(root<double>(std::string("G\x3f\xe4\0\0\0\0\0\0", 9)), 0.625);
  EXPECT_EQ(root<std::string>(text("a\nb")), "a\nb");
}

TEST_F(PickleTest, readsContainers) {
  EXPECT_EQ(root<PickleSequence>(")").items.size(), 0U);
  EXPECT_EQ(root<PickleSequence>(tuple(number(1) + number(2))).items.size(), 2U);
  EXPECT_EQ(root<PickleSequence>("NNN\x87").items.size(), 3U);
  EXPECT_EQ(root<PickleSequence>("]Na(NNe").items.size(), 3U);
  EXPECT_EQ(
      root<PickleDict>("}" + text("a") + "Ns(" + text("b") + "N" + text("c") + "Nu").items.size(),
      3U);
  EXPECT_EQ(root<PickleDict>(global("collections", "OrderedDict") + ")R").items.size(), 0U);
  // Attributes are read over; what was stored can be fetched in both widths.
  EXPECT_EQ(root<PickleDict>("}q\x05}b" + text("a") + "j" + std::string("\x05\0\0\0", 4) + "s")
                .items.size(),
            1U);
}

TEST_F(PickleTest, readsTensors) {
  const std::string shape = tuple(number(2) + number(3));
  const std::string strides = tuple(number(3) + number(1));
  const std::string body =
      opcode::tensor(opcode::storage("DoubleStorage", "17", 6), 0, shape, strides);
  for (const std::string& one :
       {body, global("torch._utils", "_rebuild_parameter") +
                  tuple(body + "\x88" + global("collections", "OrderedDict") + ")R") + "R"}) {
    const Pickle pickle = read_pickle(kPath, whole(one));
    const auto& tensor = std::get<PickleTensor>(pickle.values[pickle.root]);
    const auto& storage = std::get<PickleStorage>(pickle.values[tensor.storage]);
    EXPECT_EQ(std::get<std::string>(pickle.values[storage.key]), "17");
    EXPECT_EQ(std::get<PickleGlobal>(pickle.values[storage.type]).name, "torch.DoubleStorage");
    EXPECT_EQ(storage.count, 6);
    EXPECT_EQ(std::get<PickleSequence>(pickle.values[tensor.shape]).items.size(), 2U);
  }
}

TEST_F(PickleTest, refusesEveryOtherGlobalByName) {
  const std::vector<std::pair<std::string, std::string>> names{
      {"os", "system"},
      {"posix", "system"},
      {"builtins", "eval"},
      {"__builtin__", "eval"},
      {"collections", "deque"},
      {"torch", "load"},
      {"torch", "FloatStorage.__init__"},
      {"torch._utils", "_rebuild_sparse_tensor"},
      {"torch.FloatStorage", ""},
      {"collections.", "OrderedDict"},
      {"", "eval"}};
  for (const auto& [module, name] : names) {
    // As an attack writes it: the call is refused before its argument is even looked at.
    const std::string body = global(module, name) + text("touch harm") + "\x85R";
    EXPECT_TRUE(says(failure(whole(body)), "f.pth: asks for '" + module + "." + name + "'",
                     "nothing from a checkpoint is executed"));
  }
  const std::string long_name(100000, 'n');
  EXPECT_LT(failure(whole(global("m", long_name + "\x1b[2J"))).size(), 300U);
}

TEST_F(PickleTest, refusesOpcodesOutsidePlainData) {
  // GLOBAL by stack, INST, OBJ, NEWOBJ, EXT1, PERSID, REDUCE's old forms, protocols 3 to 5.
  for (const char code : std::string("\x93io\x81\x82P\x83\x84\x92\x8c\x8d\x8e\x8f\x90\x91\x94\x95"
                                     "\x96\x97\x98"
                                     "0123FILSTUVdlp\xff")) {
    EXPECT_TRUE(says(failure(whole(std::string("}}") + code + "\1\1\1\1\n\n")), "f.pth: ",
                     "has the opcode " + std::to_string(static_cast<unsigned char>(code))));
  }
  EXPECT_TRUE(says(failure("\x80\x04N."), "f.pth: ", "protocol 4 instead of 2"));
}

TEST_F(PickleTest, refusesBrokenStacks) {
  for (const char* const body :
       {"",     "R",  "NR",   "a",   "Na",   "s",     "NNs",    "u",    "t",     "e",
        "(",    "b",  "}b",   "Q",   "\x85", "N\x86", "N(\x85", "](Na", "}(NNs", "N(.",
        "}N(b", "(a", "N(Na", "q\1", "(.",   "}(Nu",  "NNa",    "}Na",  "]NNs",  "N}b"}) {
    EXPECT_TRUE(says(failure(whole(body)), "f.pth: its data.pkl has ", "before byte")) << body;
  }
  EXPECT_TRUE(says(failure(whole("h\5")), "f.pth: ", "value 5, which was never stored"));
  EXPECT_TRUE(says(failure(whole("jabcd")), "f.pth: ", "which was never stored"));
  EXPECT_TRUE(says(failure(whole("\x8a\x09"
                                 "123456789")),
                   "f.pth: ", "beyond 64 bits"));
  EXPECT_TRUE(says(failure(whole("\x8a\xff")), "f.pth: ", "beyond 64 bits"));
  EXPECT_TRUE(says(failure("\x80\x02N"), "f.pth: ", "cut off at byte 3"));
  EXPECT_TRUE(says(failure(whole("X\xff\xff\xff\xff"
                                 "abc")),
                   "f.pth: ", "cut off"));
  EXPECT_TRUE(says(failure("\x80\x02"
                           "cos"),
                   "f.pth: ", "cut off"));
  EXPECT_TRUE(says(failure("\x80\x02"
                           "cos\nsystem"),
                   "f.pth: ", "cut off"));
}

TEST_F(PickleTest, refusesCallsThatDoNotFit) {
  const std::string storage = opcode::storage("FloatStorage", "0", 6);
  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");
  const std::string rest = "\x89N";
  for (const std::string& call : std::vector<std::string>{
           global("collections", "OrderedDict") + tuple("]") + "R", "N)R", text("f") + ")R",
           global("torch", "FloatStorage") + ")R", rebuild + ")R",
           global("torch._utils", "_rebuild_parameter") + tuple("NNN") + "R",
           rebuild + tuple("N" + number(0) + "))" + rest) + "R",
           rebuild + tuple(storage + "N))" + rest) + "R",
           rebuild + tuple(storage + number(0) + "N)" + rest) + "R",
           rebuild + tuple(storage + number(0) + "))") + "R"}) {
    EXPECT_TRUE(says(failure(whole(call)), "f.pth: ", "a call that does not fit"));
  }
  for (const std::string& description :
       {std::string("N"), std::string(")"),
        tuple(text("storage") + global("collections", "OrderedDict") + text("0") + "N" + number(1)),
        tuple(text("module") + global("torch", "FloatStorage") + text("0") + "N" + number(1)),
        tuple(text("storage") + global("torch", "FloatStorage") + number(0) + "N" + number(1)),
        tuple(text("storage") + global("torch", "FloatStorage") + text("0") + "N" + number(-1))}) {
    EXPECT_TRUE(says(failure(whole(description + "Q")), "f.pth: ", "a storage it does not"));
  }
}

TEST_F(PickleTest, takesDepthAndCyclesWithoutRecursion) {
  // A tuple in a tuple half a million times, a list that holds itself, many open marks.
  EXPECT_NO_THROW(root<PickleSequence>(")" + std::string(500000, '\x85')));
  EXPECT_NO_THROW(root<PickleSequence>("]q\1h\1a"));
  EXPECT_NO_THROW(root<PickleDict>("}q\1" + text("a") + "h\1s"));
  EXPECT_TRUE(says(failure(whole(std::string(1000000, '('))), "f.pth: ", "without its values"));
  EXPECT_TRUE(says(failure(whole(std::string(3000000, ')'))), "f.pth: ", "more than 1000000"));
}

TEST_F(PickleTest, survivesDamage) {
  const std::string tensor =
      opcode::tensor(opcode::storage("LongStorage", "0", 6), 0, tuple("K\6"), tuple("K\1"));
  const std::string good = whole("}q\1(" + text("a") + tensor + text("b") + "h\1" + text("c") +
                                 std::string("]q\2(G01234567K\1M12\x8a\2zzNe") + "u}b");
  const auto reading = [](const std::string& bytes) { read_pickle(kPath, bytes); };
  ASSERT_NO_THROW(reading(good));
  const DamageCount cut = read_prefixes(good, reading);
  EXPECT_EQ(cut.read, 0);
  EXPECT_EQ(cut.refused, static_cast<int>(good.size()));
  const DamageCount changed = read_changed(good, 20000, reading);
  EXPECT_GT(changed.refused, 5000);
  EXPECT_GT(changed.read, 500);
}

}  // namespace
}  // namespace explainn::data
