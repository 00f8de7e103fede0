// Names of files for what has a name of its own.
#pragma once

#include <string>
#include <vector>

namespace explainn::cli {

/// A name for each id, to be followed by an ending: letters, digits, "._+-" and what is not ASCII
/// stay, all else becomes "_". No two are equal, upper and lower case aside: the later one gets
/// "-2", "-3" .., but an id that can be a name as it is comes before one that cannot.
std::vector<std::string> file_names(const std::vector<std::string>& ids);

}  // namespace explainn::cli
