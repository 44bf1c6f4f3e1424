// SPDX-License-Identifier: Apache-2.0
//
// Constraints in words, for people: what a rule asks of a page, and the numbers of one request that
// show whether it can have it. One place for all kinds; who adds a kind is told by the compiler to
// add its sentence.
#pragma once

#include <span>
#include <string>

#include "constraint/compile.hpp"
#include "constraint/problem.hpp"

namespace lineup {

// What the constraint asks for, as a clause without an end: "at most 2 rows of one `category` in
// any 5 neighbouring slots". `live` are the values of live parameters; without them the policy's
// are said. [control]
[[nodiscard]] std::string describe(const CompiledConstraint& constraint,
                                   std::span<const double> live = {});

// The constraints of a use, joined by "; ". [control]
[[nodiscard]] std::string describe(const RuleUse& use, std::span<const double> live = {});

// What one request has for it: "needs 3 rows where `is_new` in slots 1..4, the batch has 2".
// `instance` is what instantiate() made of `constraint` for `problem`. [control]
[[nodiscard]] std::string evidence_of(const CompiledConstraint& constraint,
                                      const Constraint& instance, const Problem& problem,
                                      std::span<const double> live = {});

}  // namespace lineup
