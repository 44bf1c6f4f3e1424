// SPDX-License-Identifier: Apache-2.0
//
// Processes that reload one change after another until they are killed, and what starts after them.
#pragma once

#include <cstddef>
#include <string>

namespace lineup {

struct KilledReloads {
  std::size_t changes = 0;  // went live before their process was killed, in all rounds
  int served = 0;  // rounds whose process was at work when it was killed, and the next served
  double slowest_start_ms = 0.0;
};

// Starts this program with `--reload-until-killed ROOT ROUND DESCRIPTOR` and kills it, so many
// times, each time at another moment of its reloads; then an engine opens on what is left.
// REQUIRES: `root` is a bundle. Writes `policies/home.yaml`, `state` and `staging_child` there.
KilledReloads kill_reloads(const std::string& root, int rounds);

// What main() does with these arguments; comes back only with a fault.
int reload_until_killed(const std::string& root, const std::string& round, int live);

}  // namespace lineup
