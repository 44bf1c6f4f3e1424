// SPDX-License-Identifier: Apache-2.0
//
// Text across the C interface.
#pragma once

#include <string_view>

#include "lineup/engine.h"

namespace lineup::cli {

[[nodiscard]] inline std::string_view view(lineup_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

// Borrowed from `text`.
[[nodiscard]] inline lineup_text borrow(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace lineup::cli
