// SPDX-License-Identifier: Apache-2.0
//
// Clauses are put together from the fields that were written, so that a sentence says no more than
// the rule does. What a reader wrote stands in backticks.
#include "constraint/describe.hpp"

#include <fmt/format.h>

#include "constraint/describe_words.hpp"
#include "constraint/instantiate_amount.hpp"

namespace lineup {

namespace words {

std::string amount(const Amount& amount, std::span<const double> live) {
  const double value = value_of(amount, live);
  if (amount.unit == Amount::Unit::Fraction) {
    return fmt::format("{:.6g}% of the slots", value * 100.0);
  }
  return fmt::format("{:.6g}", value);
}

std::string slots(const SlotSet& slots) {
  if (slots.is_all()) return "on the page";
  std::string out;
  std::size_t total = 0;
  for (const auto& [first, last] : slots.ranges) {
    total += last - first + 1U;
    out += out.empty() ? "" : ", ";
    out += first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
  }
  return fmt::format("{} {}", total == 1 ? "on slot" : "in slots", out);
}

namespace {

std::string columns(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    out += fmt::format("`{}`", names[i]);
  }
  return out;
}

}  // namespace

std::string rows(const Spec& spec, bool is_one) {
  std::string out = is_one ? "row" : "rows";
  if (spec.by.size() == 1) out += fmt::format(" of one {}", columns(spec.by));
  if (spec.by.size() > 1) out += fmt::format(" that agree in {}", columns(spec.by));
  if (!spec.where.empty()) out += fmt::format(" where `{}`", spec.where);
  return out;
}

}  // namespace words

namespace {

using Live = std::span<const double>;

// "at least 2 and at most 4"; "any number of" when neither is given.
std::string bounds(const Spec& spec, Live live) {
  std::string out;
  if (spec.min.is_given()) out = fmt::format("at least {}", words::amount(spec.min, live));
  if (spec.max.is_given()) {
    out += fmt::format("{}at most {}", out.empty() ? "" : " and ", words::amount(spec.max, live));
  }
  return out.empty() ? "any number of" : out;
}

// "at most 1 row where ...".
std::string bounded_rows(const Spec& spec, Live live) {
  const Amount& last = spec.max.is_given() ? spec.max : spec.min;
  const bool is_one = last.unit == Amount::Unit::Count && value_of(last, live) == 1.0;
  return fmt::format("{} {}", bounds(spec, live), words::rows(spec, is_one));
}

std::string describe_window(const Spec& spec, Live live) {
  const bool is_run = spec.by.empty() && spec.size.unit == Amount::Unit::Count &&
                      spec.max.unit == Amount::Unit::Count && !spec.min.is_given() &&
                      value_of(spec.size, live) == value_of(spec.max, live) + 1.0;
  std::string out = bounded_rows(spec, live) + " ";
  out += is_run ? std::string("in a row")
         : spec.tumbling
             ? fmt::format("in each part of {} slots", words::amount(spec.size, live))
             : fmt::format("in any {} neighbouring slots", words::amount(spec.size, live));
  if (!spec.slots.is_all()) out += ", " + words::slots(spec.slots);
  return out;
}

std::string describe_spacing(const Spec& spec, Live live) {
  std::string out;
  if (spec.gap.is_given()) {
    out = fmt::format("at least {} other rows between two {}", words::amount(spec.gap, live),
                      words::rows(spec));
  }
  if (spec.first_slot.is_given()) {
    out += out.empty() ? fmt::format("no {} before slot ", words::rows(spec))
                       : std::string(", none before slot ");
    out += words::amount(spec.first_slot, live);
  }
  return out.empty() ? fmt::format("no gap between {}", words::rows(spec)) : out;
}

std::string describe_count(const Spec& spec, Live live) {
  return fmt::format("{} {}", bounded_rows(spec, live), words::slots(spec.slots));
}

std::string describe_place(const Spec& spec) {
  const std::string what = spec.id ? fmt::format("row `{}`", *spec.id) : words::rows(spec);
  const std::string where = spec.slot_column.empty()
                                ? words::slots(spec.slots)
                                : fmt::format("on the slot that `{}` says", spec.slot_column);
  switch (spec.mode) {
    case PlaceMode::Exactly:
      return fmt::format("{} {}", what, where);
    case PlaceMode::AtOrAbove:
      return fmt::format("{} {} or above", what, where);
    case PlaceMode::OnlyWithin:
      return fmt::format("{} only {}", what, where);
    case PlaceMode::NeverIn:
      return fmt::format("{} never {}", what, where);
    case PlaceMode::Last:
      return fmt::format("{} after all other rows", what);
  }
  return what;
}

std::string describe_boost(const Spec& spec, Live live) {
  std::string out;
  if (spec.multiply.is_given()) {
    out = fmt::format("multiplies `{}` by {:.6g}", spec.column, value_of(spec.multiply, live));
  }
  if (spec.add.is_given()) {
    out += fmt::format("{}adds {:.6g} to `{}`", out.empty() ? "" : " and ",
                       value_of(spec.add, live), spec.column);
  }
  if (out.empty()) out = fmt::format("changes `{}`", spec.column);
  return fmt::format("{} of {}", out, words::rows(spec));
}

}  // namespace

std::string describe(const CompiledConstraint& constraint, Live live) {
  const Spec& spec = constraint.spec;
  std::string out;
  switch (spec.kind) {
    case Kind::Window:
      out = describe_window(spec, live);
      break;
    case Kind::Spacing:
      out = describe_spacing(spec, live);
      break;
    case Kind::Quota:
    case Kind::Cap:
      out = describe_count(spec, live);
      break;
    case Kind::Place:
      out = describe_place(spec);
      break;
    case Kind::Adjacent:
      out = fmt::format("which {} may stand next to each other", words::rows(spec));
      break;
    case Kind::Budget:
      out = fmt::format("{} of `{}` summed over {} {}", bounds(spec, live), spec.column,
                        words::rows(spec), words::slots(spec.slots));
      break;
    case Kind::Similar:
      out = fmt::format("no two {} that are too similar within {} slots", words::rows(spec),
                        words::amount(spec.size, live));
      break;
    case Kind::Filter:
      return fmt::format("shows no {}", words::rows(spec));
    case Kind::Boost:
      return describe_boost(spec, live);
    case Kind::Mix:
      out = fmt::format("how channels share the page, {}", words::slots(spec.slots));
      break;
    case Kind::Order:
      out = fmt::format("{} keep their order", words::rows(spec));
      break;
    case Kind::Code:
      return spec.code_is_score ? "what its code prefers" : "what its code allows";
  }
  if (spec.history.is_given()) {
    out += fmt::format(", counting the last {} rows of the page before",
                       words::amount(spec.history, live));
  }
  return out;
}

std::string describe(const RuleUse& use, Live live) {
  std::string out;
  for (const CompiledConstraint& constraint : use.constraints) {
    out += fmt::format("{}{}", out.empty() ? "" : "; ", describe(constraint, live));
  }
  return out;
}

}  // namespace lineup
