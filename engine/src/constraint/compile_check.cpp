// SPDX-License-Identifier: Apache-2.0
//
// One function per kind says which fields it needs and what their numbers may be; the tests of one
// number are shared. A number that a live parameter steers is tested by the value it begins with,
// but two numbers are compared only when both are fixed.
#include "constraint/compile_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lineup {

namespace {

// LIMIT: a million slots, far above any page, so that sums of a few bounds fit 32 bits.
constexpr double kAmountMax = 1'000'000;

std::string number_text(double value) {
  std::array<char, 400> buffer{};  // the longest: -1.8e308 written out
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), end.ptr};
}

std::string amount_text(const Amount& amount) {
  if (amount.unit != Amount::Unit::Fraction) return number_text(amount.value);
  return number_text(std::round(amount.value * 1e8) / 1e6) + "%";
}

std::string quoted(std::string_view text) {
  std::string out = "`";
  out.append(text);
  return out += '`';
}

// What a number may be.
struct Bounds {
  double least = 0.0;
  bool fraction = true;  // whether '10%' means something
};

void check_amount(std::string_view name, const Amount& amount, Bounds bounds, SpecReport& report) {
  if (!amount.is_given()) return;
  const auto fail = [&](const std::string& message, std::string hint) {
    Diagnostic& diagnostic =
        report.error("rule/bounds", quoted(name) + " " + message + ", got " + amount_text(amount),
                     std::move(hint));
    diagnostic.arguments.emplace_back("field", name);
    diagnostic.arguments.emplace_back("value", amount_text(amount));
  };
  if (amount.unit == Amount::Unit::Fraction) {
    if (!bounds.fraction) return fail("must be a count", "a share of the slots means nothing here");
    if (!(amount.value >= 0.0 && amount.value <= 1.0)) return fail("must be from 0% to 100%", {});
    return;
  }
  if (!(amount.value >= bounds.least)) {
    return fail("must be at least " + number_text(bounds.least), {});
  }
  if (!(amount.value <= kAmountMax)) return fail("must be at most " + number_text(kAmountMax), {});
  if (amount.live < 0 && amount.value != std::floor(amount.value)) {
    fail("must be a whole number", "shares of the slots are written '10%'");
  }
}

void check_order(const Amount& min, const Amount& max, SpecReport& report) {
  const bool comparable = min.is_given() && min.unit == max.unit && min.live < 0 && max.live < 0;
  if (!comparable || min.value <= max.value) return;
  Diagnostic& diagnostic =
      report.error("rule/min-above-max",
                   "`min` is " + amount_text(min) + ", above `max`, which is " + amount_text(max),
                   "a minimum can be at most the maximum");
  diagnostic.arguments.emplace_back("min", amount_text(min));
  diagnostic.arguments.emplace_back("max", amount_text(max));
}

bool is_fixed_count(const Amount& amount) {
  return amount.unit == Amount::Unit::Count && amount.live < 0;
}

// A maximum of 0 for every value of a column would keep every row that has one off the page.
void check_max_of_zero(const Spec& spec, SpecReport& report) {
  if (spec.by.empty() || !spec.where.empty()) return;
  if (is_fixed_count(spec.max) && spec.max.value == 0.0) {
    report.error("rule/bounds", "`max` must be at least 1 for every value of a column, got 0",
                 "`where` says which rows may not be there");
  }
}

// Reports a minimum that `capacity` slots cannot hold. REQUIRES: `holder` names those slots.
void check_capacity(const Amount& min, double capacity, std::string_view holder,
                    SpecReport& report) {
  if (!is_fixed_count(min) || min.value <= capacity) return;
  report.error("rule/never-holds",
               "`min` is " + amount_text(min) + ", but " + std::string(holder) + " " +
                   (capacity == 1.0 ? "is 1 slot" : "are " + number_text(capacity) + " slots"),
               "a minimum can be at most the number of slots");
}

bool has_valid_slots(const Spec& spec) {
  return std::all_of(spec.slots.ranges.begin(), spec.slots.ranges.end(), [](const auto& range) {
    return range.first >= 1 && range.first <= range.second && range.second <= kAmountMax;
  });
}

double slot_total(SlotSet slots) {
  normalize(slots);
  double total = 0;
  for (const auto& range : slots.ranges) total += range.second - range.first + 1.0;
  return total;
}

void check_slots(const Spec& spec, SpecReport& report) {
  if (has_valid_slots(spec)) return;
  report.error("rule/slots", "slots are counted from 1 and ranges run forwards",
               "write '1..4', '3' or '1,5,9..12'");
}

void report_missing(const char* field, std::string hint, SpecReport& report) {
  report.error("rule/missing-field", "needs " + quoted(field), std::move(hint))
      .arguments.emplace_back("field", field);
}

void need_rows(const Spec& spec, SpecReport& report) {
  if (!spec.where.empty() || !spec.by.empty()) return;
  report.error("rule/missing-field", "needs `where` or `by`", "they say which rows it counts");
}

