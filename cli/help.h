// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace explainn::cli {

/// CLI11's help, less the lists of options that exclude or need each other: parsing says so.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace explainn::cli
