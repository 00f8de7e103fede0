#include "cli/version.h"

namespace explainn::cli {

std::string version() {
  return EXPLAINN_VERSION;
}
std::string commit() {
  return EXPLAINN_COMMIT;
}

}  // namespace explainn::cli
