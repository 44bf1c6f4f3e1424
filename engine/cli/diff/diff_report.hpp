// SPDX-License-Identifier: Apache-2.0
//
// What `lineup diff` finds: two bundles on the same requests. Index 0 is the old bundle, 1 the new.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/diff/page_overlap.hpp"

namespace lineup::cli {

// Both sides of one figure.
template <typename T>
using Pair = std::array<T, 2>;

struct DiffSide {
  std::string bundle, revision;
  std::array<std::uint64_t, 4> answers{};   // by LINEUP_ANSWER_*
  std::array<std::uint64_t, 3> searches{};  // by LINEUP_SEARCH_*
  double p50_us = 0.0;
  double p99_us = 0.0;
};

// One rule over all pages.
struct DiffRule {
  std::string scene, rule;
  bool is_soft = false;
  Pair<bool> is_used{};                // whether that side's policy has it
  Pair<std::uint64_t> pages_acted{};   // the order by score alone would break it
  Pair<std::uint64_t> pages_broken{};  // given up, or broken as a wish
  Pair<std::uint64_t> violations{};
};

// How often items of one value of a column were shown.
struct DiffExposure {
  std::string value;
  Pair<std::uint64_t> shown{};
  Pair<double> attention{};  // the same, each slot counting 1 / log2(slot + 1)
};

struct DiffColumn {
  std::string column;
  Pair<std::uint64_t> shown{};  // values in all
  Pair<double> attention{};
  std::uint64_t values = 0;            // different ones
  std::vector<DiffExposure> exposure;  // those that changed most, first
};

// What pages are worth, by an objective's column: the sum over slots, discounted as attention is.
struct DiffObjective {
  std::string scene, objective;
  Pair<bool> is_used{};
  Pair<double> mean{};  // per page
};

struct ShownItem {
  std::string id;
  std::string label;      // title, or what else the row says of itself
  bool is_kept = false;   // the other page has it too
  bool is_moved = false;  // ... on another slot
};

struct ChangedPage {
  std::uint64_t line = 0;
  std::string id, scene;
  double rbo = 1.0;
  std::uint32_t slots_changed = 0;
  Pair<std::vector<ShownItem>> items;
  Pair<std::string> status;
  Pair<std::vector<std::string>> given_up;  // rules that are not kept
};

struct LeftOut {
  std::uint64_t line = 0;
  std::string id;  // empty: none could be read
  std::string message;
};

struct DiffReport {
  Pair<DiffSide> sides;
  std::string requests, at, segment;  // as they were asked for
  std::uint64_t pages = 0;            // compared
  std::uint64_t pages_changed = 0;
  std::uint64_t slots = 0;
  std::uint64_t slots_changed = 0;
  std::vector<std::uint64_t> pages_by_slots_changed;  // [slots changed]
  std::array<double, kOverlapDepths.size()> overlap{};
  double overlap_whole = 1.0;
  double rbo = 1.0;
  std::uint32_t longest = 0;         // slots of the longest page
  std::uint64_t not_in_segment = 0;  // not compared because of --segment
  std::uint64_t left_out_count = 0;  // could not be compared
  std::vector<LeftOut> left_out;     // the first of them
  std::vector<DiffObjective> objectives;
  std::vector<DiffRule> rules;
  std::vector<DiffColumn> columns;
  std::vector<ChangedPage> most_changed;
  double elapsed_s = 0.0;
  std::uint32_t threads = 1;
};

// For people: lines of text, fitted to `width`.
[[nodiscard]] std::vector<std::string> diff_lines(const DiffReport& report, std::size_t width,
                                                  bool color);
// For machines: one object, on one line.
[[nodiscard]] std::string diff_json(const DiffReport& report);
// For people in a browser: one page that needs nothing else.
[[nodiscard]] std::string diff_html(const DiffReport& report);

}  // namespace lineup::cli
