// SPDX-License-Identifier: Apache-2.0
//
// One request out of a file of many.
#pragma once

#include <string>

#include "base/result.hpp"

namespace lineup::cli {

struct FoundLine {
  std::string line;
  std::uint64_t number = 0;  // 1-based
};

// The first line of `path` whose request has this id; without an id the first line. Lines that
// cannot be read are passed over. Errors: request/not-found, with the nearest id; io/...
[[nodiscard]] Result<FoundLine> find_request(const std::string& path, const std::string& id);

}  // namespace lineup::cli
