// SPDX-License-Identifier: Apache-2.0
//
// verify() against the definitions, on random pages of random feeds under random rules.
#include <algorithm>
#include <catch2/catch.hpp>

#include "constraint/verify.hpp"
#include "verify_reference.hpp"
#include "verify_request.hpp"

namespace lineup::test {
namespace {

TEST_CASE("verify counts what the definitions say, on random pages") {
  Arena arena;
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    RandomRequest request(seed);
    const std::vector<std::uint32_t> slate = request.random_slate();
    const Verification verification =
        verify(request.uses, request.idle, request.input, slate, request.page_slots, arena);
    CHECK(verification.well_formed);
    const Reference reference = request.reference(slate);
    for (std::size_t u = 0; u < request.specs.size(); ++u) {
      CAPTURE(u, name_of(request.specs[u].kind), request.specs[u].where);
      REQUIRE(verification.violations[u] == reference.units(request.specs[u]));
    }
    arena.reset();
  }
}

}  // namespace
}  // namespace lineup::test
