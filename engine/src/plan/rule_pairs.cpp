// SPDX-License-Identifier: Apache-2.0
//
// Conditions are compared as texts: two that mean the same and are written otherwise are taken for
// different, which loses a finding and never makes a wrong one. Rows that share no more than a
// condition `column == value` agree in that column, so rules that count by it count them together.
#include "plan/rule_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lineup {

namespace {

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Blanks outside quotes are evened out.
std::string evened(const std::string& condition) {
  std::string out;
  char quote = 0;
  bool is_gap = false;
  for (const char c : condition) {
    if (quote == 0 && is_blank(c)) {
      is_gap = !out.empty();
      continue;
    }
    if (is_gap) out += ' ';
    is_gap = false;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    out += c;
  }
  return out;
}

// The most slots that can be taken, one after the other, so that no run of `size` neighbours has
// more than `max`. Taking each as early as it may be is best.
std::uint32_t fit_window(const PageSlots& slots, std::uint32_t size, std::uint32_t max,
                         bool tumbling) {
  std::vector<std::size_t> taken;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] == 0) continue;
    const std::size_t begin = tumbling           ? slot / size * size
                              : slot + 1 >= size ? slot + 1 - size
                                                 : 0;
    const auto near = std::count_if(taken.begin(), taken.end(),
                                    [begin](std::size_t other) { return other >= begin; });
    if (static_cast<std::uint32_t>(near) < max) taken.push_back(slot);
  }
  return static_cast<std::uint32_t>(taken.size());
}

std::uint32_t fit_spacing(const PageSlots& slots, std::uint32_t gap, std::uint32_t first_slot) {
  std::uint32_t count = 0;
  std::size_t next = first_slot > 0 ? first_slot - 1 : 0;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot] == 0 || slot < next) continue;
    ++count;
    next = slot + gap + 1;
  }
  return count;
}

// A maximum on a page that may be shorter: a share is largest on the longest.
std::optional<std::uint32_t> largest(const Amount& max, std::uint32_t slots) {
  if (!max.is_given() || max.live >= 0) return std::nullopt;
  const double value = max.unit == Amount::Unit::Fraction ? max.value * slots + 1e-9 : max.value;
  return static_cast<std::uint32_t>(std::max(0.0, value));
}

}  // namespace

std::string shared_column(const std::string& subject) {
  std::size_t end = 0;
  while (end < subject.size() &&
         (std::isalnum(static_cast<unsigned char>(subject[end])) != 0 || subject[end] == '_')) {
    ++end;
  }
  const std::string column = subject.substr(0, end);
  std::size_t at = end;
  while (at < subject.size() && is_blank(subject[at])) ++at;
  if (column.empty() || subject.compare(at, 2, "==") != 0) return {};
  at += 2;
  while (at < subject.size() && is_blank(subject[at])) ++at;
  if (at == subject.size()) return {};
  if (subject[at] == '"' || subject[at] == '\'') {
    const std::size_t close = subject.find(subject[at], at + 1);
    return close + 1 == subject.size() ? column : std::string();
  }
  const bool is_number =
      std::all_of(subject.begin() + static_cast<std::ptrdiff_t>(at), subject.end(),
                  [](unsigned char c) { return std::isdigit(c) != 0 || c == '-' || c == '.'; });
  return is_number ? column : std::string();
}

PageSlots page_slots(const SlotSet& slots, std::uint32_t page) {
  PageSlots out(page, slots.is_all() ? 1 : 0);
  for (const auto& [first, last] : slots.ranges) {
    for (std::uint32_t slot = first; slot <= std::min(last, page); ++slot) out[slot - 1] = 1;
  }
  return out;
}

std::uint32_t count_slots(const PageSlots& slots) {
  return static_cast<std::uint32_t>(std::count(slots.begin(), slots.end(), 1));
}

bool is_within(const PageSlots& inner, const PageSlots& outer) {
  for (std::size_t slot = 0; slot < inner.size(); ++slot) {
    if (inner[slot] != 0 && outer[slot] == 0) return false;
  }
  return true;
}

bool act_together(const RuleUse& a, const RuleUse& b) {
  if (!a.enabled || !b.enabled) return false;
  const std::int64_t from = std::max(a.from_ms, b.from_ms);
  const std::int64_t until = std::min({a.until_ms, b.until_ms, a.expires_ms, b.expires_ms});
  if (from >= until) return false;
  return a.when.is_empty() || b.when.is_empty() || evened(a.when.text()) == evened(b.when.text());
}

bool acts_whenever(const RuleUse& a, const RuleUse& b) {
  if (!a.enabled || a.from_ms > b.from_ms) return false;
  if (std::min(a.until_ms, a.expires_ms) < std::min(b.until_ms, b.expires_ms)) return false;
  return a.when.is_empty() ||
         (!b.when.is_empty() && evened(a.when.text()) == evened(b.when.text()));
}

std::string subject_of(const Spec& spec) {
  if (spec.id) return fmt::format("id == \"{}\"", *spec.id);
  return evened(spec.where);
}

bool covers(const Spec& constraint, const std::string& subject) {
  if (subject.empty()) return false;
  const std::string own = subject_of(constraint);
  if (constraint.by.empty()) return own == subject;
  return constraint.by.size() == 1 && constraint.by.front() == shared_column(subject) &&
         (own.empty() || own == subject);
}

std::optional<std::uint32_t> fixed_count(const Amount& amount) {
  if (amount.unit != Amount::Unit::Count || amount.live >= 0 || amount.value < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(amount.value);
}

std::optional<std::uint32_t> capacity_of(const Spec& constraint, const PageSlots& slots,
                                         std::uint32_t page) {
  const PageSlots own = page_slots(constraint.slots, page);
  std::uint32_t both = 0;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) both += slots[slot] & own[slot];
  const std::uint32_t outside = count_slots(slots) - both;
  switch (constraint.kind) {
    case Kind::Quota:
    case Kind::Cap: {
      const auto max = largest(constraint.max, count_slots(own));
      if (!max || !constraint.channels.empty() || constraint.even) return std::nullopt;
      return outside + std::min(both, *max);
    }
    case Kind::Window: {
      const auto size = fixed_count(constraint.size);
      const auto max = fixed_count(constraint.max);
      const bool is_plain =
          constraint.slots.is_all() && constraint.across == Across::Sequence && size && *size > 0;
      if (!is_plain || !max) return std::nullopt;
      return fit_window(slots, *size, *max, constraint.tumbling);
    }
    case Kind::Spacing: {
      const bool is_plain = constraint.gap.unit != Amount::Unit::Fraction &&
                            constraint.gap.live < 0 && constraint.first_slot.live < 0;
      if (!is_plain) return std::nullopt;
      return fit_spacing(slots, fixed_count(constraint.gap).value_or(0),
                         fixed_count(constraint.first_slot).value_or(1));
    }
    case Kind::Place:
      if (constraint.mode == PlaceMode::NeverIn) return outside;
      if (constraint.mode == PlaceMode::OnlyWithin) return both;
      return std::nullopt;
    case Kind::Filter:
      return 0;
    case Kind::Adjacent:
    case Kind::Budget:
    case Kind::Similar:
    case Kind::Boost:
    case Kind::Mix:
    case Kind::Order:
    case Kind::Code:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string other_rule(const RuleUse& use) {
  return fmt::format("`{}` (line {})", use.name, use.span.line);
}

}  // namespace lineup