void check_window(const Spec& spec, SpecReport& report) {
  need_rows(spec, report);
  if (spec.across != Across::Sequence && spec.history.is_given()) {
    report.error("rule/conflicting-fields", "`history` continues the sequence of rows",
                 "it means nothing across a grid");
  }
  check_amount("size", spec.size, {1.0, true}, report);
  check_amount("max", spec.max, {}, report);
  check_amount("min", spec.min, {}, report);
  check_order(spec.min, spec.max, report);
  check_max_of_zero(spec, report);
  if (is_fixed_count(spec.size)) check_capacity(spec.min, spec.size.value, "its runs", report);
}

void check_spacing(const Spec& spec, SpecReport& report) {
  need_rows(spec, report);
  check_amount("gap", spec.gap, {}, report);
  check_amount("first_slot", spec.first_slot, {1.0, false}, report);
}

void check_quota(const Spec& spec, SpecReport& report) {
  if (spec.even || !spec.channels.empty()) return check_quota_set(spec, report);
  need_rows(spec, report);
  check_amount("max", spec.max, {}, report);
  check_amount("min", spec.min, {}, report);
  check_order(spec.min, spec.max, report);
  check_max_of_zero(spec, report);
  if (!spec.slots.is_all() && has_valid_slots(spec)) {
    check_capacity(spec.min, slot_total(spec.slots), "its `slots`", report);
  }
}

void check_cap(const Spec& spec, SpecReport& report) {
  if (spec.by.empty()) {
    report_missing("by", "to count the rows that match, use a `quota`", report);
  }
  check_amount("max", spec.max, {}, report);
  check_max_of_zero(spec, report);
}

bool is_pin(PlaceMode mode) { return mode == PlaceMode::Exactly || mode == PlaceMode::AtOrAbove; }

void check_place(const Spec& spec, SpecReport& report) {
  const bool by_column = !spec.slot_column.empty();
  if (!spec.id && spec.where.empty() && !by_column) {
    report.error("rule/missing-field", "needs `id`, `where` or `slot_column`",
                 "they say which rows it places");
  }
  if (spec.id && !spec.where.empty()) {
    report.error("rule/conflicting-fields", "has both `id` and `where`", "give one of them");
  }
  if (by_column && spec.id) {
    report.error("rule/conflicting-fields", "has both `id` and `slot_column`",
                 "one id is placed by `slots`");
  }
  if (by_column && !spec.slots.is_all()) {
    report.error("rule/conflicting-fields", "has both `slots` and `slot_column`",
                 "give one of them");
  }
  if (by_column && !is_pin(spec.mode)) {
    report.error("rule/conflicting-fields",
                 "`slot_column` needs the mode `exactly` or `at_or_above`", {});
  }
  if (spec.mode == PlaceMode::Last) {
    if (!spec.slots.is_all()) {
      report.warning("rule/unused-field", "the mode `last` does not look at `slots`", {});
    }
    return;
  }
  if (spec.slots.is_all() && !by_column) {
    report_missing("slots", "they say where the row is to stand", report);
  }
  if (spec.id && is_pin(spec.mode) && has_valid_slots(spec) && slot_total(spec.slots) > 1) {
    report.error("rule/slots", "one id cannot be pinned to several slots",
                 "give one slot, or use the mode `only_within`");
  }
}

void check_boost(const Spec& spec, SpecReport& report) {
  const auto check = [&report](std::string_view name, const Amount& amount, double least) {
    if (!amount.is_given() || (std::isfinite(amount.value) && amount.value >= least)) return;
    report.error("rule/bounds",
                 quoted(name) + " must be " +
                     (least == 0.0 ? "a number of at least 0" : "a finite number") + ", got " +
                     number_text(amount.value),
                 {});
  };
  check("add", spec.add, -HUGE_VAL);
  check("multiply", spec.multiply, 0.0);
}

}  // namespace

Diagnostic& SpecReport::error(std::string code, const std::string& message, std::string hint) {
  Diagnostic& diagnostic = diagnostics_.error(
      spec_.span, std::move(code), quoted(name_of(spec_.kind)) + ": " + message, std::move(hint));
  diagnostic.arguments.emplace_back("kind", name_of(spec_.kind));
  return diagnostic;
}

Diagnostic& SpecReport::warning(std::string code, const std::string& message, std::string hint) {
  Diagnostic& diagnostic = error(std::move(code), message, std::move(hint));
  diagnostic.severity = Severity::Warning;
  return diagnostic;
}

void check_spec(const Spec& spec, SpecReport& report) {
  check_slots(spec, report);
  check_amount("history", spec.history, {0.0, false}, report);
  switch (spec.kind) {
    case Kind::Window:
      return check_window(spec, report);
    case Kind::Spacing:
      return check_spacing(spec, report);
    case Kind::Quota:
      return check_quota(spec, report);
    case Kind::Cap:
      return check_cap(spec, report);
    case Kind::Place:
      return check_place(spec, report);
    case Kind::Boost:
      return check_boost(spec, report);
    case Kind::Filter:
      if (spec.where.empty()) {
        report_missing("where", "it says which rows may not be shown", report);
      }
      return;
    default:
      return check_pairs_and_sums(spec, report);
  }
}

void normalize(SlotSet& slots) {
  auto& ranges = slots.ranges;
  std::sort(ranges.begin(), ranges.end());
  std::size_t kept = 0;
  for (const auto& range : ranges) {
    if (kept > 0 && range.first <= ranges[kept - 1].second + 1) {
      ranges[kept - 1].second = std::max(ranges[kept - 1].second, range.second);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

}  // namespace lineup
