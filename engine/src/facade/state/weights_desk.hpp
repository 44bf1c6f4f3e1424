// SPDX-License-Identifier: Apache-2.0
//
// What people tell a running engine about its live values, at the desk DIR/weights of its state
// directory. `lineup weights` does so.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "desk/desk.hpp"
#include "lineup/engine.h"

namespace lineup {

// The verbs are list, set, history and revert; the body of the answer is what list and history
// ask for. [control]
[[nodiscard]] DeskAnswer obey_weights(lineup_engine& engine, const DeskCommand& command);

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
  const CommandDesk desk_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses all of the others
};

}  // namespace lineup
