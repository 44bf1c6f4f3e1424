// SPDX-License-Identifier: Apache-2.0
//
// Asks the system what stands behind a descriptor.
#include "cli/print/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/clock.hpp"

namespace lineup::cli {

namespace {

constexpr std::size_t kWidthWithoutTerminal = 100;
// LIMIT: draws of the progress line per second: often enough to look alive.
constexpr long long kDrawEveryNs = 200'000'000;

}  // namespace

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

bool wants_color(int descriptor) {
  const char* refused = std::getenv("NO_COLOR");
  if (refused != nullptr && *refused != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term != nullptr && std::string_view(term) == "dumb") return false;
  return is_terminal(descriptor);
}

std::size_t terminal_width(int descriptor) {
  const char* forced = std::getenv("COLUMNS");
  if (forced != nullptr) {
    const long width = std::strtol(forced, nullptr, 10);
    if (width > 0) return static_cast<std::size_t>(width);
  }
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kWidthWithoutTerminal;
}

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  return color_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

Progress::Progress() : is_on_(is_terminal(STDERR_FILENO)) {}

Progress::~Progress() {
  if (is_drawn_) std::fputs("\r\033[K", stderr);
}

void Progress::show(std::string_view text) {
  if (!is_on_) return;
  const long long now = monotonic_ns();
  if (now < next_ns_) return;
  next_ns_ = now + kDrawEveryNs;
  is_drawn_ = true;
  fmt::print(stderr, "\r\033[K{}", text);
  std::fflush(stderr);
}

}  // namespace lineup::cli
