// SPDX-License-Identifier: Apache-2.0
//
// What `lineup rollout` can be told.
#pragma once

#include <cstdint>
#include <string>

namespace lineup::cli {

struct RolloutOptions {
  std::string verb = "status";  // promote, abort, rollback
  std::string state;
  std::string who;  // empty: the user who runs the program
  std::string why;
  std::uint32_t timeout_ms = 10'000;
  bool json = false;
};

int rollout_verb(const RolloutOptions& options);

}  // namespace lineup::cli
