// SPDX-License-Identifier: Apache-2.0
//
// Plots as inline SVG. Colours are classes (`old`, `new`, `axis`, `faint`), which the page that
// shows them defines for light and dark.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lineup::cli {

// Text as HTML: what could be markup is written out.
[[nodiscard]] std::string html_text(std::string_view text);

struct Bar {
  std::string label;  // under the bar
  double value = 0.0;
  std::string title;  // shown when pointed at
};
// Bars from zero. `about` says what is seen, for those who do not see it.
[[nodiscard]] std::string bar_plot(const std::vector<Bar>& bars, std::string_view about);

struct Dumbbell {
  std::string label;
  std::array<double, 2> values{};  // old, new
  std::string title;
};
// One line each: where it was and where it is now, on a scale from zero.
[[nodiscard]] std::string dumbbell_plot(const std::vector<Dumbbell>& rows, std::string_view unit,
                                        std::string_view about);

}  // namespace lineup::cli
