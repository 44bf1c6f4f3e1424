// SPDX-License-Identifier: Apache-2.0
//
// The host's extension "lineup.config/1": plugins read their configuration with the JSON library
// that the host has anyway. The host table of this folder hands it out by LINEUP_HOST_CONFIG.
#pragma once

#include "lineup/ext/config.h"

namespace lineup {

// The table. Lives as long as the process. [any]
[[nodiscard]] const lineup_host_config* config_service() noexcept;

}  // namespace lineup
