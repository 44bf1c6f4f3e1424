// SPDX-License-Identifier: Apache-2.0
//
// lineup-worker ADDRESS MEMORY_MAX_BYTES SERVICE: runs one plugin for a service, the process of
// that number, that shares the memory of descriptor 3 with it, at that address; descriptor 4 is the
// plugin. Started by the engine for nodes with `isolation: process`.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "isolate/serve_calls.hpp"
#include "keeper.hpp"

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::fputs("usage: lineup-worker ADDRESS MEMORY_MAX_BYTES SERVICE, by the engine alone\n",
               stderr);
    return 2;
  }
  // The thread that starts workers lives as long as they are wanted.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have ended before that was said.
  if (::getppid() != static_cast<pid_t>(std::strtol(arguments[3], nullptr, 10))) return 2;
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  lineup::keep_plugin();
  const auto region =
      lineup::Region::open(lineup::kRegionDescriptor, std::strtoull(arguments[1], nullptr, 10));
  if (!region) {
    std::fprintf(stderr, "lineup-worker: %s\n", region.error().message.c_str());
    return 2;
  }
  // Not exit(): what a plugin registered for the end would run in a process that is gone for all.
  ::_exit(lineup::serve_calls(*region, std::strtoull(arguments[2], nullptr, 10)));
}
