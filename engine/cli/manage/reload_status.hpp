// SPDX-License-Identifier: Apache-2.0
//
// What the engine says of its last reload and of its code rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

struct ReloadAttempt {
  std::uint64_t number = 0;
  std::string revision;  // that was tried
  std::string state;     // "active", "unchanged", "rejected"
  double elapsed_ms = 0.0;
  std::string message;  // rejected: why, for people
  std::vector<Diagnostic> diagnostics;
};

// Errors: status/json.
[[nodiscard]] Result<ReloadAttempt> last_attempt(lineup_engine* engine);

// Calls of code rules since the revision that serves was published.
struct CodeCalls {
  std::uint64_t calls = 0;
  std::uint64_t remembered = 0;
};
// Errors: status/json.
[[nodiscard]] Result<CodeCalls> read_code_calls(lineup_engine* engine);

}  // namespace lineup::cli
