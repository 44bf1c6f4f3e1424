// SPDX-License-Identifier: Apache-2.0
#include "verify_reference.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace lineup::test {

const Cell& cell(const Row& row, const Feed& feed, const char* column) {
  static const Cell kMissing;
  const std::uint32_t index = *feed.schema().find(column);
  return feed.is_absent[index] ? kMissing : row.cells[index];
}

namespace {

bool is_text(const Row& row, const Feed& feed, const char* column, const char* text) {
  const auto* value = std::get_if<std::string>(&cell(row, feed, column));
  return value != nullptr && *value == text;
}

bool is_true(const Row& row, const Feed& feed) {
  const auto* value = std::get_if<bool>(&cell(row, feed, "is_new"));
  return value != nullptr && *value;
}

// The conditions of random specs, each with the same thing in C++.
struct KnownCondition {
  const char* text;
  std::function<bool(const Row&, const Feed&)> holds;
};

const std::vector<KnownCondition>& known_conditions() {
  static const std::vector<KnownCondition> known = {
      {"category == \"a\"",
       [](const Row& r, const Feed& f) { return is_text(r, f, "category", "a"); }},
      {"category ~= \"a\"",
       [](const Row& r, const Feed& f) { return !is_text(r, f, "category", "a"); }},
      {"is_new", [](const Row& r, const Feed& f) { return is_true(r, f); }},
      {"not is_new and category == \"b\"",
       [](const Row& r, const Feed& f) {
         return !is_true(r, f) && is_text(r, f, "category", "b");
       }},
      {"votes >= 2",
       [](const Row& r, const Feed& f) {
         const auto* votes = std::get_if<std::int64_t>(&cell(r, f, "votes"));
         return votes != nullptr && *votes >= 2;
       }},
      {"tags == \"x\"",
       [](const Row& r, const Feed& f) {
         const auto* tags = std::get_if<Texts>(&cell(r, f, "tags"));
         return tags != nullptr && std::count(tags->begin(), tags->end(), "x") > 0;
       }},
      {"category == \"nobody\"", [](const Row&, const Feed&) { return false; }}};
  return known;
}

std::set<std::string> column_values(const std::string& column, bool missing_as_value,
                                    const Row& row, const Feed& feed) {
  if (column == "id") return {row.id};
  std::set<std::string> out;
  const Cell& value = cell(row, feed, column.c_str());
  if (const auto* text = std::get_if<std::string>(&value)) out.insert("t" + *text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) out.insert(std::to_string(*number));
  if (const auto* flag = std::get_if<bool>(&value)) out.insert(*flag ? "yes" : "no");
  if (const auto* texts = std::get_if<Texts>(&value)) {
    for (const std::string& text : *texts) out.insert("t" + text);
  }
  if (out.empty() && missing_as_value) out.insert("missing");
  return out;
}

}  // namespace

std::string random_condition(Random& random) {
  const auto& known = known_conditions();
  return known[static_cast<std::size_t>(draw(random, 0, static_cast<int>(known.size()) - 1))].text;
}

bool has_slot(const Spec& spec, long slot) {
  if (spec.slots.ranges.empty()) return true;
  for (const auto& [first, last] : spec.slots.ranges) {
    if (slot >= first && slot <= last) return true;
  }
  return false;
}

long present_slots(const Spec& spec, long length) {
  long present = 0;
  for (long slot = 1; slot <= length; ++slot) present += has_slot(spec, slot) ? 1 : 0;
  return present;
}

bool Reference::matches(const Spec& spec, const Row& row, const Feed& feed) {
  if (spec.where.empty()) return true;
  for (const KnownCondition& known : known_conditions()) {
    if (spec.where == known.text) return known.holds(row, feed);
  }
  throw std::logic_error("a condition that the reference does not know");
}

std::vector<std::string> Reference::values(const Spec& spec, const Row& row, const Feed& feed) {
  std::vector<std::string> out = {""};
  for (const std::string& column : spec.by) {
    std::vector<std::string> longer;
    for (const std::string& begin : out) {
      for (const std::string& value : column_values(column, spec.missing_as_value, row, feed)) {
        longer.push_back(begin + "/" + value);
      }
    }
    out = longer;
  }
  return out;
}

double Reference::number(const Amount& amount, double fraction_of) const {
  const double value =
      amount.live >= 0 ? live[static_cast<std::size_t>(amount.live)] : amount.value;
  return amount.unit == Amount::Unit::Fraction ? value * fraction_of : value;
}

