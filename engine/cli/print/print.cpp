// SPDX-License-Identifier: Apache-2.0
//
// Whole lines only: each is written at once, so that nothing is torn when the program is ended.
#include "cli/print/print.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/verbs.hpp"

namespace lineup::cli {

void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

bool print_done() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  if (errno != EPIPE && errno != 0) {
    fmt::print(stderr, "lineup: cannot write standard output: {}\n", std::strerror(errno));
  }
  return false;
}

int could_not_run(const std::string& why) {
  std::fflush(stdout);
  fmt::print(stderr, "lineup: {}{}", why, why.ends_with('\n') ? "" : "\n");
  return kCouldNotRun;
}

}  // namespace lineup::cli
