// SPDX-License-Identifier: Apache-2.0
//
// Rule files: any bytes load as a rule or are refused with a reason; what loads can be asked for
// its constraints within its budget.
#include "script/rule.hpp"

#include "fuzz.hpp"

using namespace lineup;

std::vector<std::string> fuzz::made_seeds() { return {}; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string source(fuzz::text_of(data, size));
  ScriptLimits limits;
  limits.load_instructions_max = 200'000;
  Diagnostics findings;
  const auto rule = load_rule("rules/r.lua", source, limits, findings);
  fuzz::require((rule == nullptr) == findings.has_errors(), "a refusal has a reason");
  for (const Diagnostic& one : findings.all()) {
    fuzz::require(!render(one, source).empty(), "a finding can be shown");
  }
  if (rule == nullptr) return 0;
  Value with;
  with.kind = Value::Kind::Map;
  Value arguments;
  Diagnostics more;
  if (!check_arguments(*rule, with, arguments, more)) return 0;
  const auto specs = make_specs(*rule, arguments, limits, more);
  fuzz::require(specs.has_value() != more.has_errors(), "what a rule becomes, or why nothing");
  return 0;
}
