// SPDX-License-Identifier: Apache-2.0
//
// How people talk to an engine that runs in another process, without a port: through files of its
// state directory. DESK/commands/ID.json is written under another name and renamed; the engine
// takes it away, obeys, and answers in DESK/answers/ID.json. An engine has several desks, each with
// verbs of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "desk/command.hpp"

namespace lineup {

// The engine's side. One thread at a time.
class CommandDesk {
 public:
  explicit CommandDesk(std::string directory) : directory_(std::move(directory)) {}

  // Makes the directories, so that who comes finds where to write. Code: desk/write. [control]
  [[nodiscard]] Result<void> open() const;
  // Takes every command that lies there, in the order of their names, and answers it; what cannot
  // be read is answered too. A command is obeyed once, even when obeying it kills the engine.
  // [control]
  void take(const std::function<DeskAnswer(const DeskCommand& command)>& obey) const;

 private:
  void answer(const std::string& id, const DeskAnswer& answer) const;

  std::string directory_;
};

// The other side: leaves the command under an id of its own and waits for the answer, which is
// taken away. When nobody answers in time the command is taken back: nobody must obey it later,
// when whoever gave it has gone. Codes: desk/write, desk/no-answer, desk/answer. [control]
[[nodiscard]] Result<DeskAnswer> ask_desk(const std::string& directory, DeskCommand command,
                                          std::uint32_t timeout_ms);

}  // namespace lineup
