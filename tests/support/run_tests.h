// What every program of tests does, and how ctest learns of skipped tests.
#pragma once

#include <gtest/gtest.h>

#include <iostream>

namespace explainn::test {

/// Runs the tests asked for and gives the program's exit code: 77, which ctest counts as skipped,
/// if none ran. A suite is skipped whole or not at all (else 1): it is one entry of ctest, whose
/// summary would not show that a part of it was skipped.
inline int run_tests() {
  const int failed = RUN_ALL_TESTS();
  if (failed != 0) return failed;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    const int skipped = suite.skipped_test_count();
    if (skipped > 0 && skipped < suite.test_to_run_count()) {
      std::cerr << suite.name() << ": skipped " << skipped << " of " << suite.test_to_run_count()
                << " tests; put those into a suite of their own\n";
      return 1;
    }
  }
  const int skipped = all.skipped_test_count();
  return skipped > 0 && skipped == all.test_to_run_count() ? 77 : 0;
}

}  // namespace explainn::test
