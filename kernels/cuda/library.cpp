#include "kernels/cuda/library.h"

#include <dlfcn.h>

#include <string>

#include "kernels/base/error.h"

namespace explainn::kernels::cuda {
namespace {

std::string last_error() {
  const char* text = dlerror();
  return text != nullptr ? text : "no reason given";
}

}  // namespace

Library::Library(const char* found, const char* name) : name_(name) {
  std::string reasons;
  for (const char* file : {found, name}) {
    handle_ = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
    reasons += (reasons.empty() ? "" : "; ") + last_error();
  }
  throw Error(cat("cannot open ", name, ", which the GPU needs: ", reasons,
                  " (install it, name its folder in LD_LIBRARY_PATH, or use --device cpu)"));
}

void* Library::function(const char* name) const {
  void* const address = dlsym(handle_, name);
  if (address == nullptr) throw Error(cat(name_, " has no function ", name, ": ", last_error()));
  return address;
}

}  // namespace explainn::kernels::cuda
