// The tests' program switches the simulated device on; to all other programs of this build there is
// no GPU.
#include "tests/simt/machine.h"
#include "tests/support/run_tests.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  explainn::simt::show_device();
  return explainn::test::run_tests();
}
