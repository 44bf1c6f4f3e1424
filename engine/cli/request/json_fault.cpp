// SPDX-License-Identifier: Apache-2.0
//
// Reads the text again with a parser that knows where it is. Slow, and only for lines that are
// refused anyway.
#include "cli/request/json_fault.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace lineup::cli {

std::string json_fault(std::string_view text, std::string_view otherwise) {
  try {
    const auto read = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& fault) {
    // "[json.exception...] parse error at line 1, column 9: syntax error while parsing value - ..."
    const std::string_view what = fault.what();
    const std::size_t reason = what.find(" - ");
    if (reason == std::string_view::npos) return fmt::format("not JSON at byte {}", fault.byte);
    return fmt::format("not JSON at byte {}: {}", fault.byte, what.substr(reason + 3));
  } catch (const nlohmann::json::exception&) {
    // A number out of range, say: `otherwise` knows.
  }
  return fmt::format("not JSON: {}", otherwise);
}

}  // namespace lineup::cli
