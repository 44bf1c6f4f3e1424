// SPDX-License-Identifier: Apache-2.0
//
// Everything is laid out in a fixed box of units that the browser scales: no script, no measuring.
#include "cli/print/html_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "cli/print/text_table.hpp"

namespace lineup::cli {

namespace {

constexpr double kWidth = 640.0;
// LIMIT: characters of a label; the whole is in its title.
constexpr std::size_t kLabelMax = 26;

// The next of 1, 2, 5 times a power of ten: where an axis ends.
double round_up(double value) {
  if (!(value > 0.0)) return 1.0;
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power) return step * power;
  }
  return 10.0 * power;
}

std::string open_svg(double height, std::string_view about) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">", kWidth,
                     height, html_text(about));
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // Control characters have no place in a page, escaped or not.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string bar_plot(const std::vector<Bar>& bars, std::string_view about) {
  constexpr double kHeight = 220.0;
  constexpr double kLeft = 56.0;
  constexpr double kBottom = 190.0;
  constexpr double kTop = 12.0;
  std::string out = open_svg(kHeight, about);
  auto into = std::back_inserter(out);
  double most = 0.0;
  for (const Bar& bar : bars) most = std::max(most, bar.value);
  const double end = round_up(most);
  for (int tick = 0; tick <= 4; ++tick) {
    const double y = kBottom - (kBottom - kTop) * tick / 4;
    fmt::format_to(into, "<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                   kLeft, kWidth, y, y);
    fmt::format_to(into,
                   "<text class=\"faint\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>",
                   kLeft - 6, y + 4, end * tick / 4);
  }
  const double step = (kWidth - kLeft) / static_cast<double>(std::max<std::size_t>(bars.size(), 1));
  // Labels that would touch are left out, the same number between all that stay.
  const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil(34.0 / step)));
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double x = kLeft + step * static_cast<double>(i);
    const double height = (kBottom - kTop) * bars[i].value / end;
    fmt::format_to(into,
                   "<rect class=\"new\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                   "height=\"{:.1f}\"><title>{}</title></rect>",
                   x + step * 0.1, kBottom - height, step * 0.8, height, html_text(bars[i].title));
    if (i % every != 0) continue;
    fmt::format_to(into,
                   "<text class=\"faint\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                   x + step / 2, kBottom + 18, html_text(bars[i].label));
  }
  return out + "</svg>";
}

std::string dumbbell_plot(const std::vector<Dumbbell>& rows, std::string_view unit,
                          std::string_view about) {
  constexpr double kRow = 22.0;
  constexpr double kLeft = 200.0;
  constexpr double kRight = kWidth - 24.0;
  const double bottom = kRow * static_cast<double>(rows.size()) + 6.0;
  std::string out = open_svg(bottom + 24.0, about);
  auto into = std::back_inserter(out);
  double most = 0.0;
  for (const Dumbbell& row : rows) most = std::max({most, row.values[0], row.values[1]});
  const double end = round_up(most);
  const auto at = [&](double value) { return kLeft + (kRight - kLeft) * value / end; };
  for (int tick = 0; tick <= 4; ++tick) {
    const double value = end * tick / 4;
    fmt::format_to(into, "<line class=\"axis\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\"/>",
                   at(value), bottom);
    fmt::format_to(
        into, "<text class=\"faint\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}{}</text>",
        at(value), bottom + 18, value, html_text(unit));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Dumbbell& row = rows[i];
    const double y = kRow * (static_cast<double>(i) + 0.5) + 2.0;
    fmt::format_to(into, "<g><title>{}</title>", html_text(row.title));
    fmt::format_to(into, "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kLeft - 10,
                   y + 4, html_text(fit(row.label, kLabelMax)));
    fmt::format_to(into,
                   "<line class=\"link\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                   at(row.values[0]), at(row.values[1]), y, y);
    fmt::format_to(into, "<circle class=\"old\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/>",
                   at(row.values[0]), y);
    fmt::format_to(into, "<circle class=\"new\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/></g>",
                   at(row.values[1]), y);
  }
  return out + "</svg>";
}

}  // namespace lineup::cli
