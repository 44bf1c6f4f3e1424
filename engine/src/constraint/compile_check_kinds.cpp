// SPDX-License-Identifier: Apache-2.0
//
// The checks of pairs, sums, mixes and sets of quotas: which fields they need and what their
// numbers may be.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "constraint/compile_check.hpp"

namespace lineup {

namespace {

// LIMIT: businesses that share one page, and turns of a pattern.
constexpr std::size_t kChannelsMax = 64;
constexpr std::size_t kTurnsMax = 1000;

void missing_field(const char* field, std::string hint, SpecReport& report) {
  report.error("rule/missing-field", fmt::format("needs `{}`", field), std::move(hint))
      .arguments.emplace_back("field", field);
}

void conflict(std::string message, std::string hint, SpecReport& report) {
  report.error("rule/conflicting-fields", std::move(message), std::move(hint));
}

// A number that is no count of slots. A live one is tested by the value it begins with.
void check_number(const char* field, const Amount& amount, double least, double most,
                  SpecReport& report) {
  if (!amount.is_given()) return;
  const bool is_share = amount.unit == Amount::Unit::Fraction;
  if (!is_share && amount.value >= least && amount.value <= most) return;
  Diagnostic& diagnostic =
      report.error("rule/bounds",
                   fmt::format("`{}` must be {}, got {}{}", field,
                               least < 0 ? fmt::format("from {} to {}", least, most)
                                         : fmt::format("a number from {} to {:.0f}", least, most),
                               is_share ? amount.value * 100 : amount.value, is_share ? "%" : ""),
                   is_share ? "a share of the slots means nothing here" : "");
  diagnostic.arguments.emplace_back("field", field);
}

void check_adjacent(const Spec& spec, SpecReport& report) {
  const bool is_at_end = spec.left_side != PairSide::Rows || spec.right_side != PairSide::Rows;
  if (spec.left.empty() && spec.right.empty()) {
    report.error("rule/missing-field", "needs `left` or `right`",
                 "conditions say which rows may not stand next to each other");
  }
  if (spec.left_side != PairSide::Rows && spec.right_side != PairSide::Rows) {
    conflict("has the end of the page on both sides", "one side says which rows", report);
  }
  if (is_at_end && spec.across != Across::Sequence) {
    conflict("`page_start` and `page_end` are ends of the sequence", "leave out `across`", report);
  }
  if (spec.history.is_given() && (is_at_end || spec.across != Across::Sequence)) {
    conflict("`history` continues the sequence of rows",
             "it means nothing at the end of a page or across a grid", report);
  }
}

void check_budget(const Spec& spec, SpecReport& report) {
  constexpr double kMost = 1e9;
  if (spec.column.empty()) missing_field("column", "its values are added up", report);
  check_number("max", spec.max, 0.0, kMost, report);
  check_number("min", spec.min, 0.0, kMost, report);
  const bool is_fixed = spec.min.live < 0 && spec.max.live < 0;
  if (!spec.min.is_given() || !spec.max.is_given() || !is_fixed) return;
  if (spec.min.value <= spec.max.value) return;
  report.error(
      "rule/min-above-max",
      fmt::format("`min` is {:.6g}, above `max`, which is {:.6g}", spec.min.value, spec.max.value),
      "a minimum can be at most the maximum");
}

void check_similar(const Spec& spec, SpecReport& report) {
  if (spec.column.empty()) missing_field("embedding", "the column of the embeddings", report);
  check_number("max_cosine", spec.max_cosine, -1.0, 1.0, report);
  if (spec.size.unit == Amount::Unit::Count) {
    check_number("size", spec.size, 1.0, 1e6, report);
  }
}

void check_channel_count(const Spec& spec, SpecReport& report) {
  if (spec.channels.size() <= kChannelsMax) return;
  report.error("rule/bounds",
               fmt::format("may have {} channels, got {}", kChannelsMax, spec.channels.size()), {});
}

void check_mix(const Spec& spec, SpecReport& report) {
  if (spec.channels.empty()) {
    missing_field("channels", "they say whose rows share the page", report);
    return;
  }
  check_channel_count(spec, report);
  if (spec.mix == MixMode::Ratio) {
    double total = 0.0;
    for (const Channel& channel : spec.channels) {
      check_number("ratio", channel.share, 0.0, 1e6, report);
      total += channel.share.value;
    }
    if (!(total > 0.0)) report.error("rule/bounds", "`ratio` gives no channel a share", {});
    return;
  }
  if (spec.pattern.empty() || spec.pattern.size() > kTurnsMax) {
    report.error("rule/bounds", fmt::format("`pattern` must have from 1 to {} turns", kTurnsMax),
                 {});
  }
}

}  // namespace

void check_quota_set(const Spec& spec, SpecReport& report) {
  const char* word = spec.even ? "even" : "shares";
  if (spec.min.is_given() || spec.max.is_given()) {
    conflict(fmt::format("has `{}` beside `min` or `max`", word),
             fmt::format("`{}` says how many rows there are to be", word), report);
  }
  if (spec.history.is_given()) {
    conflict(fmt::format("has `{}` and `history`", word), "the slots of one page are shared out",
             report);
  }
  if (spec.even) {
    if (spec.by.empty()) missing_field("by", "each of its values gets the same number", report);
    if (!spec.channels.empty()) conflict("has both `even` and `shares`", "give one", report);
    return;
  }
  if (!spec.by.empty() || !spec.where.empty()) {
    conflict("has `shares` beside `by` or `where`", "every share has a `where` of its own", report);
  }
  check_channel_count(spec, report);
  double total = 0.0;
  for (const Channel& channel : spec.channels) {
    total += channel.share.value;
    if (channel.share.value >= 0.0 && channel.share.value <= 1.0) continue;
    report.error("rule/bounds", "a share must be from 0% to 100%", {});
  }
  if (total <= 1.0 + 1e-9) return;
  report.error("rule/never-holds", fmt::format("the shares add up to {:.6g}%", total * 100.0),
               "together they can be at most 100%");
}

void check_pairs_and_sums(const Spec& spec, SpecReport& report) {
  switch (spec.kind) {
    case Kind::Adjacent:
      return check_adjacent(spec, report);
    case Kind::Budget:
      return check_budget(spec, report);
    case Kind::Similar:
      return check_similar(spec, report);
    case Kind::Mix:
      return check_mix(spec, report);
    case Kind::Order:
      if (spec.by.empty()) missing_field("by", "the column whose order rows keep", report);
      return;
    default:
      return;
  }
}

}  // namespace lineup
