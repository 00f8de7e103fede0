// Signals that ask the program to stop, seen by polling so that files stay whole.
#pragma once

namespace explainn::cli {

/// Thrown by check_interrupted().
struct Interrupted {
  int signal;
};

/// From now on SIGTERM and SIGINT (and SIGUSR1, if `user_signal`) are noted instead of ending the
/// program; a second one of the same kind ends it at once.
void catch_signals(bool user_signal);
/// The signal noted first, 0 if there was none.
int caught_signal();
/// Throws Interrupted if a signal was noted.
void check_interrupted();

}  // namespace explainn::cli
