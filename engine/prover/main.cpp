// SPDX-License-Identifier: Apache-2.0
//
// lineup-prover: tries a bundle that an engine has staged, before that engine compiles any of it.
// It exists to die in the engine's place; what it finds is one line of JSON (see proof.hpp).
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "facade/rollout/proof.hpp"

namespace {

// The answer has a descriptor of its own: what a plugin or a rule prints goes to standard error.
int take_standard_output() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const int descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return descriptor;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + argument_count);
  if (given.size() != 8) {
    std::fputs("usage: started by an engine, see `rollout` in policies/README.md\n", stderr);
    return 2;
  }
  return lineup::prove(given, take_standard_output());
}
