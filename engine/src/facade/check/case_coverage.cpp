// SPDX-License-Identifier: Apache-2.0
//
// A parameter is reached when a case gives it, a line when it ran, a `when` when it held in one
// case and did not in another, a kind when a case made a constraint of it. Each counts once.
#include "facade/check/case_coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace lineup {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool gives(const RuleCase& rule_case, const std::string& parameter) {
  const auto& entries = rule_case.with.entries;
  return std::any_of(entries.begin(), entries.end(),
                     [&parameter](const YamlEntry& entry) { return entry.key == parameter; });
}

}  // namespace

RuleCoverage coverage_of(const std::string& rule, const std::string& path,
                         const std::vector<RuleCase>& cases, const ScriptCoverage& ran) {
  RuleCoverage out;
  out.rule = rule;
  out.path = path;
  Diagnostics faults;
  const ScriptLimits limits;
  const auto file = load_rule(path, read_file(path), limits, faults);
  if (file == nullptr) return out;
  const auto add = [&out](const char* sort, std::string what, bool is_reached) {
    out.items.push_back({sort, std::move(what), is_reached});
  };
  for (const ParameterSpec& parameter : file->parameters) {
    const bool is_given = std::any_of(cases.begin(), cases.end(), [&](const RuleCase& each) {
      return gives(each, parameter.name);
    });
    add("parameter", fmt::format("parameter `{}`", parameter.name), is_given);
  }
  for (const Kind kind : named_kinds(*file)) {
    add("kind", fmt::format("kind `{}`", name_of(kind)), ran.kinds.count(kind) > 0);
  }
  for (const auto& [line, sides] : ran.whens) {
    add("branch", fmt::format("line {}: `when` that holds", line), sides.held);
    add("branch", fmt::format("line {}: `when` that does not hold", line), sides.failed);
  }
  for (const std::uint32_t line : code_lines(*file, limits)) {
    add("line", fmt::format("line {}", line), ran.lines.count(line) > 0);
  }
  return out;
}

}  // namespace lineup
