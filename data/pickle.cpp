// The opcodes: Python's Lib/pickletools.py describes each.
#include "data/pickle.h"

#include <map>
#include <optional>

#include "data/input_stream.h"
#include "data/pickle_bytes.h"
#include "data/pickle_calls.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::size_t kMostValues = 1'000'000;

class PickleMachine {
 public:
  PickleMachine(const std::string& path, std::string_view bytes)
      : path_(path), bytes_(path, bytes) {}

  Pickle run() {
    while (!stopped_) {
      const auto opcode = static_cast<unsigned char>(bytes_.take(1)[0]);
      if (!read_value(opcode) && !read_memory(opcode) && !read_structure(opcode)) {
        fail("the opcode ", static_cast<int>(opcode), ", which plain tensors do not need,");
      }
    }
    return std::move(pickle_);
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    fail_at(path_, 0, "its data.pkl has ", what..., " before byte ", bytes_.position(),
            ": save the state_dict of the model with torch.save");
  }

  // --- the stack ---
  void push(PickleValue value) {
    if (pickle_.values.size() == kMostValues) fail("more than ", kMostValues, " values");
    stack_.push_back(static_cast<PickleId>(pickle_.values.size()));
    pickle_.values.push_back(std::move(value));
  }

  /// The part of the stack above the last mark belongs to the opcode that ends it.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleId top() const {
    if (stack_.size() <= floor()) fail("an opcode without its values");
    return stack_.back();
  }

  PickleId pop() {
    const PickleId id = top();
    stack_.pop_back();
    return id;
  }

  std::vector<PickleId> pop_last(std::size_t count) {
    if (stack_.size() - floor() < count) fail("an opcode without its values");
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<PickleId> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    return items;
  }

  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) fail("an opcode without its mark");
    std::vector<PickleId> items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  template <typename T>
  T& top_as(const char* name) {
    T* const value = std::get_if<T>(&pickle_.values[top()]);
    if (value == nullptr) fail("something that should be ", name, " and is not");
    return *value;
  }

  // --- the opcodes ---
  void remember(std::uint32_t place) { memo_[place] = top(); }

  void recall(std::uint32_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) fail("a reference to value ", place, ", which was never stored,");
    stack_.push_back(found->second);
  }

  void push_global() {
    const std::string_view module = bytes_.take_line();
    const std::string name = cat(module, ".", bytes_.take_line());
    if (!is_allowed_global(name)) {
      fail_at(path_, 0, "asks for ", shown(name), ", which is not plain tensors: nothing from a",
              " checkpoint is executed, save the state_dict of the model with torch.save");
    }
    push(PickleGlobal{name});
  }

  std::int64_t take_long() {
    const std::size_t size = bytes_.take_number<std::uint8_t>();
    if (size > 8) fail("an integer beyond 64 bits");
    return bytes_.take_integer(size);
  }

  void append(const std::vector<PickleId>& items) {
    auto& list = top_as<PickleSequence>("a list").items;
    list.insert(list.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<PickleId>& items) {
    if (items.size() % 2 != 0) fail("a key without a value");
    auto& dict = top_as<PickleDict>("a dict").items;
    for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
  }

  void call() {
    const PickleId arguments = pop();
    const PickleId function = pop();
    std::optional<PickleValue> value = call_global(pickle_, function, arguments);
    if (!value) fail("a call that does not fit its function");
    push(std::move(*value));
  }

  void load_persistent() {
    std::optional<PickleValue> storage = make_storage(pickle_, pop());
    if (!storage) fail("a storage it does not describe as PyTorch does");
    push(std::move(*storage));
  }

  /// Opcodes that push one value of their own. False for any other.
  bool read_value(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        push(PickleNone{});
        return true;
      case 0x88:
        push(true);
        return true;
      case 0x89:
        push(false);
        return true;
      case 'J':
        push(std::int64_t{bytes_.take_number<std::int32_t>()});
        return true;
      case 'K':
        push(std::int64_t{bytes_.take_number<std::uint8_t>()});
        return true;
      case 'M':
        push(std::int64_t{bytes_.take_number<std::uint16_t>()});
        return true;
      case 0x8a:
        push(take_long());
        return true;
      case 'G':
        push(bytes_.take_big_endian_double());
        return true;
      case 'X':
        push(std::string(bytes_.take(bytes_.take_number<std::uint32_t>())));
        return true;
      case 'c':
        push_global();
        return true;
      case ')':
      case ']':
        push(PickleSequence{});
        return true;
      case '}':
        push(PickleDict{});
        return true;
      default:
        return false;
    }
  }

  /// Opcodes that store the top value for later use, or fetch it again. False for any other.
  bool read_memory(unsigned char opcode) {
    switch (opcode) {
      case 'q':
        remember(bytes_.take_number<std::uint8_t>());
        return true;
      case 'r':
        remember(bytes_.take_number<std::uint32_t>());
        return true;
      case 'h':
        recall(bytes_.take_number<std::uint8_t>());
        return true;
      case 'j':
        recall(bytes_.take_number<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }

  /// Opcodes that combine the values on the stack. False for any other.
  bool read_structure(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        if (const int protocol = bytes_.take_number<std::uint8_t>(); protocol != 2) {
          fail("protocol ", protocol, " instead of 2");
        }
        return true;
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case 't':
        push(PickleSequence{pop_to_mark()});
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        push(PickleSequence{pop_last(opcode - 0x84U)});
        return true;
      case 'a':
        append(pop_last(1));
        return true;
      case 'e':
        append(pop_to_mark());
        return true;
      case 's':
        set_items(pop_last(2));
        return true;
      case 'u':
        set_items(pop_to_mark());
        return true;
      case 'R':
        call();
        return true;
      case 'Q':
        load_persistent();
        return true;
      // Attributes: an OrderedDict of PyTorch carries version numbers that mean nothing here.
      case 'b':
        pop();
        top_as<PickleDict>("a dict");
        return true;
      case '.':
        pickle_.root = top();
        stopped_ = true;
        return true;
      default:
        return false;
    }
  }

  const std::string& path_;
  PickleBytes bytes_;
  Pickle pickle_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;  ///< heights of the stack
  std::map<std::uint32_t, PickleId> memo_;
  bool stopped_ = false;
};

}  // namespace

Pickle read_pickle(const std::string& path, std::string_view bytes) {
  return PickleMachine(path, bytes).run();
}

}  // namespace explainn::data
