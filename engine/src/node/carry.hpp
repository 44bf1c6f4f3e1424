// SPDX-License-Identifier: Apache-2.0
//
// What a plugin's instance learnt, as bytes: asked of the instance that served, given to the one
// that takes its place (lineup/ext/state.h). The bytes are the plugin's; nothing here reads them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "lineup/ext/state.h"
#include "node/node_type.hpp"

namespace lineup {

// LIMIT: bytes of state of one instance; it is held in memory while a revision is made.
inline constexpr std::size_t kStateMax = std::size_t{16} * 1024 * 1024;

// The type's table, or null when it offers none, or none that is whole. [control]
[[nodiscard]] const lineup_state* state_table(const NodeType& type);

// Asks for the state. Code: node/state, with what the plugin said. [control]
[[nodiscard]] Result<std::string> save_state(const NodeType& type, lineup_instance* instance,
                                             std::size_t bytes_max = kStateMax);

// Hands `bytes` to an instance that is not active yet, at most `step` of them at a time: what one
// read gives is nothing that a plugin may count on. Code: node/state. [control]
[[nodiscard]] Result<void> load_state(const NodeType& type, lineup_instance* instance,
                                      std::string_view bytes,
                                      std::size_t step = std::size_t{64} * 1024);

}  // namespace lineup
