// SPDX-License-Identifier: Apache-2.0
//
// What can be said of two rules without a batch: whether both can act on one request, whether they
// speak of the same rows, and how many such rows one of them lets stand on given slots. Shared by
// contradictions (errors) and lints (warnings); both must never claim more than holds everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "constraint/compile.hpp"

namespace lineup {

// Slots of a page: [slot - 1] 1 when it is in the set.
using PageSlots = std::vector<std::uint8_t>;

[[nodiscard]] PageSlots page_slots(const SlotSet& slots, std::uint32_t page);
[[nodiscard]] std::uint32_t count_slots(const PageSlots& slots);
[[nodiscard]] bool is_within(const PageSlots& inner, const PageSlots& outer);

// Whether some request has both rules act, and every request on which the narrower one acts does:
// both are enabled, their times overlap, and their `when` is the same or one has none.
[[nodiscard]] bool act_together(const RuleUse& a, const RuleUse& b);
// Whether `a` acts whenever `b` does.
[[nodiscard]] bool acts_whenever(const RuleUse& a, const RuleUse& b);

// Which rows a constraint speaks of, in one way of writing: `id == "x"` for one id, the condition
// with blanks evened out, "" for every row.
[[nodiscard]] std::string subject_of(const Spec& spec);
// Whether what `constraint` counts or forbids holds for all rows of `subject` taken together: it
// speaks of the same rows, or counts by the column of which they share a value.
[[nodiscard]] bool covers(const Spec& constraint, const std::string& subject);

// The column of which all rows of the subject share a value, because it is `column == literal`;
// empty: it is no such condition.
[[nodiscard]] std::string shared_column(const std::string& subject);

// A number that no request changes: a count, not live.
[[nodiscard]] std::optional<std::uint32_t> fixed_count(const Amount& amount);

// The most rows of a subject it covers that `constraint` lets stand on `slots` of a page of
// `page` slots, and on every shorter page. Nothing: it sets no bound.
[[nodiscard]] std::optional<std::uint32_t> capacity_of(const Spec& constraint,
                                                       const PageSlots& slots, std::uint32_t page);

// Whether a page that holds `a` holds `b` too, whatever the batch.
[[nodiscard]] bool implies(const Spec& a, const Spec& b, std::uint32_t page);
// Whether `b` has nothing left to decide wherever `a` acts: all its constraints follow from those
// of `a`, which acts whenever it does and holds at least as long.
[[nodiscard]] bool shadows(const RuleUse& a, const RuleUse& b, std::uint32_t page);

// "`x` (line 12)", for messages about another rule.
[[nodiscard]] std::string other_rule(const RuleUse& use);

}  // namespace lineup