long Reference::maximum(const Amount& amount, long present, long absent) const {
  if (amount.unit == Amount::Unit::Absent) return absent;
  return static_cast<long>(std::floor(number(amount, static_cast<double>(present)) + 1e-9));
}

long Reference::minimum(const Amount& amount, long present, long absent) const {
  if (amount.unit == Amount::Unit::Absent) return absent;
  return static_cast<long>(std::ceil(number(amount, static_cast<double>(present)) - 1e-9));
}

namespace {

constexpr long kNoMaximum = 1'000'000'000;

// The page with the counted history before it, slot by slot: the values that match there.
std::map<long, std::vector<std::string>> timeline(const Reference& request, const Spec& spec,
                                                  bool with_history) {
  std::map<long, std::vector<std::string>> at;
  const Feed& feed = request.feed;
  const auto put = [&](long slot, const Row& row) {
    if (Reference::matches(spec, row, feed)) at[slot] = Reference::values(spec, row, feed);
  };
  const long history = static_cast<long>(feed.history.size());
  const long counted = with_history ? std::min(request.maximum(spec.history, 0, 0), history) : 0;
  for (long back = 1; back <= counted; ++back) {
    put(1 - back, feed.history[static_cast<std::size_t>(history - back)]);
  }
  for (std::size_t i = 0; i < request.slate.size(); ++i) {
    put(static_cast<long>(i) + 1, feed.rows[request.slate[i]]);
  }
  return at;
}

std::map<std::string, long> counts_between(const std::map<long, std::vector<std::string>>& at,
                                           long first, long last) {
  std::map<std::string, long> counts;
  for (long slot = first; slot <= last; ++slot) {
    const auto found = at.find(slot);
    if (found == at.end()) continue;
    for (const std::string& value : found->second) ++counts[value];
  }
  return counts;
}

}  // namespace

long Reference::units(const Spec& spec) const {
  switch (spec.kind) {
    case Kind::Window:
      return window(spec);
    case Kind::Spacing:
      return spacing(spec);
    case Kind::Quota:
      if (spec.even) return even(spec);
      if (!spec.channels.empty()) return shares(spec);
      return totals(spec);
    case Kind::Cap:
      return totals(spec);
    case Kind::Place:
      return place(spec);
    case Kind::Adjacent:
      return adjacent(spec);
    case Kind::Order:
      return order(spec);
    case Kind::Similar:
      return similar(spec);
    case Kind::Budget:
      return budget(spec);
    case Kind::Mix:
      return mix(spec);
    default:
      return 0;
  }
}

long Reference::window(const Spec& spec) const {
  if (spec.across != Across::Sequence) return grid(spec);
  const long length = static_cast<long>(slate.size());
  const long present = present_slots(spec, length);
  const long size = std::max(1L, maximum(spec.size, present, present));
  const long max = maximum(spec.max, present, kNoMaximum);
  const long min = minimum(spec.min, present, 0);
  const auto at = timeline(*this, spec, !spec.tumbling);
  const long history =
      spec.tumbling ? 0
                    : std::min(maximum(spec.history, 0, 0), static_cast<long>(feed.history.size()));
  long total = 0;
  const auto run = [&](long first, long last) {
    if (last < 1) return;  // wholly in the history
    // What the history did by itself is what the run would cost at best.
    const auto counts = counts_between(at, first, last);
    auto past = counts_between(at, first, std::min(0L, last));
    for (const auto& [value, count] : counts) {
      total += std::max(0L, count - max) - std::max(0L, past[value] - max);
    }
    if (last - first + 1 < size) return;
    const long page_slots = last - std::max(1L, first) + 1;
    if (spec.by.empty()) {
      total += std::max(0L, min - (counts.empty() ? 0 : counts.begin()->second));
      total -= std::max(0L, std::min(min, size) - page_slots - past[""]);
    } else {
      for (const auto& [value, count] : counts) {
        total += std::max(0L, min - count);
        if (past[value] > 0) total -= std::max(0L, min - page_slots - past[value]);
      }
    }
  };
  for (long begin = 1; begin <= length; ++begin) {
    if (!has_slot(spec, begin) || (begin > 1 && has_slot(spec, begin - 1))) continue;
    long end = begin;
    while (end < length && has_slot(spec, end + 1)) ++end;
    const long from = begin == 1 ? 1 - history : begin;
    if (spec.tumbling) {
      for (long first = from; first <= end; first += size)
        run(first, std::min(end, first + size - 1));
    } else if (end - from + 1 <= size) {
      run(from, end);
    } else {
      for (long first = from; first + size - 1 <= end; ++first) run(first, first + size - 1);
    }
  }
  return total;
}

