// The tests' program switches the simulated device on; to all other programs of this build there is
// no GPU.
#include <gtest/gtest.h>

#include "tests/simt/machine.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  explainn::simt::show_device();
  return RUN_ALL_TESTS();
}
