// SPDX-License-Identifier: Apache-2.0
//
// Talks to a running engine through the files of its state directory.
#pragma once

#include <string>

#include "base/result.hpp"

namespace lineup::cli {

// Leaves `command` in DESK/commands and waits for the answer in DESK/answers, which is taken away.
// `id` names both files. Errors: nobody answers within `wait_ms`, and the command is taken back;
// the directory cannot be written.
[[nodiscard]] Result<std::string> ask_engine(const std::string& desk, const std::string& id,
                                             const std::string& command, int wait_ms);
// A name that no other command has.
[[nodiscard]] std::string new_command_id();
// Who runs this program, for the audit: of the login, else "somebody".
[[nodiscard]] std::string login_name();

}  // namespace lineup::cli
