// SPDX-License-Identifier: Apache-2.0
//
// A sample of every family; `exact_report --all` runs all of it.
#include <catch2/catch.hpp>

#include "exact/compare.hpp"

namespace lineup::exact {
namespace {

TEST_CASE("the solver finds what the exact reference finds, and nothing that it does not",
          "[exact]") {
  Options options;
#ifdef __SANITIZE_ADDRESS__
  options.count = 3;  // an instrumented solver is slow, and its answers are the same
#endif
  for (const Family& family : families()) {
    CAPTURE(family.name);
    if (family.sample_count == 0) continue;
    const Tally tally = compare(family, options);
    for (const std::string& one : tally.wrong) UNSCOPED_INFO(one);
    CHECK(tally.wrong.empty());
    CHECK(tally.found == tally.feasible);
    CHECK(tally.least_broken == tally.infeasible);
    CHECK(share(tally.gaps, 0.5) <= (family.judge == Judge::Bound ? 0.01 : 0.0));
    CHECK(mean(tally.gaps) <= (family.judge == Judge::Bound ? 0.01 : 0.005));
    CHECK(tally.unknown * 20 <= tally.instances);
  }
}

// Small pages on which trying all pages ends at the limit with one that breaks more than it must.
TEST_CASE("a small page that takes too long to try whole breaks as little as any", "[exact]") {
  for (const Family& family : families()) {
    if (family.name != "adversarial") continue;
    for (const std::uint64_t seed : {44, 239}) {
      CAPTURE(seed);
      Options options;
      options.count = 1;
      options.first = seed;
      const Tally tally = compare(family, options);
      CHECK(tally.wrong.empty());
      CHECK(tally.infeasible == 1);
      CHECK(tally.least_broken == 1);
    }
  }
}

}  // namespace
}  // namespace lineup::exact
