#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "data/atomic_file.h"
#include "data/fields.h"
#include "kernels/base/error.h"
#include "kernels/base/nearest.h"

namespace explainn::cli {
namespace {

// Options that steer one call and are not part of what a run computes.
constexpr std::array<const char*, 5> kOfOneCall = {"config", "force", "help", "quiet", "resume"};

bool of_one_call(const std::string& key) {
  return std::find(kOfOneCall.begin(), kOfOneCall.end(), key) != kOfOneCall.end();
}

// The sub-command that the first argument names; null if it names none.
CLI::App* chosen_command(CLI::App& root, const std::vector<std::string>& arguments) {
  if (arguments.empty()) return nullptr;
  const auto found =
      root.get_subcommands([&](const CLI::App* app) { return app->get_name() == arguments[0]; });
  return found.empty() ? nullptr : found[0];
}

std::vector<std::string> long_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// CLI11 complains about a missing argument before it looks at unknown options; users want the
// latter.
void check_option_names(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return;
    if (argument.size() < 2 || argument[0] != '-' || argument.find_first_of("0123456789.") == 1) {
      continue;
    }
    const bool is_long = argument[1] == '-';
    const std::string name =
        is_long ? argument.substr(0, argument.find('=')) : argument.substr(0, 2);
    if (app.get_option_no_throw(name) != nullptr) continue;
    const std::string near = nearest_name(name, long_names(app));
    throw UsageError(cat("unknown option ", name, near.empty() ? "" : "; did you mean ", near,
                         near.empty() ? "; see explainn " + app.get_name() + " --help" : "?"));
  }
}

nlohmann::json read_run(const std::string& path, const std::string& command) {
  nlohmann::json run = nlohmann::json::parse(data::read_file(path, std::size_t{1} << 26), nullptr,
                                             /*allow_exceptions=*/false);
  if (!run.is_object() || !run.contains("options") || !run["options"].is_object()) {
    fail_at(path, 0, "this is no run.json; give the one that a run of explainn wrote");
  }
  const auto& name = run["subcommand"];
  if (name != command) {
    fail_at(path, 0, "this describes a run of explainn ",
            name.is_string() ? name : nlohmann::json("?"), ", not of ", command);
  }
  return run["options"];
}

bool excluded(const CLI::Option& option) {
  const auto& others = option.get_excludes();
  return std::any_of(others.begin(), others.end(),
                     [](const CLI::Option* other) { return other->count() > 0; });
}

void supply(CLI::Option& option, const nlohmann::json& value, const std::string& path) {
  if (value == false) return;
  if (value == true) {
    option.add_result("true");
  } else if (value.is_string()) {
    option.add_result(value.get<std::string>());
  } else if (value.is_number()) {
    option.add_result(value.dump());
  } else {
    fail_at(path, 0, "the option ", option_key(option),
            " holds neither a text, a number nor a flag");
  }
  option.run_callback();
}

// Explicit options win; explicit files replace all files of the earlier run.
void apply_config(CLI::App& app, const std::string& path, const std::vector<CLI::Option*>& needed) {
  const nlohmann::json options = read_run(path, app.get_name());
  bool own_files = false;
  for (const CLI::Option* option : app.get_options()) {
    own_files = own_files || (option->get_positional() && option->count() > 0);
  }
  std::vector<std::pair<CLI::Option*, nlohmann::json>> supplied;
  for (const auto& [key, value] : options.items()) {
    if (of_one_call(key)) continue;
    CLI::Option* option = app.get_option_no_throw("--" + key);
    if (option == nullptr) option = app.get_option_no_throw(key);
    if (option == nullptr) {
      fail_at(path, 0, "explainn ", app.get_name(), " has no option ", key,
              " (any more); remove it");
    }
    if (option->count() > 0 || excluded(*option) || (own_files && option->get_positional()))
      continue;
    supplied.emplace_back(option, value);
  }
  for (const auto& [option, value] : supplied) supply(*option, value, path);
  for (const CLI::Option* option : needed) {
    if (option->count() == 0) throw UsageError(option->get_name() + " is required");
  }
}

std::string config_path(const std::vector<std::string>& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--config" && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].rfind("--config=", 0) == 0) return arguments[i].substr(9);
  }
  return {};
}

}  // namespace

std::string option_key(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_name() : option.get_lnames()[0];
}

std::vector<std::string> split_list(const std::string& text, const std::string& option) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    parts.push_back(text.substr(begin, comma - begin));
    if (parts.back().empty()) {
      throw UsageError(cat(option, " ", text, ": an empty name; write a,b,c without blanks"));
    }
    if (comma == std::string::npos) return parts;
    begin = comma + 1;
  }
}

void check_command_name(CLI::App& root, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].rfind('-', 0) == 0) return;
  if (chosen_command(root, arguments) != nullptr) return;
  std::vector<std::string> names;
  for (const CLI::App* app : root.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(app->get_name());
  const std::string near = nearest_name(arguments[0], names);
  throw UsageError(cat("unknown sub-command ", arguments[0],
                       near.empty() ? "; see explainn --help" : "; did you mean " + near + "?"));
}

void parse_arguments(CLI::App& root, const std::vector<std::string>& arguments) {
  CLI::App* app = chosen_command(root, arguments);
  const std::string config = app == nullptr ? "" : config_path(arguments);
  std::vector<CLI::Option*> needed;
  if (!config.empty()) {
    needed = app->get_options([](const CLI::Option* option) { return option->get_required(); });
    for (CLI::Option* option : needed) option->required(false);
  }
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    if (!config.empty()) apply_config(*app, config, needed);
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::CallForVersion&) {
    throw;
  } catch (const CLI::ParseError& error) {
    const CLI::App& known = app == nullptr ? root : *app;
    check_option_names(known, {arguments.begin() + (app == nullptr ? 0 : 1), arguments.end()});
    throw UsageError(cat(error.what(), "; see explainn ",
                         app == nullptr ? "" : app->get_name() + " ", "--help"));
  }
}

std::optional<std::array<double, 4>> parse_four(const std::string& text,
                                                const std::string& option) {
  const std::vector<std::string> parts = split_list(text, option);
  std::array<double, 4> numbers{};
  if (parts.size() != numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<double> number = data::parse_number(parts[i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  return numbers;
}

}  // namespace explainn::cli
