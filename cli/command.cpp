#include "cli/command.h"

namespace explainn::cli {
namespace {

std::string shell_quoted(const std::string& argument) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string quoted = "'";
  for (const char letter : argument) {
    // A line break would end the comment that this is written into.
    if (letter == '\n' || letter == '\r') {
      quoted += ' ';
    } else if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

}  // namespace

std::string Invocation::command_line() const {
  std::string line = "explainn";
  for (std::size_t i = 1; i < arguments.size(); ++i) line += ' ' + shell_quoted(arguments[i]);
  return line;
}

}  // namespace explainn::cli
