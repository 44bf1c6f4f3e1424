// SPDX-License-Identifier: Apache-2.0
//
// The words after `lineup`.
#pragma once

namespace lineup::cli {

// Reads the command line, runs the verb it names, and returns the exit code.
int run_command_line(int argc, char** argv);

}  // namespace lineup::cli
