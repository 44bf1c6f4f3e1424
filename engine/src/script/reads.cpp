// SPDX-License-Identifier: Apache-2.0
#include "script/reads.hpp"

#include <algorithm>
#include <array>

namespace lineup {

namespace {

// What can be called on an item or a slate; no column may have these names in code.
constexpr std::array<std::string_view, 4> kMethods = {"count", "count_same", "distance_to_same",
                                                      "same"};

class ReadFinder {
 public:
  ReadFinder(const Source& source, const CodeText& code) : source_(source), code_(code) {}

  std::vector<CodeRead> run() {
    for (std::size_t i = 0; i < source_.tokens().size(); ++i) {
      const bool is_field = i > 0 && (source_.is(i - 1, ".") || source_.is(i - 1, ":"));
      if (!source_.is_name(i) || is_field) continue;
      // Context paths are announced to requests, so helpers outside the function count too.
      if (is_argument(i, 2)) context_read(i);
      if (!is_inside(i)) continue;
      if (is_argument(i, 0)) column_read(i + 1);
      if (is_argument(i, 1)) slate_read(i + 1);
      if (is_argument(i, 0) || is_argument(i, 1)) method_call(i + 1);
    }
    return std::move(reads_);
  }

 private:
  bool is_argument(std::size_t token, std::size_t which) const {
    return which < code_.arguments.size() && source_.is(token, code_.arguments[which]);
  }
  bool is_inside(std::size_t token) const {
    const std::uint32_t line = source_.tokens()[token].line;
    return line >= code_.first_line && line <= code_.last_line;
  }
  void add(CodeRead::Kind kind, std::string text, const Span& span) {
    reads_.push_back({kind, std::move(text), span, false});
  }

  // `.name` at `dot`, unless it is one of the methods.
  void column_read(std::size_t dot) {
    if (!source_.is(dot, ".") || !source_.is_name(dot + 1)) return;
    const std::string name(source_.tokens()[dot + 1].text);
    if (std::find(kMethods.begin(), kMethods.end(), name) != kMethods.end()) return;
    add(CodeRead::Kind::Column, name, source_.span(dot + 1, dot + 1));
    reads_.back().is_value = true;
  }

  // `[...]` at `bracket`, then a column.
  void slate_read(std::size_t bracket) {
    if (!source_.is(bracket, "[")) return;
    int depth = 0;
    for (std::size_t i = bracket; i < source_.tokens().size(); ++i) {
      if (source_.is(i, "[")) ++depth;
      if (source_.is(i, "]") && --depth == 0) return column_read(i + 1);
    }
  }

  void context_read(std::size_t token) {
    std::size_t at = token + 1;
    std::string path;
    while (source_.is(at, ".") && source_.is_name(at + 1)) {
      path += (path.empty() ? "" : ".") + std::string(source_.tokens()[at + 1].text);
      at += 2;
    }
    if (!path.empty() && path != "page") {
      add(CodeRead::Kind::Context, std::move(path), source_.span(token, at - 1));
    }
  }

  // `:count("...")` and `:count_same(item, "...")` at `colon`.
  void method_call(std::size_t colon) {
    if (!source_.is(colon, ":") || !source_.is(colon + 2, "(")) return;
    const bool is_count = source_.is(colon + 1, "count");
    std::size_t at = colon + 3;
    if (!is_count) {  // the column is the second argument
      for (int depth = 0; at < source_.tokens().size(); ++at) {
        if (source_.is(at, "(") || source_.is(at, "[")) ++depth;
        if (source_.is(at, ")") || source_.is(at, "]")) --depth;
        if (depth < 0) return;
        if (depth == 0 && source_.is(at, ",")) break;
      }
      ++at;
    }
    const bool is_whole = source_.is(at + 1, ")") || source_.is(at + 1, ",");
    if (!is_whole) return;
    if (const auto text = text_value(source_.tokens()[at])) {
      add(is_count ? CodeRead::Kind::Condition : CodeRead::Kind::Column, *text,
          source_.span(at, at));
    }
  }

  const Source& source_;
  const CodeText& code_;
  std::vector<CodeRead> reads_;
};

}  // namespace

std::vector<Span> find_loops(const Source& source, const CodeText& code) {
  std::vector<Span> out;
  if (code.arguments.size() < 2) return out;
  const std::string& slate = code.arguments[1];
  bool is_head = false;  // between `for` and `do`
  for (std::size_t i = 0; i < source.tokens().size(); ++i) {
    const std::uint32_t line = source.tokens()[i].line;
    if (line < code.first_line || line > code.last_line) continue;
    if (source.is(i, "for")) is_head = true;
    if (source.is(i, "do")) is_head = false;
    if (!is_head || !source.is(i, slate) || i == 0) continue;
    const bool is_passed = source.is(i - 1, "(") && source.is(i + 1, ")");
    if (is_passed || source.is(i - 1, "#")) out.push_back(source.span(i - 1, i));
  }
  return out;
}

std::vector<CodeRead> find_reads(const Source& source, const CodeText& code) {
  return ReadFinder(source, code).run();
}

}  // namespace lineup
