#include "kernels/device_choice.h"

#include <charconv>

#include "kernels/base/error.h"
#include "kernels/base/nearest.h"
#include "kernels/cuda/devices.h"
#include "kernels/dispatch.h"

namespace explainn {
namespace {

constexpr std::string_view kNumbered = "cuda:";

// The number in "cuda:N"; -1 where there is none.
int gpu_number(const std::string& word) {
  int number = -1;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + kNumbered.size(), end, number);
  return error == std::errc() && stop == end && number >= 0 ? number : -1;
}

std::string listed(const Gpus& gpus) {
  std::string text;
  for (std::size_t i = 0; i < gpus.names.size(); ++i) {
    text += cat(i == 0 ? "" : ", ", "cuda:", i, " (", gpus.names[i], ")");
  }
  return text;
}

[[noreturn]] void refuse(const std::string& word) {
  const std::vector<std::string> words = {"auto", "cpu", "cuda:0", "cuda"};
  // Other programs' word for it, too far off to be a slip.
  const std::string near = word == "gpu" ? "cuda" : nearest_name(word, words);
  throw UsageError(cat("--device ", word, ": ", near.empty() ? "" : "did you mean " + near + "? ",
                       "give auto, cpu, cuda or cuda:N"));
}

}  // namespace

Gpus find_gpus() {
  Gpus gpus;
  for (int index = 0; index < gpu_count(); ++index) gpus.names.push_back(gpu_name(index));
  if (gpus.names.empty()) {
    gpus.why_none =
        kCudaBuild ? "there is no usable GPU here" : "this build of explainn has no CUDA";
  }
  return gpus;
}

DeviceChoice choose_device(const std::string& word, const Gpus& gpus) {
  if (word == "cpu") return {.device = {}, .name = "CPU", .note = ""};
  const bool automatic = word == "auto";
  const bool numbered = word.starts_with(kNumbered);
  const int number = numbered ? gpu_number(word) : 0;
  if ((!automatic && word != "cuda" && !numbered) || number < 0) refuse(word);
  if (gpus.names.empty()) {
    if (automatic) {
      return {.device = {}, .name = "CPU", .note = gpus.why_none + ": computing on the CPU"};
    }
    throw UsageError(cat("--device ", word, ": ", gpus.why_none, "; use --device cpu"));
  }
  if (number >= static_cast<int>(gpus.names.size())) {
    throw UsageError(cat("--device ", word, ": there is no such GPU; there ",
                         gpus.names.size() == 1 ? "is " : "are ", listed(gpus)));
  }
  return {.device = {.kind = DeviceKind::cuda, .index = number},
          .name = gpus.names[static_cast<std::size_t>(number)],
          .note = ""};
}

std::int64_t free_memory(Device gpu) {
  kernels::on_gpu(gpu);
  if constexpr (kCudaBuild) return cuda::free_memory(gpu);
  return 0;
}

}  // namespace explainn
