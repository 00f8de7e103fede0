// explainn completion: scripts for bash and zsh, made from the table of sub-commands and options.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

using Apps = std::vector<const CLI::App*>;

Apps sub_commands(const CLI::App& command) {
  return command.get_parent()->get_subcommands(
      [](const CLI::App* app) { return !app->get_name().empty(); });
}

std::vector<std::string> dashed_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

// The options of a command, flags and the others apart.
std::string names_of(const CLI::App& app, bool flags) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (flags != (option->get_items_expected_max() == 0)) continue;
    for (const std::string& name : dashed_names(*option)) text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

std::string bash_script(const Apps& apps) {
  std::string names;
  std::string cases;
  for (const CLI::App* app : apps) {
    names += (names.empty() ? "" : " ") + app->get_name();
    cases += "    " + app->get_name() + ") valued='" + names_of(*app, false) + "' flags='" +
             names_of(*app, true) + "' ;;\n";
  }
  return "# bash completion of explainn\n"
         "_explainn() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} valued= "
         "flags=\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W '" +
         names +
         " --help --version' -- \"$word\")\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  case \" $valued \" in *\" $before \"*) mapfile -t COMPREPLY < <(compgen -f -- "
         "\"$word\"); "
         "return ;; esac\n"
         "  case $word in\n"
         "    -*) mapfile -t COMPREPLY < <(compgen -W \"$valued $flags\" -- \"$word\") ;;\n"
         "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _explainn explainn\n";
}

// Text inside '..' of _arguments: quotes, brackets and colons mean something there.
std::string zsh_quoted(const std::string& text) {
  std::string quoted;
  for (const char letter : text) {
    if (letter == '\'') {
      quoted += "'\\''";
      continue;
    }
    if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted;
}

std::string zsh_options(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    const bool flag = option->get_items_expected_max() == 0;
    for (const std::string& name : dashed_names(*option)) {
      text += " \\\n        '" + name + "[" + zsh_quoted(option->get_description()) + "]" +
              (flag ? "" : ":value:_files") + "'";
    }
  }
  return text;
}

std::string zsh_script(const Apps& apps) {
  std::string names;
  std::string cases;
  for (const CLI::App* app : apps) {
    names += "    '" + app->get_name() + ":" + zsh_quoted(app->get_description()) + "'\n";
    cases += "    " + app->get_name() + ")\n      _arguments" + zsh_options(*app) +
             " \\\n        '*:file:_files' ;;\n";
  }
  return "#compdef explainn\n"
         "_explainn() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         names +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe 'sub-command' commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words; (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_explainn \"$@\"\n";
}

int run(const std::string& shell, const Invocation& invocation) {
  const Apps apps = sub_commands(*invocation.options);
  if (shell == "bash") {
    data::write_file("-", bash_script(apps));
  } else if (shell == "zsh") {
    data::write_file("-", zsh_script(apps));
  } else {
    throw UsageError(cat("no completion for ", shell, "; give bash or zsh"));
  }
  return 0;
}

}  // namespace

Action declare_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.add_option("SHELL", *shell, "bash or zsh")->required()->type_name("NAME");
  app.footer("Example: source <(explainn completion bash)");
  return [shell](const Invocation& invocation) { return run(*shell, invocation); };
}

}  // namespace explainn::cli
