// From arguments to a parsed sub-command, with help for slips of the pen.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli11_forward.h"

namespace explainn::cli {

/// Throws UsageError, proposing the nearest name, if the first argument is neither an option nor a
/// sub-command of `root`.
void check_command_name(CLI::App& root, const std::vector<std::string>& arguments);

/// Parses `arguments` (without the program's name). `--config run.json` supplies what the arguments
/// leave open. Throws UsageError for what does not fit (an unknown option with the nearest name),
/// CLI::CallForHelp and CLI::CallForVersion as CLI11 does.
void parse_arguments(CLI::App& root, const std::vector<std::string>& arguments);

/// The option's long name without dashes, or the name of a positional one.
std::string option_key(const CLI::Option& option);

/// The parts of "a,b,c"; empty for an empty text. Throws UsageError, naming `option`, for an empty
/// part.
std::vector<std::string> split_list(const std::string& text, const std::string& option);

/// The numbers of "0.3,0.2,0.2,0.3"; nothing unless there are four. Throws as split_list() does.
std::optional<std::array<double, 4>> parse_four(const std::string& text, const std::string& option);

}  // namespace explainn::cli
