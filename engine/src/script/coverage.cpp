// SPDX-License-Identifier: Apache-2.0
//
// Lua itself knows which lines of a function hold code; the kinds that a file names are looked for
// in its text, outside comments, because what no case reaches is never made.
#include "script/coverage.hpp"

#include <algorithm>
#include <cctype>

#include "script/load.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

thread_local ScriptCoverage* current = nullptr;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string without_comments(const std::string& source) {
  std::string out;
  for (std::size_t begin = 0; begin < source.size();) {
    const std::size_t end = std::min(source.find('\n', begin), source.size());
    const std::string line = source.substr(begin, end - begin);
    out += line.substr(0, line.find("--")) + "\n";
    begin = end + 1;
  }
  return out;
}

// Whether the text calls `word`: as a whole word, before a table.
bool calls(const std::string& text, std::string_view word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    std::size_t next = at + word.size();
    while (next < text.size() && std::isspace(static_cast<unsigned char>(text[next])) != 0) ++next;
    const bool begins = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.');
    if (begins && next < text.size() && (text[next] == '{' || text[next] == '(')) return true;
  }
  return false;
}

}  // namespace

CoverageScope::CoverageScope(ScriptCoverage& coverage) : before_(current) { current = &coverage; }
CoverageScope::~CoverageScope() { current = before_; }
ScriptCoverage* script_coverage() { return current; }

std::vector<std::uint32_t> code_lines(const RuleFile& rule, const ScriptLimits& limits) {
  std::set<std::uint32_t> lines;
  Sandbox sandbox(limits.state_bytes_max);
  if (sandbox.state() == nullptr) return {};
  sandbox.begin({limits.load_instructions_max, limits.load_ns_max});
  const bool ran = sandbox.protect([&](lua_State* L) {
    open_rule_state(L);
    push_chunk(L, rule.source);
    run_chunk(L);
    for (const char* name : {"constraints", "allow", "score"}) {
      lua_settop(L, 1);
      if (lua_getfield(L, 1, name) != LUA_TFUNCTION) continue;
      lua_Debug record;
      lua_getinfo(L, ">L", &record);  // pushes a table whose keys are the lines
      for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
        lines.insert(static_cast<std::uint32_t>(lua_tointeger(L, -2)));
      }
    }
  });
  if (!ran) return {};
  return {lines.begin(), lines.end()};
}

std::vector<Kind> named_kinds(const RuleFile& rule) {
  const std::string text = without_comments(rule.source);
  std::vector<Kind> out;
  for (const Kind kind :
       {Kind::Window, Kind::Spacing, Kind::Quota, Kind::Cap, Kind::Place, Kind::Adjacent,
        Kind::Budget, Kind::Similar, Kind::Filter, Kind::Boost, Kind::Mix, Kind::Order}) {
    if (calls(text, name_of(kind))) out.push_back(kind);
  }
  return out;
}

}  // namespace lineup
