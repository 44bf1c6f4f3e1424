// SPDX-License-Identifier: Apache-2.0
//
// Text of the C interface as std::string_view, and back. Both sides borrow.
#ifndef LINEUP_CPP_TEXT_HPP
#define LINEUP_CPP_TEXT_HPP

#include <cstddef>
#include <string_view>

#include "lineup/status.h"

namespace lineup::abi {

[[nodiscard]] inline std::string_view view(lineup_text text) noexcept {
  return {text.data, static_cast<std::size_t>(text.size)};
}

[[nodiscard]] inline lineup_text text(std::string_view view) noexcept {
  return {view.data(), view.size()};
}

}  // namespace lineup::abi

#endif
