// CLI11's classes by name, for headers: its own takes seconds to compile, so only sources that call
// it include it.
#pragma once

namespace CLI {
class App;
class Option;
}  // namespace CLI
