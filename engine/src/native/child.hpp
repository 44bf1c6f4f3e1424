// SPDX-License-Identifier: Apache-2.0
//
// Another program, run to its end or to a deadline, with what it wrote. Whatever runs a plugin for
// the first time runs it there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup {

struct ChildCommand {
  std::filesystem::path program;
  std::vector<std::string> arguments;  // without the program's name
  std::uint32_t timeout_ms = 10'000;
};

// How a child ended.
struct ChildEnding {
  bool is_timeout = false;  // it was killed at the deadline, with all that it started
  bool is_known = false;    // false: somebody else in this process took the status
  int status = 0;           // as of waitpid()
  std::string answer;       // the end of its standard output
  std::string complaints;   // the end of its standard error
};

// Starts the program in a process group of its own and waits. Code: native/no-probe (it could not
// be started). [control, any thread]
[[nodiscard]] Result<ChildEnding> run_child(const ChildCommand& command);

// "SIGABRT" when a signal ended it; empty otherwise. [any]
[[nodiscard]] std::string signal_of(const ChildEnding& ending);
// What the last line `at STEP` of its output names: how far it came. [any]
[[nodiscard]] std::string last_step(const std::string& answer);
// The last line of its output. [any]
[[nodiscard]] std::string_view last_line(const std::string& answer);
// "; it said: `...`", from the end of its standard error; empty when it was silent. [any]
[[nodiscard]] std::string complaint_of(const ChildEnding& ending);

}  // namespace lineup
