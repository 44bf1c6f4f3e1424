// SPDX-License-Identifier: Apache-2.0
//
// What people tell a running engine about its live values, through files of its state directory:
// DIR/weights/commands/ID.json is written under another name and renamed; the engine takes it away,
// obeys, and answers in DIR/weights/answers/ID.json. `lineup weights` does so.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.hpp"
#include "lineup/engine.h"

namespace lineup {

// One command and its answer, both JSON:
//   {"id", "verb": "list|set|history|revert", "scene", "name", "value", "ttl_ms", "who", "why"}
//   {"done", "message", "body"}
// Any bytes may be given. [control]
[[nodiscard]] std::string obey_weights(lineup_engine& engine, std::string_view command);

// Takes the commands that lie there, from its making to its end, on a thread of its own.
class WeightsDesk {
 public:
  WeightsDesk(lineup_engine& engine, const std::string& state_directory);
  ~WeightsDesk();
  WeightsDesk(const WeightsDesk&) = delete;
  WeightsDesk& operator=(const WeightsDesk&) = delete;

 private:
  void run(const std::stop_token& stop);

  lineup_engine& engine_;
  const std::string desk_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses all of the others
};

}  // namespace lineup
