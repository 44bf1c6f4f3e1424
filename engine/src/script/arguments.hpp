// SPDX-License-Identifier: Apache-2.0
//
// Checking one value against one parameter: the policy's arguments and the rule file's own defaults
// go the same way.
#pragma once

#include <optional>
#include <string_view>

#include "script/rule.hpp"

namespace lineup {

// Whether `value` fits the parameter; a whole float given for an integer becomes one. Faults are
// reported at the value's span.
bool check_value(const ParameterSpec& parameter, Value& value, Diagnostics& diagnostics);

// The share that '10%' says: 0.1. Nothing for any other text.
[[nodiscard]] std::optional<double> parse_share(std::string_view text);

}  // namespace lineup
