// SPDX-License-Identifier: Apache-2.0
//
// The declared columns and the default of each.
#pragma once

#include "batch/schema.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// columns: -> `out`. Columns that are wrong are reported and left out. [control]
void parse_columns(const YamlNode& map, Schema& out, Diagnostics& diagnostics);

}  // namespace lineup
