// SPDX-License-Identifier: Apache-2.0
//
// The handler writes a byte into a pipe that every waiting thread polls: a signal may reach any
// thread, and only a descriptor wakes the one that waits. The byte is never read, so that all are
// woken.
#include "cli/interrupt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace lineup::cli {

namespace {

std::atomic<int> g_signal{0};
int g_wake[2] = {-1, -1};

extern "C" void on_signal(int number) {
  const int saved = errno;
  g_signal.store(number, std::memory_order_relaxed);
  const char byte = 1;
  if (g_wake[1] >= 0) [[maybe_unused]]
    const auto written = write(g_wake[1], &byte, 1);
  errno = saved;
}

}  // namespace

void install_interrupt() {
  if (pipe2(g_wake, O_CLOEXEC | O_NONBLOCK) != 0) g_wake[0] = g_wake[1] = -1;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

int interrupted() { return g_signal.load(std::memory_order_relaxed); }

int interrupted_exit_code() { return 128 + interrupted(); }

bool wait_readable(int descriptor, int timeout_ms) {
  while (interrupted() == 0) {
    pollfd waits[2] = {{g_wake[0], POLLIN, 0}, {descriptor, POLLIN, 0}};
    const int ready = poll(waits, 2, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    if (waits[0].revents != 0) return false;
    if (waits[1].revents != 0) return true;
  }
  return false;
}

}  // namespace lineup::cli
