// SPDX-License-Identifier: Apache-2.0
//
// Random feeds and random rules of every kind, each decided by its seed.
#include <algorithm>

#include "verify_reference.hpp"

namespace lineup::test {

int draw(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

bool chance(Random& random, double share) { return std::bernoulli_distribution(share)(random); }

std::vector<std::pair<std::string, ColumnType>> random_columns() {
  return {{"category", ColumnType::Category}, {"author", ColumnType::Category},
          {"tags", ColumnType::Categories},   {"votes", ColumnType::Integer},
          {"is_new", ColumnType::Bool},       {"slot", ColumnType::Integer},
          {"look", ColumnType::Embedding},    {"price", ColumnType::Float}};
}

namespace {

Row random_row(Random& random, const std::string& id) {
  const auto letter = [&](int count) {
    return std::string(1, char('a' + draw(random, 0, count - 1)));
  };
  Row row;
  row.id = id;
  row.cells.resize(8);
  if (chance(random, 0.9)) row.cells[0] = letter(4);
  if (chance(random, 0.8)) row.cells[1] = letter(6);
  Texts tags;
  for (int i = draw(random, 0, 3); i > 0; --i)
    tags.push_back(chance(random, 0.5) ? "x" : letter(3));
  if (chance(random, 0.8)) row.cells[2] = tags;
  if (chance(random, 0.8)) row.cells[3] = std::int64_t{draw(random, -1, 4)};
  if (chance(random, 0.9)) row.cells[4] = chance(random, 0.4);
  if (chance(random, 0.15)) row.cells[5] = std::int64_t{draw(random, -1, 12)};
  Vector look(kDimension);
  for (float& number : look) number = static_cast<float>(draw(random, -1, 1));
  if (chance(random, 0.9)) row.cells[6] = look;
  if (chance(random, 0.9)) row.cells[7] = draw(random, -3, 40) / 8.0;
  return row;
}

}  // namespace

void fill_randomly(Feed& feed, Random& random, int row_count, int history_count) {
  feed.numeric_ids = chance(random, 0.5);
  feed.rows.clear();
  feed.history.clear();
  for (int i = 0; i < row_count; ++i) {
    const bool repeated = i > 0 && chance(random, 0.1);
    feed.rows.push_back(random_row(random, std::to_string(repeated ? draw(random, 0, i - 1) : i)));
  }
  for (int i = 0; i < history_count; ++i) {
    feed.history.push_back(random_row(random, std::to_string(draw(random, 0, row_count + 2))));
  }
  for (std::size_t column = 0; column < feed.is_absent.size(); ++column) {
    feed.is_absent[column] = chance(random, 0.05);
  }
}

Amount random_amount(Random& random, int low, int high) {
  if (chance(random, 0.15)) return Amount::fraction(draw(random, 0, 10) / 10.0);
  Amount amount = Amount::count(draw(random, low, high));
  if (chance(random, 0.1)) amount.live = draw(random, 0, 3);
  return amount;
}

void random_slots(Random& random, Spec& spec) {
  for (int i = draw(random, 1, 3); i > 0; --i) {
    const int first = draw(random, 1, 12);
    spec.slots.ranges.emplace_back(first, first + draw(random, 0, 4));
  }
}

namespace {

// Two of these, so that a minimum is never above the maximum.
void random_bounds(Random& random, Spec& spec, int high) {
  const int kind = draw(random, 0, 3);
  if (kind != 0) spec.max = random_amount(random, 1, high);
  if (kind == 0) spec.min = random_amount(random, 0, high);
  if (kind == 3 && spec.max.unit == Amount::Unit::Count) {
    spec.min = Amount::count(draw(random, 0, static_cast<int>(spec.max.value)));
  }
}

std::vector<std::string> random_by(Random& random) {
  std::vector<std::string> all = {"category", "author", "tags", "votes", "is_new", "id"};
  std::shuffle(all.begin(), all.end(), random);
  const int draws = draw(random, 0, 9);
  all.resize(draws < 6 ? 1 : draws < 9 ? 2 : 3);
  return all;
}

void random_place(Random& random, Spec& spec, const Feed& feed) {
  spec.by.clear();
  spec.mode = static_cast<PlaceMode>(draw(random, 0, 4));
  const bool pins = spec.mode == PlaceMode::Exactly || spec.mode == PlaceMode::AtOrAbove;
  if (pins && chance(random, 0.25)) {
    spec.slot_column = "slot";
    if (chance(random, 0.5)) spec.where.clear();
  } else if (chance(random, 0.4)) {
    spec.where.clear();
    spec.id = std::to_string(draw(random, 0, static_cast<int>(feed.rows.size())));
    const auto slot = static_cast<std::uint32_t>(draw(random, 1, 14));
    spec.slots.ranges = {{slot, slot}};
  } else {
    random_slots(random, spec);
  }
  if (spec.mode == PlaceMode::Last) spec.slots.ranges.clear();
}

}  // namespace

Spec random_spec(Random& random, const Feed& feed) {
  if (chance(random, 0.5)) return random_kind(random);
  const std::vector<Kind> kinds = {Kind::Window, Kind::Window, Kind::Window, Kind::Spacing,
                                   Kind::Quota,  Kind::Cap,    Kind::Place};
  const Kind kind =
      kinds[static_cast<std::size_t>(draw(random, 0, static_cast<int>(kinds.size()) - 1))];
  Spec spec = spec_of(kind, random_condition(random), random_by(random));
  spec.missing_as_value = chance(random, 0.3);
  if (chance(random, 0.5)) spec.history = Amount::count(draw(random, 0, 8));
  if (kind == Kind::Place) {
    random_place(random, spec, feed);
    return spec;
  }
  if (chance(random, 0.5)) {
    spec.where.clear();
  } else if (kind != Kind::Cap && chance(random, 0.5)) {
    spec.by.clear();
  }
  if (kind != Kind::Spacing && chance(random, 0.4)) random_slots(random, spec);
  switch (kind) {
    case Kind::Window:
      spec.size = Amount::count(draw(random, 1, 6));
      spec.tumbling = chance(random, 0.25);
      random_bounds(random, spec, static_cast<int>(spec.size.value));
      if (chance(random, 0.1)) spec.size = Amount::fraction(draw(random, 1, 10) / 10.0);
      if (chance(random, 0.1)) spec.size = {};
      break;
    case Kind::Spacing:
      spec.gap = random_amount(random, 0, 5);
      if (chance(random, 0.5)) spec.first_slot = Amount::count(draw(random, 1, 5));
      break;
    case Kind::Quota:
      random_bounds(random, spec, 1);
      break;
    default:
      spec.max = random_amount(random, 1, 3);
  }
  return spec;
}

namespace {

void random_channels(Random& random, Spec& spec) {
  for (int i = draw(random, 1, 3); i > 0; --i) {
    Channel channel;
    channel.where = random_condition(random);
    spec.channels.push_back(channel);
  }
}

void random_mix(Random& random, Spec& spec) {
  random_channels(random, spec);
  const auto last = static_cast<int>(spec.channels.size()) - 1;
  spec.mix = static_cast<MixMode>(draw(random, 0, 2));
  for (int i = 0; i <= last && spec.mix == MixMode::Interleave; ++i) {
    spec.pattern.push_back(static_cast<std::uint32_t>(i));
  }
  for (int i = draw(random, 1, 5); i > 0 && spec.mix == MixMode::Pattern; --i) {
    spec.pattern.push_back(chance(random, 0.2) ? kAnyChannel
                                               : static_cast<std::uint32_t>(draw(random, 0, last)));
  }
  if (spec.mix != MixMode::Ratio) return;
  for (Channel& channel : spec.channels) {
    channel.share = Amount::count(draw(random, 1, 5) / 2.0);
    if (chance(random, 0.1)) channel.share.live = draw(random, 0, 3);
  }
}

void random_shares(Random& random, Spec& spec) {
  random_channels(random, spec);
  for (Channel& channel : spec.channels) {
    channel.share = Amount::fraction(draw(random, 0, 33) / 100.0);
  }
}

}  // namespace

Spec random_kind(Random& random) {
  const int which = draw(random, 0, 7);
  constexpr Kind kinds[] = {Kind::Adjacent, Kind::Order, Kind::Similar, Kind::Budget,
                            Kind::Mix,      Kind::Quota, Kind::Quota,   Kind::Window};
  Spec spec = spec_of(kinds[which]);
  const bool is_pairwise = which <= 3;
  if (is_pairwise && chance(random, 0.6)) spec.history = Amount::count(draw(random, 0, 6));
  if ((is_pairwise || which == 6) && which != 0 && chance(random, 0.5)) {
    spec.where = random_condition(random);
  }
  if (which >= 3 && chance(random, 0.4)) random_slots(random, spec);
  const char* const groups[] = {"category", "author", "tags", "is_new", "votes"};
  switch (which) {
    case 0:
      spec.left = random_condition(random);
      if (chance(random, 0.8)) spec.right = random_condition(random);
      spec.require = chance(random, 0.4);
      if (chance(random, 0.4)) {
        spec.across = chance(random, 0.5) ? Across::Rows : Across::Columns;
        spec.history = {};
      } else if (chance(random, 0.3)) {
        spec.history = {};
        const bool is_start = chance(random, 0.5) && !spec.right.empty();
        (is_start ? spec.left_side : spec.right_side) = PairSide::PageEnd;
        (is_start ? spec.left : spec.right).clear();
      }
      break;
    case 1:
      spec.by = {chance(random, 0.5) ? "votes" : "price"};
      if (chance(random, 0.3)) spec.by.push_back("slot");
      spec.ascending = chance(random, 0.5);
      spec.missing_as_value = chance(random, 0.3);
      if (chance(random, 0.5)) spec.within = {groups[draw(random, 0, 4)]};
      if (chance(random, 0.15)) spec.within = {"tags", "category"};
      break;
    case 2:
      spec.column = "look";
      if (chance(random, 0.8)) spec.size = Amount::count(draw(random, 1, 6));
      spec.max_cosine = Amount::count(chance(random, 0.5) ? 0.9 : -0.1);
      break;
    case 3:
      spec.column = chance(random, 0.7) ? "price" : "votes";
      if (chance(random, 0.7)) spec.max = Amount::count(draw(random, 0, 40) / 4.0);
      if (!spec.max.is_given()) spec.min = Amount::count(draw(random, 0, 80) / 4.0);
      break;
    case 4:
      random_mix(random, spec);
      break;
    case 5:
      random_shares(random, spec);
      break;
    case 6:
      spec.even = true;
      spec.by = {groups[draw(random, 0, 4)]};
      spec.missing_as_value = chance(random, 0.3);
      break;
    default:
      spec.by = {groups[draw(random, 0, 4)]};
      spec.across = chance(random, 0.5) ? Across::Rows : Across::Columns;
      spec.size = Amount::count(draw(random, 1, 4));
      spec.tumbling = chance(random, 0.25);
      if (chance(random, 0.8)) spec.max = random_amount(random, 1, 2);
      if (!spec.max.is_given()) spec.min = Amount::count(draw(random, 0, 1));
  }
  return spec;
}

}  // namespace lineup::test
