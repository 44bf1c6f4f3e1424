// SPDX-License-Identifier: Apache-2.0
//
// Policies: any bytes give a document or a reason, and every finding can be shown.
#include "fuzz.hpp"
#include "policy/cases.hpp"
#include "policy/document.hpp"
#include "policy/pool.hpp"

using namespace lineup;

namespace {

void check(bool is_good, const Diagnostics& findings, std::string_view text) {
  fuzz::require(is_good != findings.has_errors(), "a verdict has a reason");
  for (const Diagnostic& one : findings.all()) {
    fuzz::require(!one.code.empty() && !one.message.empty(), "a finding says something");
    fuzz::require(!render(one, text).empty(), "a finding can be shown");
  }
}

}  // namespace

std::vector<std::string> fuzz::made_seeds() { return {}; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  Diagnostics findings;
  PolicyDocument policy;
  const bool is_good = parse_policy("p.yaml", text, policy, findings);
  check(is_good, findings, text);
  Diagnostics of_cases;
  std::vector<RuleCase> cases;
  static_cast<void>(parse_cases("p.cases.yaml", text, cases, of_cases));
  Diagnostics of_pool;
  PoolDocument pool;
  static_cast<void>(parse_pool("pools/p.yaml", "p", text, pool, of_pool));
  return 0;
}
