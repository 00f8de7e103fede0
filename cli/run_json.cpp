#include "cli/run_json.h"

#include <CLI/CLI.hpp>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/parse.h"
#include "cli/version.h"
#include "data/atomic_file.h"
#include "data/byte_source.h"
#include "kernels/base/parallel.h"

namespace explainn::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

// Every option with its value, given or standard; those without either are left out.
Json options_json(const CLI::App& app) {
  Json options = Json::object();
  for (const CLI::Option* option : app.get_options()) {
    const std::string key = option_key(*option);
    if (key == "help") continue;
    if (option->get_items_expected_max() == 0) {
      options[key] = option->count() > 0;
    } else if (option->count() > 0) {
      options[key] = option->results().back();
    } else if (!option->get_default_str().empty()) {
      options[key] = option->get_default_str();
    }
  }
  return options;
}

}  // namespace

data::InputFile describe_input(const std::string& path) {
  data::ByteSource source(path);
  std::vector<char> bytes(std::size_t{1} << 20);
  while (source.read(bytes, 0) > 0) {
  }
  return {path, source.bytes(), source.hash()};
}

void write_run_json(const std::string& folder, const RunLog& log,
                    const std::vector<data::InputFile>& inputs, const std::string& outcome) {
  Json input_list = Json::array();
  for (const data::InputFile& input : inputs) {
    input_list.push_back({{"path", input.path}, {"bytes", input.bytes}, {"xxh128", input.hash}});
  }
  const Json run = {
      {"program", "explainn"},
      {"version", version()},
      {"commit", commit()},
      {"subcommand", log.invocation().options->get_name()},
      {"command", log.invocation().arguments},
      {"options", options_json(*log.invocation().options)},
      {"seed", log.options().seed},
      {"device", to_string(log.device())},
      {"device_name", log.device_name()},
      {"threads", thread_count()},
      {"inputs", input_list},
      {"outcome", outcome},
      {"times",
       {{"started", utc(log.started())},
        {"finished", utc(std::chrono::system_clock::now())},
        {"seconds", log.seconds()}}},
      {"peak_memory_bytes", peak_memory()},
  };
  // Bytes that are no UTF-8 (in a path) are replaced rather than refused.
  data::write_file(in_folder(folder, "run.json"),
                   run.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace explainn::cli
