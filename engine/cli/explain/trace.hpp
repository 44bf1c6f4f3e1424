// SPDX-License-Identifier: Apache-2.0
//
// The engine's trace of one request, read back. Rows are numbers here; whoever shows them has the
// request and knows their ids.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup::cli {

inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

// A better row that does not stand at a slot.
struct HeldBack {
  std::uint32_t row = 0;
  std::uint32_t rank = 0;
  std::string rule;         // empty: no single rule
  std::string because;      // "rule", "rules together", "page as a whole", "maker of the page", ...
  double cost = kNoNumber;  // predicted value that the page would lose with it
};

struct TracedSlot {
  std::uint32_t slot = 0;  // 1-based
  std::uint32_t row = 0;
  std::uint32_t rank = 0;     // where the ranker had it, 1-based
  double score = 0.0;         // NaN: missing
  double score_before = 0.0;  // before boosts
  std::string placed_by;      // a generator, a pin, the engine, the fallback
  std::string reason;         // what the owner of the pin wrote
  std::vector<HeldBack> held_back;
};

struct TracedRule {
  std::string rule;
  std::string status;    // "active", or why it did not apply
  std::string strength;  // "required", "hard", "soft"
  std::uint32_t violations = 0;
  std::string reason;  // what its owner wrote
  std::string owner;
  std::string asks;             // in words
  double priority = kNoNumber;  // hard
  std::uint32_t acted = 0;      // slots or rows
  std::vector<std::uint32_t> slots_placed;
  std::vector<std::uint32_t> slots_held_back;
  std::optional<std::uint32_t> rows_filtered;  // a filter
  std::optional<std::uint32_t> rows_boosted;   // a boost
  double cost = kNoNumber;                     // predicted value; NaN: not known
  std::uint32_t slots_changed = 0;             // that differ on the page without it
  std::vector<std::string> frees;              // rules that are broken less without it
};

struct TracedNode {
  std::string id;
  std::uint32_t slates = 0;
  double elapsed_us = 0.0;
  std::string status;  // "ok", or what went wrong
  std::uint32_t slates_in = 0;
  double best = kNoNumber;  // of the slates that it made; NaN: it made none
};

// Rules that cannot hold together on a page of the length asked for.
struct TracedConflict {
  struct Rule {
    std::string rule;
    std::string because;  // what it asks for, and the numbers of this request
  };
  std::vector<Rule> rules;
  bool proven_minimal = false;
  std::string given_up;  // empty: slots were given up instead
};

// One row that was asked about.
struct TracedItem {
  struct Slot {
    std::uint32_t slot = 0;
    std::vector<std::string> would_break;  // with the row in the place of the one that stands there
    std::string rule;                      // the first that speaks against it there; empty: none
  };
  struct Forced {
    std::uint32_t slot = 0;
    bool possible = false;  // required rules allow it
    double cost = kNoNumber;
    std::vector<std::pair<std::string, std::uint32_t>> would_break;  // rule, violations more
  };
  std::uint32_t row = 0;
  std::uint32_t rank = 0;
  std::uint32_t slot = 0;  // 0: not on the page
  std::string status;      // "on the page", "duplicate", "outside its dates",
                           // "filtered", "below the page", "passed over"
  std::vector<std::string> filtered_by;
  std::uint32_t natural_slot = 0;  // by its score alone; 0: not known
  std::string because;             // as of a row held back
  std::string rule;
  std::vector<Slot> slots;
  std::optional<Forced> forced;
};

struct Trace {
  std::vector<TracedSlot> slots;
  std::vector<TracedRule> rules;
  std::vector<TracedNode> nodes;
  std::vector<TracedConflict> conflicts;
  std::optional<TracedItem> item;
  std::uint32_t candidates = 0;   // that pass the filters
  std::uint32_t slots_asked = 0;  // 0: not known
  double value = kNoNumber;       // predicted, of the engine's own page
  bool verified = false;
  std::string selected_by;
  std::string load;  // the level of load that was reached; empty: none
};

// Keys that are absent keep their defaults. Errors: trace/json.
[[nodiscard]] Result<Trace> read_trace(std::string_view json);

}  // namespace lineup::cli
