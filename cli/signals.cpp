#include "cli/signals.h"

#include <csignal>

namespace explainn::cli {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

extern "C" void note_signal(int signal) {
  if (noted_signal == 0) noted_signal = signal;
}

void catch_signal(int signal) {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  // Reads and writes go on after the signal; the next one of the same kind finds the default
  // action.
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_signals(bool user_signal) {
  catch_signal(SIGTERM);
  catch_signal(SIGINT);
  if (user_signal) catch_signal(SIGUSR1);
}

int caught_signal() {
  return noted_signal;
}

void check_interrupted() {
  if (noted_signal != 0) throw Interrupted{noted_signal};
}

}  // namespace explainn::cli
