// SPDX-License-Identifier: Apache-2.0
//
// What a ledger of revisions tells, as JSON: the same from a running engine and from what it left.
#pragma once

#include <nlohmann/json.hpp>

#include "rollout/ledger.hpp"

namespace lineup {

[[nodiscard]] nlohmann::ordered_json rollout_json(const Ledger& ledger);

}  // namespace lineup
