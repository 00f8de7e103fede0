#include "cli/help.h"

namespace explainn::cli {

HelpFormatter::HelpFormatter() {
  column_width(34);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string text;
  if (!option->get_type_name().empty()) text += " " + option->get_type_name();
  if (!option->get_default_str().empty()) text += "=" + option->get_default_str();
  if (option->get_required()) text += " (required)";
  return text;
}

}  // namespace explainn::cli
