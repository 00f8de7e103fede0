#include "tests/simt/turn_order.h"

#include <cstdlib>
#include <stdexcept>

#include "tests/simt/fiber.h"

namespace explainn::simt {
namespace {

const char* order_asked_for() {
  const char* text = std::getenv("EXPLAINN_SIMT_ORDER");
  return text == nullptr || *text == '\0' ? nullptr : text;
}

TurnOrder order_of_environment() {
  if (order_asked_for() == nullptr) return {};
  const std::string text = order_asked_for();
  if (text == "forward") return {};
  if (text == "reverse") return {TurnOrder::Kind::reverse};
  if (text.starts_with("random:")) return {TurnOrder::Kind::random, std::stoull(text.substr(7))};
  throw std::invalid_argument("EXPLAINN_SIMT_ORDER is " + text +
                              "; it may be forward, reverse or random:SEED");
}

TurnOrder& current() {
  static TurnOrder order = order_of_environment();
  return order;
}

}  // namespace

std::string TurnOrder::name() const {
  switch (kind) {
    case Kind::forward:
      return "forward";
    case Kind::reverse:
      return "reverse";
    default:
      return "random:" + std::to_string(seed);
  }
}

void set_turn_order(const TurnOrder& order) {
  current() = order;
}

TurnOrder turn_order() {
  return current();
}

std::vector<TurnOrder> test_orders() {
  if (order_asked_for() != nullptr) return {order_of_environment()};
  if (kThreadSanitizer) return {{}};
  using Kind = TurnOrder::Kind;
  return {{}, {Kind::reverse}, {Kind::random, 1}, {Kind::random, 2}, {Kind::random, 3}};
}

}  // namespace explainn::simt
