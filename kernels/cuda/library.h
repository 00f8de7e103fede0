// Shared libraries that are opened when they are first needed: NVIDIA's take a tenth of a second to
// load, which every start of the program would pay for, and most runs never call them.
#pragma once

namespace explainn::kernels::cuda {

/// An open shared library; stays open until the program ends.
class Library {
 public:
  /// Opens the first of two that can be: `found`, the file that CMake saw when this was built, and
  /// `name`, wherever the system looks for libraries. Throws Error with the system's reasons.
  Library(const char* found, const char* name);

  /// The address of a function. Throws Error if the library has none of that name.
  void* function(const char* name) const;

 private:
  const char* name_;
  void* handle_ = nullptr;
};

}  // namespace explainn::kernels::cuda

// The text of a name, of a macro's the text of what it stands for: some functions' names are macros
// for the names in the library. In two steps, since # takes its argument as it is written.
#define EXPLAINN_WRITTEN(name) #name
#define EXPLAINN_TEXT(name) EXPLAINN_WRITTEN(name)

// The function of `library` that a header declares as `declared`, with its type.
#define EXPLAINN_FUNCTION_OF(library, declared) \
  reinterpret_cast<decltype(&declared)>((library).function(EXPLAINN_TEXT(declared)))
