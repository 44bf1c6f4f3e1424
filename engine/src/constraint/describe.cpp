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

std::string columns(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    out += fmt::format("`{}`", names[i]);
  }
  return out;
}

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

std::string_view neighbours(Across across) {
  switch (across) {
    case Across::Sequence:
      return "";
    case Across::Rows:
      return ", side by side in the grid";
    case Across::Columns:
      return ", one above the other in the grid";
  }
  return "";
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
  return out + std::string(neighbours(spec.across));
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

// "a row where `type == "ad"`", "any row".
std::string one_row(const std::string& where) {
  return where.empty() ? std::string("any row") : fmt::format("a row where `{}`", where);
}

std::string describe_adjacent(const Spec& spec) {
  const std::string left = one_row(spec.left);
  const std::string right = one_row(spec.right);
  std::string out;
  if (spec.right_side == PairSide::PageEnd) {
    out = fmt::format("{} {} at the end of the page", left, spec.require ? "only" : "never");
  } else if (spec.left_side == PairSide::PageEnd) {
    out = fmt::format("{} {} at the beginning of the page", right, spec.require ? "only" : "never");
  } else if (spec.require) {
    out = fmt::format("directly after {} comes {}", left, right);
  } else {
    out = fmt::format("directly after {} never {}", left, right);
  }
  return out + std::string(neighbours(spec.across));
}

std::string describe_similar(const Spec& spec, Live live) {
  const std::string where = spec.size.is_given()
                                ? fmt::format("within {} slots", words::amount(spec.size, live))
                                : std::string("on the page");
  const std::string above = spec.max_cosine.is_given()
                                ? fmt::format(" above {:.6g}", value_of(spec.max_cosine, live))
                                : std::string();
  return fmt::format("no two {} {} with a cosine of `{}`{}", words::rows(spec), where, spec.column,
                     above);
}

std::string describe_mix(const Spec& spec, Live live) {
  std::string channels;
  switch (spec.mix) {
    case MixMode::Pattern:
      for (const std::uint32_t channel : spec.pattern) {
        channels += fmt::format(
            "{}{}", channels.empty() ? "" : ", ",
            channel < spec.channels.size() ? spec.channels[channel].name : std::string("any"));
      }
      return fmt::format("channels in the pattern `{}` {}", channels, words::slots(spec.slots));
    case MixMode::Ratio:
      for (const Channel& channel : spec.channels) {
        channels += fmt::format("{}{} {:.6g}", channels.empty() ? "" : ", ", channel.name,
                                value_of(channel.share, live));
      }
      return fmt::format("channels share the slots as `{}` {}", channels, words::slots(spec.slots));
    case MixMode::Interleave:
      for (const Channel& channel : spec.channels) {
        channels += fmt::format("{}{}", channels.empty() ? "" : ", ", channel.name);
      }
      return fmt::format("channels `{}` take turns {}", channels, words::slots(spec.slots));
  }
  return {};
}

std::string describe_order(const Spec& spec) {
  std::string out = "rows";
  if (!spec.where.empty()) out += fmt::format(" where `{}`", spec.where);
  out += fmt::format(" stand in {} order of {}", spec.ascending ? "ascending" : "descending",
                     words::columns(spec.by));
  if (!spec.within.empty())
    out += fmt::format(", among those of one {}", words::columns(spec.within));
  return out;
}

// A set of quotas that share the slots.
std::string describe_set(const Spec& spec, Live live) {
  if (spec.even) {
    return fmt::format("every value of {} gets the same number of slots {}",
                       words::columns(spec.by), words::slots(spec.slots));
  }
  std::string out;
  for (const Channel& channel : spec.channels) {
    out += fmt::format("{}{} for {}", out.empty() ? "" : ", ", words::amount(channel.share, live),
                       one_row(channel.where));
  }
  return fmt::format("at least {}, {}", out, words::slots(spec.slots));
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
      out = spec.channels.empty() && !spec.even ? describe_count(spec, live)
                                                : describe_set(spec, live);
      break;
    case Kind::Place:
      out = describe_place(spec);
      break;
    case Kind::Adjacent:
      out = describe_adjacent(spec);
      break;
    case Kind::Budget:
      out = fmt::format("{} of `{}` summed over {} {}", bounds(spec, live), spec.column,
                        words::rows(spec), words::slots(spec.slots));
      break;
    case Kind::Similar:
      out = describe_similar(spec, live);
      break;
    case Kind::Filter:
      return fmt::format("shows no {}", words::rows(spec));
    case Kind::Boost:
      return describe_boost(spec, live);
    case Kind::Mix:
      out = describe_mix(spec, live);
      break;
    case Kind::Order:
      out = describe_order(spec);
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
