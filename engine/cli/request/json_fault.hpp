// SPDX-License-Identifier: Apache-2.0
//
// Where a text stops being JSON.
#pragma once

#include <string>
#include <string_view>

namespace lineup::cli {

// A sentence with the byte at which `text` goes wrong; `otherwise` when it is JSON to this reader.
// For lines that the fast parser refused without saying where.
[[nodiscard]] std::string json_fault(std::string_view text, std::string_view otherwise);

}  // namespace lineup::cli
