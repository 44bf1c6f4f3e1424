// SPDX-License-Identifier: Apache-2.0
//
// Compares text with a file of the source tree. LINEUP_UPDATE_GOLDEN=1 in the environment rewrites
// the file instead: look at the difference before you commit it.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace lineup {

[[nodiscard]] inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void check_golden(const std::string& path, const std::string& actual) {
  const char* update = std::getenv("LINEUP_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << actual;
  }
  INFO("golden file: " << path << " (LINEUP_UPDATE_GOLDEN=1 rewrites it)");
  CHECK(actual == read_text(path));
}

}  // namespace lineup
