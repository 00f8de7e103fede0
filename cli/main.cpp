// The program: a table of sub-commands, and one place where errors become exit codes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "kernels/base/error.h"

namespace explainn::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"train", "Train a model on labelled sequences", declare_train},
      {"eval", "Judge a model on labelled sequences", declare_eval},
      {"predict", "Predict for sequences: probabilities, counts or values", declare_predict},
      {"interpret", "Motifs of the filters and how much each matters", declare_interpret},
      {"discover", "From bound sequences to ranked motifs, in one command", declare_discover},
      {"tomtom", "Which known motifs each motif looks like, and how sure that is", declare_tomtom},
      {"modes", "Groups of motifs that match each other, and what they have in common",
       declare_modes},
      {"scan", "Where motifs match sequences, and how well", declare_scan},
      {"motifs", "List motifs, change them, and write them in other forms", declare_motifs},
      {"logo", "Motifs as pictures (SVG)", declare_logo},
      {"report", "The page of what interpret found, made again from its tables", declare_report},
      {"info", "What a model file or a data file holds", declare_info},
      {"convert", "Turn a PyTorch checkpoint into a model file", declare_convert},
      {"completion", "Completion script for bash or zsh", declare_completion},
  };
  return table;
}

namespace {

int fail(const std::string& what, int code) {
  std::string line = "explainn: " + what;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << line << '\n';
  return code;
}

int run(const std::vector<std::string>& arguments) {
  CLI::App root("Interpretable models of DNA sequences (ExplaiNN)", "explainn");
  root.set_version_flag("--version", "explainn " + version() + " (" + commit() + ")");
  root.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  root.formatter(std::make_shared<HelpFormatter>());
  root.footer("explainn SUBCOMMAND --help shows the options, their defaults and an example.");
  std::vector<Action> actions;
  for (const Command& command : commands()) {
    actions.push_back(command.declare(*root.add_subcommand(command.name, command.summary)));
  }
  const std::vector<std::string> given(arguments.begin() + 1, arguments.end());
  if (given.empty()) {
    std::cerr << root.help();
    return 2;
  }
  check_command_name(root, given);
  try {
    parse_arguments(root, given);
  } catch (const CLI::Success& help_or_version) {
    return root.exit(help_or_version);
  }
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const CLI::App* app = root.get_subcommand(commands()[i].name);
    if (app->parsed()) return actions[i](Invocation{arguments, app});
  }
  throw UsageError("a sub-command is missing; see explainn --help");
}

}  // namespace
}  // namespace explainn::cli

int main(int argc, char** argv) {
  using explainn::cli::fail;
  try {
    return explainn::cli::run({argv, argv + argc});
  } catch (const explainn::cli::Interrupted& interrupted) {
    return fail("stopped by a signal; the results are not complete", 128 + interrupted.signal);
  } catch (const explainn::UsageError& error) {
    return fail(error.what(), 2);
  } catch (const explainn::Error& error) {
    return fail(error.what(), 1);
  } catch (const std::bad_alloc&) {
    return fail("out of memory; try fewer units or a smaller batch, or a machine with more", 1);
  } catch (const std::exception& error) {
    return fail(std::string("internal error, please report it: ") + error.what(), 1);
  }
}
