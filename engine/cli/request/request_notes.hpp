// SPDX-License-Identifier: Apache-2.0
//
// What is odd about a request, seen from its policy: names that only one of the two has, settings
// that differ. No error, and often the reason why a rule does nothing.
#pragma once

#include <string>
#include <vector>

#include "cli/request/request_json.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

// One sentence each.
[[nodiscard]] std::vector<std::string> request_notes(const RequestLine& request,
                                                     const SceneDescription& scene);

}  // namespace lineup::cli
