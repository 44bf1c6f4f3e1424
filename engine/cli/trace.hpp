// SPDX-License-Identifier: Apache-2.0
//
// The engine's trace of one request, read back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup::cli {

// A better row that does not stand at a slot.
struct HeldBack {
  std::uint32_t row = 0;
  std::uint32_t rank = 0;
  std::string rule;  // empty: no single rule; the page as a whole is better so
};

struct TracedSlot {
  std::uint32_t slot = 0;  // 1-based
  std::uint32_t row = 0;
  std::uint32_t rank = 0;     // where the ranker had it, 1-based
  double score = 0.0;         // NaN: missing
  double score_before = 0.0;  // before boosts
  std::string placed_by;      // a generator, a pin, the engine, the fallback
  std::vector<HeldBack> held_back;
};

struct TracedRule {
  std::string rule;
  std::string status;    // "active", or why it did not apply
  std::string strength;  // "required", "hard", "soft"
  std::uint32_t violations = 0;
  std::string reason;  // what its owner wrote
};

struct TracedNode {
  std::string id;
  std::uint32_t slates = 0;
  double elapsed_us = 0.0;
  std::string status;  // "ok", or what went wrong
};

struct Trace {
  std::vector<TracedSlot> slots;
  std::vector<TracedRule> rules;
  std::vector<TracedNode> nodes;
  std::uint32_t candidates = 0;  // that pass the filters
  bool verified = false;
  std::string selected_by;
};

// Keys that are absent keep their defaults. Errors: trace/json.
[[nodiscard]] Result<Trace> read_trace(std::string_view json);

}  // namespace lineup::cli
