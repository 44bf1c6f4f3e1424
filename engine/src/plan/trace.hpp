// SPDX-License-Identifier: Apache-2.0
//
// What the parts of a trace share: the request, its page, ranks, and what each rule alone would say
// at a slot. Internal to this folder; trace.cpp puts the parts together.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "constraint/builder.hpp"
#include "plan/replay.hpp"
#include "plan/run.hpp"

namespace lineup {

using TraceJson = nlohmann::ordered_json;

// Why a better row does not stand at a slot.
enum class Because : std::uint8_t {
  Rule,       // `use` alone forbids it below what stands above
  Together,   // no rule alone does, but `use` would have to be broken further down
  Page,       // no rule does: the page as a whole would lose `cost`
  Maker,      // the page would gain: who made it did not go by scores alone
  NotWeighed  // the budget for explanations was used up
};
[[nodiscard]] std::string_view word_for(Because because);

struct PassedOver {
  std::uint32_t row = 0;
  Because because = Because::NotWeighed;
  std::int32_t use = -1;
  double cost = 0.0;  // Page, Maker: predicted value that the page would lose
};

// Everything is computed from the finished page; nothing was noted while it was made.
class TraceScene {
 public:
  TraceScene(Run& run, const Picked& picked);

  [[nodiscard]] std::span<const std::uint32_t> page() const { return picked.rows; }
  [[nodiscard]] const RuleUse& use(std::size_t index) const { return run.plan.uses[index]; }
  [[nodiscard]] std::size_t use_count() const { return run.plan.uses.size(); }
  // Required before hard by priority before soft; smaller is more important.
  [[nodiscard]] std::uint32_t importance(std::size_t use) const;
  // The most important use that has more violations in `changed` than the page has; -1: none.
  [[nodiscard]] std::int32_t worse_in(std::span<const std::uint32_t> changed) const;
  // Units of violation of any page, soft ones too, counted by the verifier.
  [[nodiscard]] std::vector<std::uint32_t> violations_of(std::span<const std::uint32_t> rows);
  // The generator that proposed the page, "engine" or "fallback".
  [[nodiscard]] std::string_view maker() const;
  // Only what each rule did is asked for: no other page is searched.
  [[nodiscard]] bool is_brief() const { return run.request.explain_brief; }
  // Whether the maker goes by scores and rules alone, so that nothing else moves rows.
  [[nodiscard]] bool is_by_score();
  // What weighing the row at this slot, below the same rows, comes to.
  [[nodiscard]] PassedOver weigh(std::size_t slot, std::uint32_t row);

  Run& run;
  const Picked& picked;
  PageReplay replay;
  std::vector<std::uint32_t> by_score;   // candidates, best first: by the score pages are made by
  std::vector<std::uint32_t> rank;       // [rows] 1-based: where the ranker had it
  std::vector<std::uint32_t> base;       // [uses] units of violation of the page
  std::vector<std::uint8_t> pin_absent;  // [uses] a pin of it does not apply
  std::vector<std::int32_t> pinned_by;   // [slots] use whose pin put the row there; -1: none
  Problem problem;                       // of the page, under all its rules

 private:
  void rank_rows();
  void find_pins();

  std::optional<OtherPage> value_;  // the page as it is
};

// What each rule alone would say of a row at the next slot. Walks down the page.
class RuleJudges {
 public:
  explicit RuleJudges(TraceScene& scene);
  // The most important rule that alone does not let `row` stand next; -1: each lets it.
  [[nodiscard]] std::int32_t first_against(std::uint32_t row);
  void place(std::uint32_t row);

 private:
  struct Judge {
    std::size_t use = 0;
    Problem problem;  // the builder refers to it
    std::unique_ptr<Builder> builder;
    bool is_lost = false;  // could not follow the page
  };
  std::deque<Judge> judges_;  // most important first
};

// What the walk down the page says of each rule.
struct RuleDeeds {
  std::vector<std::uint32_t> placed;     // 1-based slots
  std::vector<std::uint32_t> held_back;  // 1-based slots where it held better rows back
};

// trace_slots.cpp
[[nodiscard]] TraceJson trace_slots(TraceScene& scene, std::vector<RuleDeeds>& deeds);
// trace_item.cpp
[[nodiscard]] TraceJson trace_item(TraceScene& scene, std::uint32_t row);
// trace_rules.cpp
[[nodiscard]] TraceJson trace_rules(TraceScene& scene, std::span<const RuleDeeds> deeds);
// trace_conflict.cpp: null when no rule was given up and the page has its length
[[nodiscard]] TraceJson trace_conflicts(TraceScene& scene, const Response& response);

}  // namespace lineup
