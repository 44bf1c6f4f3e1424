// SPDX-License-Identifier: Apache-2.0
//
// Rendering keeps tabs of the source line as they are in the caret line, so that the caret stands
// under the value whatever the width of a tab.
#include "base/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace lineup {

Diagnostic& Diagnostics::error(Span span, std::string code, std::string message, std::string hint) {
  return all_.emplace_back(Diagnostic{
      Severity::Error, std::move(code), {}, std::move(message), std::move(hint), std::move(span)});
}

Diagnostic& Diagnostics::warning(Span span, std::string code, std::string message,
                                 std::string hint) {
  return all_.emplace_back(Diagnostic{Severity::Warning,
                                      std::move(code),
                                      {},
                                      std::move(message),
                                      std::move(hint),
                                      std::move(span)});
}

void Diagnostics::append(const Diagnostics& other) {
  all_.insert(all_.end(), other.all_.begin(), other.all_.end());
}

bool Diagnostics::has_errors() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

void Diagnostics::sort() {
  std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.file, a.span.line, a.span.column) <
           std::tie(b.span.file, b.span.line, b.span.column);
  });
}

namespace {

// Line `number` (1-based) of `text`, without its end.
std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

std::string caret_line(std::string_view line, const Span& span) {
  std::string out;
  for (std::uint32_t column = 1; column < span.column && column <= line.size(); ++column) {
    out += line[column - 1] == '\t' ? '\t' : ' ';
  }
  out.append(span.column > line.size() + 1 ? 0 : 1, '^');
  const bool one_line = span.end_line == span.line && span.end_column > span.column + 1;
  if (one_line) {
    const auto end = std::min<std::size_t>(span.end_column, line.size() + 1);
    if (end > span.column + 1) out.append(end - span.column - 1, '~');
  }
  return out;
}

}  // namespace

std::string render(const Diagnostic& diagnostic, std::string_view source, RenderOptions options) {
  const bool is_error = diagnostic.severity == Severity::Error;
  const char* tint = !options.color ? "" : is_error ? "\033[1;31m" : "\033[1;33m";
  const char* plain = options.color ? "\033[0m" : "";
  std::string out = diagnostic.span.file;
  if (diagnostic.span.line > 0) {
    out += fmt::format(":{}:{}", diagnostic.span.line, diagnostic.span.column);
  }
  if (!out.empty()) out += ": ";
  out += fmt::format("{}{}[{}]{}: {}", tint, is_error ? "error" : "warning", diagnostic.code, plain,
                     diagnostic.message);
  if (!diagnostic.hint.empty()) out += "; " + diagnostic.hint;
  out += '\n';
  const std::string_view line =
      diagnostic.span.line > 0 ? line_of(source, diagnostic.span.line) : std::string_view{};
  if (!line.empty()) {
    out +=
        fmt::format("  | {}\n  | {}{}{}\n", line, tint, caret_line(line, diagnostic.span), plain);
  }
  return out;
}

namespace {

// Letters put in, left out, mistaken, or swapped with their neighbour: one edit each. No letter is
// edited twice, so that three rows of the table are enough.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // for two letters of `a` fewer
  std::vector<std::size_t> above(b.size() + 1);   // for one fewer
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t mistaken = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + mistaken});
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view text, const std::vector<std::string>& names) {
  std::string best;
  // A name is near when about a third of it or less was mistyped.
  std::size_t best_distance = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(text, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace lineup
