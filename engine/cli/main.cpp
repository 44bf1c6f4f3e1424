// SPDX-License-Identifier: Apache-2.0
//
// The `lineup` program.
#include <exception>

#include "cli/command_line.hpp"
#include "cli/interrupt.hpp"
#include "cli/verbs.hpp"

int main(int argc, char** argv) {
  try {
    lineup::cli::install_interrupt();
    return lineup::cli::run_command_line(argc, argv);
  } catch (const std::exception& fault) {
    return lineup::cli::could_not_run(fault.what());
  }
}
