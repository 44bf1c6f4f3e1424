// SPDX-License-Identifier: Apache-2.0
//
// What of a rule file ran while its cases did: lines, both sides of every `when`, kinds of
// constraints. For `lineup test`; nothing is noted while nobody asks.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "script/rule.hpp"

namespace lineup {

struct ScriptCoverage {
  struct Sides {
    bool held = false;
    bool failed = false;
  };
  std::set<std::uint32_t> lines;
  std::map<std::uint32_t, Sides> whens;  // by line
  std::set<Kind> kinds;                  // of the constraints that were made
};

// Scripts that run on this thread note into `coverage` while this lives. One rule file at a time:
// lines are not told apart by file.
class CoverageScope {
 public:
  explicit CoverageScope(ScriptCoverage& coverage);
  ~CoverageScope();
  CoverageScope(const CoverageScope&) = delete;
  CoverageScope& operator=(const CoverageScope&) = delete;

 private:
  ScriptCoverage* before_;
};
// Null: nobody asks.
[[nodiscard]] ScriptCoverage* script_coverage();

// The lines of `constraints`, `allow` and `score` that hold code. [control]
[[nodiscard]] std::vector<std::uint32_t> code_lines(const RuleFile& rule,
                                                    const ScriptLimits& limits);
// The kinds of constraints that the file names. [control]
[[nodiscard]] std::vector<Kind> named_kinds(const RuleFile& rule);

}  // namespace lineup
