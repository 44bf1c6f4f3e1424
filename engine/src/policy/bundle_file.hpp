// SPDX-License-Identifier: Apache-2.0
//
// bundle.yaml: what is said of a bundle as a whole. Today that is the block `rollout`: how a new
// revision is proven, tried and watched.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "rollout/plan.hpp"

namespace lineup {

// False when the file has errors; `out` is then what could be read. Codes: policy/... as for every
// file, bundle/needs-proof. [control]
bool parse_bundle_file(const std::string& path, std::string_view text, RolloutPlan& out,
                       Diagnostics& diagnostics);

}  // namespace lineup
