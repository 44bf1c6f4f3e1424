// SPDX-License-Identifier: Apache-2.0
//
// From constraints as written to constraints with names resolved, and from there to the problem of
// one request. Compiling happens when a revision is built; instantiating on the request path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/diagnostic.hpp"
#include "batch/batch.hpp"
#include "condition/condition.hpp"
#include "constraint/problem.hpp"
#include "constraint/spec.hpp"

namespace lineup {

// Stands in CompiledConstraint::by for the id of a row, which is no column.
inline constexpr std::uint32_t kIdColumn = 0xFFFFFFFFU;

// A Spec with conditions compiled and columns resolved. Immutable.
struct CompiledConstraint {
  Spec spec;  // numbers, modes; slots in order, apart and not touching
  Condition where;
  std::vector<std::uint32_t> by;          // column indexes, or kIdColumn
  std::optional<std::int64_t> id_number;  // place: spec.id, when it is how a number is written
  std::int32_t slot_column = -1;
  std::int32_t column = -1;           // boost, budget, similar
  Condition right;                    // adjacent; `where` is its left side
  std::vector<Condition> channels;    // mix, quota: one for every channel of the spec
  std::vector<std::uint32_t> within;  // order: column indexes, or kIdColumn
  std::uint32_t opaque_index = 0;     // Code: place in RuleInput::opaques. compile_constraints()
                                      // numbers the codes of one use from 0; the plan adds where
                                      // those of the use begin
};

// One use of a rule in a policy, compiled.
struct RuleUse {
  std::string name;  // unique: `as`, or the rule's name, or name#2
  std::string rule;  // the rule file's name
  Strength strength;
  std::uint16_t level = 0;  // Hard: index of its priority; set by assign_levels()
  Condition when;           // empty: always
  std::int64_t from_ms = INT64_MIN;
  std::int64_t until_ms = INT64_MAX;
  std::int64_t expires_ms = INT64_MAX;
  bool enabled = true;
  std::string owner;
  std::string reason;
  std::vector<CompiledConstraint> constraints;
  Span span;
};

// Compiles `specs` into `use`. Errors, at the span of the spec: those of Condition::compile, and
// rule/unknown-column, rule/column-type, rule/missing-field, rule/conflicting-fields, rule/bounds,
// rule/min-above-max, rule/never-holds, rule/slots. False when there was one.
// REQUIRES: scope.schema. [control]
bool compile_constraints(std::vector<Spec> specs, const ConditionScope& scope, RuleUse& use,
                         Diagnostics& diagnostics);

// Gives every hard use the index of its priority, 0 for the highest; returns how many there are.
std::uint32_t assign_levels(std::span<RuleUse> uses);

// What one request brings to the rules.
struct RuleInput {
  const Schema* schema = nullptr;
  const Batch* batch = nullptr;
  RequestContext context;
  std::span<const double> live;       // values of live parameters
  std::span<Opaque* const> opaques;   // bound to this request, by opaque_index
  std::span<const std::uint8_t> off;  // [uses] 1: switched off for this request; empty: none
  std::span<const double> score;      // [row_count] what `exactly` with `where` ranks by; missing
                                      // scores are already replaced by something that sorts last
  std::uint32_t page_columns = 1;     // slots side by side
  std::span<const Word> absent = {};  // rows of the batch that this request does not have: inserted
                                      // ones outside of their dates; empty: none
};

// Why a use does not act on this request.
enum class Idle : std::uint8_t { Active, Disabled, When, NotYet, Over, Expired, SwitchedOff };

// Which uses act, in policy order. out.size() == uses.size(). [request]
void active_uses(std::span<const RuleUse> uses, const RuleInput& input, std::span<Idle> out);

// Takes the rows that an active filter forbids out of `candidates`, which comes with the rows that
// may be considered at all: the first of every id. [request]
void filter_rows(std::span<const RuleUse> uses, std::span<const Idle> idle, const RuleInput& input,
                 Arena& arena, std::span<Word> candidates);

// Applies the active boosts of `column` to `score`, an engine-owned copy of it: in policy order of
// the uses, `multiply` before `add` inside one. [request]
void apply_boosts(std::span<const RuleUse> uses, std::span<const Idle> idle, const RuleInput& input,
                  std::uint32_t column, Arena& arena, std::span<double> score);

// The problem for a page of `slot_count` slots over `candidates`. utility and discount are left for
// the caller. Masks and groups live in `arena` or are the batch's own codes, borrowed.
//
// Numbers: a fraction is of the slots that the constraint speaks of and this page has. What is left
// after the comma makes a maximum smaller and a minimum or a gap larger, so a minimum given as a
// count is never lowered. Constraints that cannot be broken on this request are left out.
//
// `pins_idle`, when given, is [uses] and gets 1 for every use with a pin that does not apply: its
// row is absent or filtered, or fewer rows match than there are slots. [request]
[[nodiscard]] Problem instantiate(std::span<const RuleUse> uses, std::span<const Idle> idle,
                                  const RuleInput& input, std::span<const Word> candidates,
                                  std::uint32_t slot_count, std::uint32_t level_count, Arena& arena,
                                  std::span<std::uint8_t> pins_idle = {});

}  // namespace lineup
