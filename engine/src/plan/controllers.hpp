// SPDX-License-Identifier: Apache-2.0
//
// Controllers of a plan: which dial each moves, and what each slot of a page counts for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/diagnostic.hpp"
#include "condition/condition.hpp"
#include "control/controller.hpp"
#include "policy/document.hpp"

namespace lineup {

struct Plan;
struct PlanEnvironment;
struct Run;

struct PlanController {
  std::string name;
  ControllerSpec spec;
  std::uint32_t dial = 0;    // weights first, then parameters
  Condition where;           // empty: every row
  std::int32_t column = -1;  // whose values count; -1: each row counts one, or events do
  std::uint64_t event = 0;   // hash of the type of events that count; 0: rows do
  std::shared_ptr<Controller> controller;  // shared by every revision of the scene
};

// What one page tells the controllers later, when it is known which of its rows were seen.
struct ControlNotes {
  std::span<const double> outputs;         // [controllers] that they had given out for it
  std::span<const std::uint8_t> followed;  // [controllers] 1: the page was made under that value
  std::span<const float> values;           // [controllers * slots] what each slot counts
};

// After dials and columns are known. Codes: policy/unknown-dial, policy/controller,
// policy/unknown-column, policy/switch. [control]
void compile_controllers(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                         Diagnostics& diagnostics);

// Puts what controllers give out over the policy's values. [request]
void move_dials(Run& run, std::span<double> dials);
// What `slate` is to the controllers. [request]
[[nodiscard]] ControlNotes note_controls(Run& run, std::span<const std::uint32_t> slate);

}  // namespace lineup
