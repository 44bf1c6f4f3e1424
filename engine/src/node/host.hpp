// SPDX-License-Identifier: Apache-2.0
//
// What plugins are given: the host table. One per plugin, alive as long as the process, because a
// plugin may keep it.
#pragma once

#include <functional>
#include <string_view>

#include "base/log.hpp"
#include "lineup/plugin.h"

namespace lineup {

// LIMIT: lines a second that one plugin may log; more are counted and left out.
inline constexpr int kHostLogLinesPerSecond = 10;

// The host table of the plugin of that name: the same for every version of it. [any]
[[nodiscard]] const lineup_host* host_for(std::string_view plugin);

// Where plugins' lines go from now on; without, they are dropped. The sink may be called from any
// thread, by several at once. [control]
using HostLog = std::function<void(LogLevel level, std::string_view plugin, std::string_view text)>;
void set_host_log(HostLog sink);

// Offers a table to plugins by its id, beside the slate builder's. The first one of an id stays:
// its meaning never changes. The table must live as long as the process. [any]
void offer_host_extension(std::string_view id, const void* table);

}  // namespace lineup
