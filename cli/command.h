// What a sub-command is: a row of the table in main.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/cli11_forward.h"

namespace explainn::cli {

/// How the program was called.
struct Invocation {
  std::vector<std::string> arguments;  ///< all of them, the program's name first
  const CLI::App* options = nullptr;   ///< the sub-command's options, as parsed

  /// The arguments as one line that a shell would read back.
  std::string command_line() const;
};

/// Does the work and returns the exit code.
using Action = std::function<int(const Invocation&)>;

struct Command {
  const char* name;
  const char* summary;
  /// Adds the options to `app` and returns what to do once they are parsed.
  Action (*declare)(CLI::App& app);
};

/// All sub-commands, in the order of the help.
const std::vector<Command>& commands();

Action declare_train(CLI::App& app);
Action declare_eval(CLI::App& app);
Action declare_predict(CLI::App& app);
Action declare_interpret(CLI::App& app);
Action declare_discover(CLI::App& app);
Action declare_tomtom(CLI::App& app);
Action declare_modes(CLI::App& app);
Action declare_scan(CLI::App& app);
Action declare_motifs(CLI::App& app);
Action declare_logo(CLI::App& app);
Action declare_report(CLI::App& app);
Action declare_info(CLI::App& app);
Action declare_convert(CLI::App& app);
Action declare_completion(CLI::App& app);

}  // namespace explainn::cli
