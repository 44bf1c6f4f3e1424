// SPDX-License-Identifier: Apache-2.0
//
// What can be wrong with one constraint as written, apart from the names it uses: numbers, slots
// and fields that do not go together. Only what would be wrong for every batch.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "constraint/spec.hpp"

namespace lineup {

// Says what is wrong with one spec, at its place and under the name of its kind.
class SpecReport {
 public:
  SpecReport(const Spec& spec, Diagnostics& diagnostics) : spec_(spec), diagnostics_(diagnostics) {}

  // "`window`: `message`"; the kind is the first argument of the diagnostic.
  Diagnostic& error(std::string code, const std::string& message, std::string hint);
  Diagnostic& warning(std::string code, const std::string& message, std::string hint);

 private:
  const Spec& spec_;
  Diagnostics& diagnostics_;
};

// Reports every fault of `spec` that needs no schema. [control]
void check_spec(const Spec& spec, SpecReport& report);

// The same of adjacent, budget, similar, mix and order, and of quotas with `shares` or `even`:
// parts of check_spec() in a file of their own.
void check_pairs_and_sums(const Spec& spec, SpecReport& report);
void check_quota_set(const Spec& spec, SpecReport& report);

// Sorts the ranges and joins those that overlap or touch.
void normalize(SlotSet& slots);

}  // namespace lineup
