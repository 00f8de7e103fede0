// What a user's word for a device means on machines with none, one and several GPUs.
#include "kernels/device_choice.h"

#include <gtest/gtest.h>

#include "kernels/base/error.h"

namespace explainn {
namespace {

const Gpus kNone{.names = {}, .why_none = "there is none"};
const Gpus kTwo{.names = {"Small GPU, 8 GiB", "Large GPU, 80 GiB"}, .why_none = ""};

Device gpu(int index) {
  return {.kind = DeviceKind::cuda, .index = index};
}

std::string complaint(const std::string& word, const Gpus& gpus) {
  try {
    choose_device(word, gpus);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ChooseDevice, TakesWhatIsThere) {
  EXPECT_EQ(choose_device("cpu", kTwo).device, Device{});
  EXPECT_EQ(choose_device("cpu", kTwo).name, "CPU");
  EXPECT_EQ(choose_device("auto", kTwo).device, gpu(0));
  EXPECT_EQ(choose_device("cuda", kTwo).device, gpu(0));
  EXPECT_EQ(choose_device("cuda", kTwo).name, "Small GPU, 8 GiB");
  EXPECT_EQ(choose_device("cuda:1", kTwo).device, gpu(1));
  EXPECT_EQ(choose_device("cuda:1", kTwo).name, "Large GPU, 80 GiB");
  for (const char* word : {"cpu", "auto", "cuda", "cuda:1"}) {
    EXPECT_EQ(choose_device(word, kTwo).note, "");
  }
}

TEST(ChooseDevice, AutoTakesTheCpuAndSaysWhy) {
  const DeviceChoice choice = choose_device("auto", kNone);
  EXPECT_EQ(choice.device, Device{});
  EXPECT_EQ(choice.note, "there is none: computing on the CPU");
  EXPECT_EQ(choose_device("cpu", kNone).note, "");
}

TEST(ChooseDevice, RefusesAGpuThatIsNotThere) {
  EXPECT_EQ(complaint("cuda", kNone), "--device cuda: there is none; use --device cpu");
  EXPECT_EQ(complaint("cuda:3", kNone), "--device cuda:3: there is none; use --device cpu");
  EXPECT_EQ(complaint("cuda:2", kTwo),
            "--device cuda:2: there is no such GPU; there are cuda:0 (Small GPU, 8 GiB), cuda:1 "
            "(Large GPU, 80 GiB)");
}

TEST(ChooseDevice, HelpsWithOtherWords) {
  const auto proposes = [](const std::string& word, const std::string& near) {
    const std::string text = complaint(word, kTwo);
    EXPECT_NE(text.find("did you mean " + near + "? give auto, cpu, cuda or cuda:N"),
              std::string::npos)
        << text;
  };
  proposes("gpu", "cuda");
  proposes("cudda", "cuda");
  proposes("cuda0", "cuda:0");
  proposes("CPU", "cpu");
  for (const char* word : {"", "cuda:", "cuda:-1", "cuda:1x", "cuda: 1", "cuda:99999999999"}) {
    EXPECT_NE(complaint(word, kTwo).find("give auto, cpu, cuda or cuda:N"), std::string::npos)
        << word;
  }
}

TEST(FindGpus, NamesThemOrSaysWhyThereIsNone) {
  const Gpus gpus = find_gpus();
  EXPECT_EQ(gpus.names.empty(), !gpus.why_none.empty());
  EXPECT_EQ(gpus.names.size(), static_cast<std::size_t>(gpu_count()));
  if (gpus.names.empty()) {
    EXPECT_THROW(free_memory(gpu(0)), UsageError);
  } else {
    EXPECT_GT(free_memory(gpu(0)), 0);
  }
}

}  // namespace
}  // namespace explainn
