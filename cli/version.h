// Which program this is.
#pragma once

#include <string>

namespace explainn::cli {

/// "0.1.0".
std::string version();
/// The commit it was built from, "unknown" outside a repository.
std::string commit();

}  // namespace explainn::cli
