// style.css and script.js, as CMake embeds them.
#pragma once

#include <string_view>

namespace explainn::model::report {

extern const std::string_view kStyle;
extern const std::string_view kScript;

}  // namespace explainn::model::report