long Reference::spacing(const Spec& spec) const {
  const long length = static_cast<long>(slate.size());
  const long gap = minimum(spec.gap, length, 0);
  const long first_slot = minimum(spec.first_slot, length, 1);
  long total = 0;
  std::map<std::string, long> last;
  for (const auto& [slot, values] : timeline(*this, spec, true)) {
    if (slot >= 1 && slot < first_slot) ++total;
    for (const std::string& value : values) {
      if (slot >= 1 && last.count(value) > 0) {
        total += std::max(0L, gap - (slot - last[value] - 1));
      }
      last[value] = slot;
    }
  }
  return total;
}

long Reference::totals(const Spec& spec) const {
  const long present = present_slots(spec, static_cast<long>(slate.size()));
  const long max = maximum(spec.max, present, kNoMaximum);
  const long min = spec.kind == Kind::Quota ? minimum(spec.min, present, 0) : 0;
  std::map<std::string, long> on_page;
  std::map<std::string, long> past;
  std::set<std::string> bound;
  for (const auto& [slot, values] : timeline(*this, spec, true)) {
    for (const std::string& value : values) {
      if (slot < 1) ++past[value];
      if (slot >= 1 && has_slot(spec, slot)) ++on_page[value];
      if (spec.kind == Kind::Cap) bound.insert(value);
    }
  }
  if (spec.by.empty()) {
    bound = {""};
  } else if (spec.kind == Kind::Quota) {
    for (const std::uint32_t row : candidates) {
      if (!matches(spec, feed.rows[row], feed)) continue;
      for (const std::string& value : values(spec, feed.rows[row], feed)) bound.insert(value);
    }
  }
  long total = 0;
  for (const std::string& value : bound) {
    total += std::max(0L, min - on_page[value]);
    total += std::max(0L, on_page[value] + past[value] - max) - std::max(0L, past[value] - max);
  }
  return total;
}

std::vector<std::pair<std::uint32_t, long>> Reference::pins(const Spec& spec) const {
  std::vector<std::pair<std::uint32_t, long>> out;
  std::vector<std::uint32_t> matching;
  for (const std::uint32_t row : candidates) {
    const bool is_meant =
        spec.id ? feed.rows[row].id == *spec.id : matches(spec, feed.rows[row], feed);
    if (is_meant) matching.push_back(row);
  }
  if (!spec.slot_column.empty()) {
    for (const std::uint32_t row : matching) {
      const auto* slot = std::get_if<std::int64_t>(&cell(feed.rows[row], feed, "slot"));
      if (slot != nullptr && *slot >= 1) out.emplace_back(row, *slot);
    }
    return out;
  }
  std::stable_sort(matching.begin(), matching.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return score[a] > score[b]; });
  std::set<long> slots;
  for (const auto& [first, last] : spec.slots.ranges) {
    for (long slot = first; slot <= last; ++slot) slots.insert(slot);
  }
  auto next = matching.begin();
  for (const long slot : slots) {
    if (next != matching.end()) out.emplace_back(*next++, slot);
  }
  return out;
}

long Reference::place(const Spec& spec) const {
  const auto slot_of = [&](std::uint32_t row) {
    const auto found = std::find(slate.begin(), slate.end(), row);
    return found == slate.end() ? kNoMaximum : found - slate.begin() + 1;
  };
  long total = 0;
  if (spec.mode == PlaceMode::Exactly || spec.mode == PlaceMode::AtOrAbove) {
    for (const auto& [row, slot] : pins(spec)) {
      const bool exactly = spec.mode == PlaceMode::Exactly;
      const bool holds = exactly ? slot_of(row) == slot : slot_of(row) <= slot;
      total += holds ? 0 : 1;
    }
    return total;
  }
  const long length = static_cast<long>(slate.size());
  for (long slot = 1; slot <= length; ++slot) {
    const auto is_meant = [&](long at) {
      const Row& row = feed.rows[slate[static_cast<std::size_t>(at - 1)]];
      return spec.id ? row.id == *spec.id : matches(spec, row, feed);
    };
    if (!is_meant(slot)) continue;
    if (spec.mode == PlaceMode::OnlyWithin && !has_slot(spec, slot)) ++total;
    if (spec.mode == PlaceMode::NeverIn && has_slot(spec, slot)) ++total;
    if (spec.mode == PlaceMode::Last) {
      bool other_follows = false;
      for (long after = slot + 1; after <= length; ++after) other_follows |= !is_meant(after);
      total += other_follows ? 1 : 0;
    }
  }
  return total;
}

}  // namespace lineup::test
