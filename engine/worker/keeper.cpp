// SPDX-License-Identifier: Apache-2.0
//
// The keeper is the subreaper of all that the plugin starts: an orphan becomes its child, so that
// ending its children until there are none ends everything. They are found in /proc, since what has
// left the group is in no list that kill() knows.
#include "keeper.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lineup {

namespace {

// LIMIT: rounds of ending what a plugin has started, against one that starts more all the while.
constexpr int kRoundsMax = 1000;

// The parent of a process; -1: it is gone.
pid_t parent_of(const char* number) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%.20s/stat", number);
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  char text[512];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return -1;
  text[size] = '\0';
  // The name may hold anything, parentheses included: what follows the last one is the state.
  const char* end = std::strrchr(text, ')');
  int parent = -1;
  if (end == nullptr || std::sscanf(end + 1, " %*c %d", &parent) != 1) return -1;
  return parent;
}

void kill_children() {
  DIR* processes = ::opendir("/proc");
  if (processes == nullptr) return;
  while (const dirent* entry = ::readdir(processes)) {
    const auto child = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (child > 0 && parent_of(entry->d_name) == ::getpid()) ::kill(child, SIGKILL);
  }
  ::closedir(processes);
}

// Ends all that is left; `status` is filled in when the plugin's process is among it.
void end_all(pid_t plugin, int& status) {
  for (int round = 0; round < kRoundsMax; ++round) {
    kill_children();
    int ended = 0;
    const pid_t child = ::waitpid(-1, &ended, 0);
    if (child < 0 && errno == ECHILD) return;
    if (child == plugin) status = ended;
  }
}

[[noreturn]] void end_like(int status) {
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  std::signal(number, SIG_DFL);
  sigset_t all;
  ::sigemptyset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::raise(number);
  ::_exit(2);
}

}  // namespace

void keep_plugin() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t awaited;
  sigset_t before;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGTERM);
  ::sigaddset(&awaited, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &awaited, &before);
  const pid_t keeper = ::getpid();
  const pid_t plugin = ::fork();
  if (plugin == 0) {
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper) ::_exit(2);
    return;
  }
  if (plugin < 0) ::_exit(2);
  // What the service handed over is the plugin's.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  int status = 0;
  for (bool is_over = false; !is_over;) {
    int number = 0;
    if (::sigwait(&awaited, &number) != 0) continue;
    is_over = number == SIGTERM;
    int ended = 0;
    for (pid_t child = 0; (child = ::waitpid(-1, &ended, WNOHANG)) > 0;) {
      if (child != plugin) continue;
      status = ended;
      is_over = true;
    }
  }
  end_all(plugin, status);
  end_like(status);
}

}  // namespace lineup
