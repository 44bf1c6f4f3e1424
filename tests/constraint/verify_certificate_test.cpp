// SPDX-License-Identifier: Apache-2.0
//
// The certificate of the engine: what the builder and the solver say of a page is what the verifier
// counts on it, though they share no code. Rules are compiled and instantiated as on a request.
#include <catch2/catch.hpp>

#include "constraint/builder.hpp"
#include "constraint/verify.hpp"
#include "verify_request.hpp"

namespace lineup::test {
namespace {

std::vector<std::uint32_t> verified(RandomRequest& request,
                                    const std::vector<std::uint32_t>& slate) {
  const Verification verification =
      verify(request.uses, request.idle, request.input, slate, request.page_slots, request.arena);
  CHECK(verification.well_formed);
  return {verification.violations.begin(), verification.violations.end()};
}

Problem problem_of(RandomRequest& request, std::vector<double>& discount) {
  Problem problem = instantiate(request.uses, request.idle, request.input, request.candidate_words,
                                request.length(), request.level_count, request.arena);
  discount.assign(request.length(), 0.0);
  for (std::size_t slot = 0; slot < discount.size(); ++slot) {
    discount[slot] = 1.0 / static_cast<double>(slot + 1);
  }
  problem.utility = request.score;
  problem.discount = discount;
  return problem;
}

TEST_CASE("the builder's violations of a random page are those that verify counts") {
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    RandomRequest request(seed);
    std::vector<double> discount;
    const Problem problem = problem_of(request, discount);
    const std::vector<std::uint32_t> slate = request.random_slate();
    Builder builder(problem, request.arena);
    std::vector<std::uint32_t> violations(request.uses.size());
    for (std::size_t slot = 0; slot < slate.size(); ++slot) {
      if (!request.has_fractions()) {  // what is placed so far, as a page of its own
        builder.violations(violations);
        const auto begin = slate.begin();
        REQUIRE(violations ==
                verified(request, {begin, begin + static_cast<std::ptrdiff_t>(slot)}));
      }
      REQUIRE(builder.place(slate[slot]));
    }
    builder.violations(violations);
    REQUIRE(violations == verified(request, slate));
  }
}

TEST_CASE("the solver's certificate is what verify counts, for rules of every strength") {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    RandomRequest request(seed, RandomRequest::Strengths::Mixed);
    std::vector<double> discount;
    const Problem problem = problem_of(request, discount);
    SolveOptions options;
    options.work_limit = 5'000;
    const Solution solution = solve(problem, {}, options, request.arena);
    const std::vector<std::uint32_t> slate(solution.rows.begin(), solution.rows.end());
    REQUIRE(slate.size() <= request.length());
    // A page that required rules made shorter has other fractions than the one that was asked for.
    if (slate.size() < request.length() && request.has_fractions()) continue;
    std::vector<std::uint32_t> certificate(request.uses.size());
    for (std::size_t u = 0; u < certificate.size(); ++u) {
      certificate[u] = solution.violations[u] + solution.soft_violations[u];
    }
    REQUIRE(certificate == verified(request, slate));
  }
}

}  // namespace
}  // namespace lineup::test
