// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C and friends: the program ends after the line it is at.
#pragma once

namespace lineup::cli {

// From now on SIGINT and SIGTERM ask the program to end; a second one ends it at once. SIGPIPE is
// ignored: writing says what happened.
void install_interrupt();

// 0, or the signal that asked the program to end. [any]
[[nodiscard]] int interrupted();

// What the shell expects of a program that a signal ended: 130 after Ctrl-C.
[[nodiscard]] int interrupted_exit_code();

// Waits until `descriptor` can be read (-1: none), `timeout_ms` have passed (-1: for ever) or the
// program is asked to end. True when there is something to read. [any]
[[nodiscard]] bool wait_readable(int descriptor, int timeout_ms);

}  // namespace lineup::cli
