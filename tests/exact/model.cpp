// SPDX-License-Identifier: Apache-2.0
//
// What counts as one unit is that of the rules' text: a window's excess in every run, a spacing's
// missing rows between two neighbours of one value, and so on. Units are columns of their own that
// are bounded from below; minimising them makes them exact.
#include "exact/model.hpp"

#include <algorithm>
#include <cassert>

namespace lineup::exact {

// A value of a constraint: the candidates that have it, the entries of the past that do, oldest
// first, and whether a candidate has it.
struct Model::Value {
  std::vector<std::uint32_t> rows;
  std::vector<bool> past;
};

bool can_express(const Problem& problem) {
  return std::all_of(problem.constraints.begin(), problem.constraints.end(),
                     [](const Constraint& constraint) {
                       switch (constraint.kind) {
                         case Kind::Window:
                           return constraint.across == Across::Sequence;
                         case Kind::Quota:
                           return constraint.mins == nullptr;
                         case Kind::Spacing:
                         case Kind::Cap:
                         case Kind::Place:
                           return true;
                         default:
                           return false;
                       }
                     });
}

Model::Model(const Problem& problem, std::uint32_t length)
    : problem_(problem), length_(length), levels_(problem.level_count) {
  lay_out();
  for (const Constraint& constraint : problem.constraints) {
    const Sum own = units(constraint);
    if (constraint.tier == Tier::Required) required_.add(own);
    if (constraint.tier == Tier::Hard) levels_[constraint.level].add(own);
    if (constraint.tier == Tier::Soft) total_.add(own, -constraint.weight);
  }
}

// Every slot holds one row, every row stands at most once.
void Model::lay_out() {
  first_.assign(problem_.row_count, -1);
  std::vector<Sum> of_slot(length_);
  for (std::uint32_t row = 0; row < problem_.row_count; ++row) {
    if (!test_bit(problem_.candidates, row)) continue;
    Sum of_row;
    for (std::uint32_t slot = 0; slot < length_; ++slot) {
      const int column = program_.add_column(1.0, true);
      if (slot == 0) first_[row] = column;
      of_row.add(column);
      of_slot[slot].add(column);
      total_.add(column, problem_.utility[row] * problem_.discount[slot]);
    }
    program_.at_most(of_row, 1.0);
  }
  for (const Sum& sum : of_slot) program_.limit(sum, 1.0, 1.0);
}

std::vector<std::uint32_t> Model::page(const std::vector<double>& columns) const {
  std::vector<std::uint32_t> out(length_, kNoRow);
  for (std::uint32_t row = 0; row < problem_.row_count; ++row) {
    for (std::uint32_t slot = 0; slot < length_ && first_[row] >= 0; ++slot) {
      if (columns[static_cast<std::size_t>(at(row, slot))] > 0.5) out[slot] = row;
    }
  }
  return out;
}

Sum Model::on_slot(const std::vector<std::uint32_t>& rows, std::uint32_t slot) const {
  Sum out;
  for (const std::uint32_t row : rows) out.add(at(row, slot));
  return out;
}

Sum Model::on_slots(const std::vector<std::uint32_t>& rows,
                    const std::vector<std::uint32_t>& slots) const {
  Sum out;
  for (const std::uint32_t slot : slots) out.add(on_slot(rows, slot));
  return out;
}

Sum Model::excess(const Sum& sum, double limit) {
  const int column = program_.add_column(1e6, false);
  Sum row = sum;
  program_.at_most(row.add(column, -1.0), limit);
  return Sum{}.add(column);
}

Sum Model::lack(const Sum& sum, double limit) {
  const int column = program_.add_column(1e6, false);
  Sum row = sum;
  program_.at_least(row.add(column), limit);
  return Sum{}.add(column);
}

namespace {

bool has_slot(const Constraint& constraint, std::uint32_t slot) {
  return constraint.slots == nullptr || test_bit(constraint.slots, slot);
}

bool holds(const Constraint& constraint, std::uint32_t row) {
  return constraint.where == nullptr || test_bit(constraint.where, row);
}

std::vector<std::uint32_t> groups_at(const Groups& groups, std::uint32_t index) {
  if (groups.single == nullptr) {
    return {groups.values + groups.offsets[index], groups.values + groups.offsets[index + 1]};
  }
  if (groups.single[index] == kNoGroup) return {};
  return {groups.single[index]};
}

}  // namespace

// Values that no candidate has are listed too, when the past counts: they can be too many by
// themselves. Without `by` there is one value: to match.
std::vector<Model::Value> Model::values_of(const Constraint& constraint, bool with_past) const {
  const std::uint32_t past = with_past ? constraint.past.count : 0;
  const std::uint32_t count =
      constraint.has_by ? std::max(constraint.groups.count, constraint.past.groups.count) : 1;
  std::vector<Value> out(count);
  for (Value& value : out) value.past.assign(past, false);
  for (std::uint32_t row = 0; row < problem_.row_count; ++row) {
    if (first_[row] < 0 || !holds(constraint, row)) continue;
    if (!constraint.has_by) {
      out[0].rows.push_back(row);
      continue;
    }
    for (const std::uint32_t group : groups_at(constraint.groups, row)) {
      out[group].rows.push_back(row);
    }
  }
  for (std::uint32_t entry = 0; entry < past; ++entry) {
    if (constraint.past.matches != nullptr && constraint.past.matches[entry] == 0) continue;
    if (!constraint.has_by) {
      out[0].past[entry] = true;
      continue;
    }
    for (const std::uint32_t group : groups_at(constraint.past.groups, entry)) {
      out[group].past[entry] = true;
    }
  }
  return out;
}

Sum Model::units(const Constraint& constraint) {
  switch (constraint.kind) {
    case Kind::Window:
      return window(constraint);
    case Kind::Spacing:
      return spacing(constraint);
    case Kind::Quota:
    case Kind::Cap:
      return counted(constraint);
    default:
      break;
  }
  assert(constraint.kind == Kind::Place);
  if (constraint.pin_rows != nullptr) return pins(constraint);
  return constraint.mode == PlaceMode::Last ? last(constraint) : placed(constraint);
}

// Runs of neighbouring slots that the window speaks of; the first may reach into the past.
Sum Model::window(const Constraint& constraint) {
  Sum out;
  const std::vector<Value> values = values_of(constraint, !constraint.tumbling);
  for (std::uint32_t begin = 0; begin < length_;) {
    if (!has_slot(constraint, begin)) {
      ++begin;
      continue;
    }
    std::uint32_t end = begin;
    while (end < length_ && has_slot(constraint, end)) ++end;
    const std::uint32_t past = begin == 0 && !constraint.tumbling ? constraint.past.count : 0;
    const std::uint32_t places = past + end - begin;
    // Places are entries of the past, then slots.
    const auto add_run = [&](std::uint32_t first, std::uint32_t last) {
      std::vector<std::uint32_t> slots;
      for (std::uint32_t place = std::max(first, past); place < last; ++place) {
        slots.push_back(begin + place - past);
      }
      const std::uint32_t entries = first < past ? past - first : 0;
      if (!slots.empty()) {
        out.add(window_run(constraint, values, slots, constraint.past.count - entries));
      }
    };
    if (constraint.tumbling) {
      for (std::uint32_t first = 0; first < places; first += constraint.size) {
        add_run(first, std::min(places, first + constraint.size));
      }
    } else if (places < constraint.size) {
      add_run(0, places);
    } else {
      for (std::uint32_t first = 0; first + constraint.size <= places; ++first) {
        add_run(first, first + constraint.size);
      }
    }
    begin = end;
  }
  return out;
}

// What the past part of a run breaks by itself is not the page's doing and not counted.
Sum Model::window_run(const Constraint& constraint, const std::vector<Value>& values,
                      const std::vector<std::uint32_t>& slots, std::uint32_t past_begin) {
  Sum out;
  const std::size_t entries =
      values.empty() || values[0].past.empty() ? 0 : values[0].past.size() - past_begin;
  const bool is_whole = slots.size() + entries == constraint.size;
  for (const Value& value : values) {
    std::uint32_t before = 0;
    for (std::size_t entry = past_begin; entry < value.past.size(); ++entry) {
      before += value.past[entry] ? 1 : 0;
    }
    Sum count = on_slots(value.rows, slots);
    count.constant += before;
    const std::size_t most = std::min(slots.size(), value.rows.size()) + before;
    if (constraint.max != kUnlimited && most > constraint.max) {
      out.add(excess(count, std::max(constraint.max, before)));
    }
    if (constraint.min == 0 || !is_whole) continue;
    const double reachable = static_cast<double>(before + slots.size());
    if (!constraint.has_by || before > 0) {
      out.add(lack(count, std::min<double>(constraint.min, reachable)));
      // A minimum above the size is the rule's fault, not the past's.
      if (!constraint.has_by && constraint.min > constraint.size) {
        out.constant += constraint.min - constraint.size;
      }
      continue;
    }
    if (value.rows.empty()) continue;
    // A value that occurs must occur often enough.
    const int occurs = program_.add_column(1.0, true);
    for (const std::uint32_t slot : slots) {
      program_.at_most(on_slot(value.rows, slot).add(occurs, -1.0), 0.0);
    }
    out.add(lack(count.add(occurs, -1.0 * constraint.min), 0.0));
  }
  return out;
}

Sum Model::spacing(const Constraint& constraint) {
  Sum out;
  if (constraint.first_slot > 0) {
    Value matching;
    for (std::uint32_t row = 0; row < problem_.row_count; ++row) {
      if (first_[row] >= 0 && holds(constraint, row)) matching.rows.push_back(row);
    }
    for (std::uint32_t slot = 0; slot < std::min(length_, constraint.first_slot); ++slot) {
      out.add(on_slot(matching.rows, slot));
    }
  }
  const std::uint32_t past = constraint.past.count;
  for (const Value& value : values_of(constraint, true)) {
    const auto present = [&](std::uint32_t place) {
      if (place >= past) return on_slot(value.rows, place - past);
      Sum sum;
      sum.constant = value.past[place] ? 1.0 : 0.0;
      return sum;
    };
    for (std::uint32_t later = past; later < past + length_ && !value.rows.empty(); ++later) {
      const std::uint32_t reach = std::min(later, constraint.gap);
      for (std::uint32_t earlier = later - reach; earlier < later; ++earlier) {
        // Both hold the value, and nothing between them does.
        Sum pair = present(earlier);
        pair.add(present(later));
        for (std::uint32_t between = earlier + 1; between < later; ++between) {
          pair.add(present(between), -1.0);
        }
        const std::uint32_t missing = constraint.gap - (later - earlier - 1);
        if (missing > 0) out.add(excess(pair, 1.0), missing);
      }
    }
  }
  return out;
}

Sum Model::counted(const Constraint& constraint) {
  Sum out;
  std::vector<std::uint32_t> slots;
  for (std::uint32_t slot = 0; slot < length_; ++slot) {
    if (has_slot(constraint, slot)) slots.push_back(slot);
  }
  for (const Value& value : values_of(constraint, true)) {
    // A quota speaks of the values that occur among the candidates.
    if (constraint.kind == Kind::Quota && constraint.has_by && value.rows.empty()) continue;
    Sum count = on_slots(value.rows, slots);
    if (constraint.kind == Kind::Quota && constraint.min > 0) {
      out.add(lack(count, constraint.min));
    }
    const auto before =
        static_cast<std::uint32_t>(std::count(value.past.begin(), value.past.end(), true));
    count.constant += before;
    if (constraint.max != kUnlimited) out.add(excess(count, std::max(constraint.max, before)));
  }
  return out;
}

// A pin holds or it does not.
Sum Model::pins(const Constraint& constraint) {
  Sum out;
  for (std::uint32_t pin = 0; pin < constraint.pin_count; ++pin) {
    const std::uint32_t row = constraint.pin_rows[pin];
    const std::uint32_t wanted = constraint.pin_slots[pin];
    out.constant += 1.0;
    if (first_[row] < 0) continue;
    const bool is_exact = constraint.mode == PlaceMode::Exactly;
    for (std::uint32_t slot = is_exact ? wanted : 0; slot <= wanted && slot < length_; ++slot) {
      out.add(at(row, slot), -1.0);
    }
  }
  return out;
}

Sum Model::placed(const Constraint& constraint) {
  Sum out;
  for (std::uint32_t row = 0; row < problem_.row_count; ++row) {
    if (first_[row] < 0 || !holds(constraint, row)) continue;
    for (std::uint32_t slot = 0; slot < length_; ++slot) {
      const bool is_inside = has_slot(constraint, slot);
      if (is_inside == (constraint.mode == PlaceMode::NeverIn)) out.add(at(row, slot));
    }
  }
  return out;
}

// A matching row counts when any later row does not match.
Sum Model::last(const Constraint& constraint) {
  Sum out;
  std::vector<std::uint32_t> matching;
  std::vector<std::uint32_t> others;
  for (std::uint32_t row = 0; row < problem_.row_count; ++row) {
    if (first_[row] >= 0) (holds(constraint, row) ? matching : others).push_back(row);
  }
  for (std::uint32_t slot = 0; slot + 1 < length_; ++slot) {
    const int is_wrong = program_.add_column(1.0, false);
    for (std::uint32_t later = slot + 1; later < length_; ++later) {
      Sum both = on_slot(matching, slot);
      both.add(on_slot(others, later));
      program_.at_most(both.add(is_wrong, -1.0), 1.0);
    }
    out.add(is_wrong);
  }
  return out;
}

}  // namespace lineup::exact
