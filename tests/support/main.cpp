#include "tests/support/run_tests.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return explainn::test::run_tests();
}
