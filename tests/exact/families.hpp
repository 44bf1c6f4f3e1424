// SPDX-License-Identifier: Apache-2.0
//
// Kinds of problems that solvers are judged on. Every instance is made from its number.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "constraint/brute_instance.hpp"

namespace lineup::exact {

// How the truth about an instance is found.
enum class Judge : std::uint8_t {
  Program,  // an integer program
  Pages,    // all pages there are: opaque constraints cannot be written as a program
  Bound,    // a relaxed program: how far from the best a page can be at most
};

struct Case {
  std::unique_ptr<brute::Instance> instance;
  std::vector<std::unique_ptr<Opaque>> rules;  // that the instance points to
  std::optional<bool> is_feasible;             // when it is known by construction
};

struct Family {
  std::string name;
  Judge judge = Judge::Program;
  double gap = 0.0;                // the solver's option
  std::uint32_t sample_count = 0;  // instances of the test
  std::uint32_t count = 0;         // of the report
  std::function<Case(std::uint64_t seed)> make;
};

// All families. Those that are cut from recorded feeds are left out when the feeds are absent.
[[nodiscard]] std::vector<Family> families();

// Pages cut from a recorded feed, or nothing when it is absent: LINEUP_SHARED or ../shared.
[[nodiscard]] std::vector<Family> feed_families();

}  // namespace lineup::exact
