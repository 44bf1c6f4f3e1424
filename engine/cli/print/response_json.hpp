// SPDX-License-Identifier: Apache-2.0
//
// One answer becomes one line of JSON. The names are a contract.
#pragma once

#include <string>
#include <string_view>

#include "cli/request/request_json.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

// The response to `request`: ids as they were given, and with a trace when the result has one.
[[nodiscard]] std::string response_json(const RequestLine& request, const lineup_result& result);

// The response to a line that could not be served: status `error`.
[[nodiscard]] std::string error_json(const RequestLine& request, std::string_view message);

// "ok", "relaxed", "fallback", "error"
[[nodiscard]] std::string_view name_of_answer(std::uint32_t answer);
// "complete", "limit", "deadline"
[[nodiscard]] std::string_view name_of_search(std::uint32_t search);

// A response line without what may differ between two runs: the time taken and the trace. Without
// the revision too when `with_revision` is false. A line that is no response comes back as it is.
[[nodiscard]] std::string comparable_response(std::string_view line, bool with_revision);

}  // namespace lineup::cli
