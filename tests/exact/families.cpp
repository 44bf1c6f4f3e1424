// SPDX-License-Identifier: Apache-2.0
//
// Sizes are chosen so that the reference proves its answer in a fraction of a second, but for the
// large pages, of which only a bound is asked.
#include "exact/families.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "exact/planted.hpp"

namespace lineup::exact {

namespace {

using brute::below;
using brute::Instance;
using brute::Random;

Case empty_case(std::uint32_t rows, std::uint32_t slots) {
  Case out;
  out.instance = std::make_unique<Instance>(rows, slots);
  return out;
}

// Rules as policies have them, drawn at random: pins, scatter, quotas, caps, spacing.
Case small(std::uint64_t seed, std::uint32_t slots) {
  Random random(seed * 1000 + slots);
  Case out = empty_case(12, slots);
  brute::fill_randomly(*out.instance, random,
                       {.constraints = 3 + below(random, 6),
                        .is_joint = true,
                        .has_required = below(random, 4) == 0,
                        .has_soft = below(random, 2) == 0});
  return out;
}

// Every shape that a constraint can have: several values per row, history, slots, minimums.
Case any(std::uint64_t seed) {
  Random random(seed * 7919);
  Case out = empty_case(9, 6);
  brute::fill_randomly(*out.instance, random,
                       {.constraints = 2 + below(random, 4),
                        .has_required = below(random, 3) == 0,
                        .has_soft = below(random, 2) == 0,
                        .has_past = below(random, 2) == 0});
  return out;
}

// 20 of 20, no two neighbours of one category.
Case tight(std::uint64_t seed, std::uint32_t categories) {
  Random random(seed);
  Case out = empty_case(20, 20);
  std::vector<std::uint32_t> category(20);
  std::vector<std::uint32_t> counts(categories);
  for (std::uint32_t row = 0; row < 20; ++row) {
    const double unit = static_cast<double>(below(random, 1 << 20)) / (1 << 20);
    category[row] = static_cast<std::uint32_t>(categories * std::pow(unit, 1.3));
    ++counts[category[row]];
    out.instance->utility[row] = 1.0 - 0.04 * row - 0.0001 * below(random, 100);
  }
  Constraint& window = out.instance->add(Kind::Window, Tier::Hard);
  window.size = 2;
  window.max = 1;
  window.has_by = true;
  window.groups = out.instance->single(category, categories);
  out.is_feasible = *std::max_element(counts.begin(), counts.end()) <= 10;
  return out;
}

// A quota of ads against their spacing, their first slot, pins and windows: each bound is drawn
// close to what the others leave room for.
Case adversarial(std::uint64_t seed) {
  Random random(seed * 104729);
  const std::uint32_t slots = 8 + below(random, 3);
  const std::uint32_t rows = slots + 2 + below(random, 5);
  Case out = empty_case(rows, slots);
  Instance& instance = *out.instance;
  std::vector<bool> is_ad(rows);
  std::vector<std::uint32_t> category(rows);
  std::vector<std::uint32_t> author(rows);
  for (std::uint32_t row = 0; row < rows; ++row) {
    instance.utility[row] = 1.0 - 0.05 * row - 0.001 * below(random, 40);
    is_ad[row] = below(random, 3) == 0;
    category[row] = std::min(below(random, 4), below(random, 4));
    author[row] = below(random, 5);
  }
  Constraint& spacing = instance.add(Kind::Spacing, Tier::Hard, 0);
  spacing.where = instance.mask(is_ad);
  spacing.gap = 1 + below(random, 3);
  spacing.first_slot = below(random, 3);
  Constraint& quota = instance.add(Kind::Quota, Tier::Hard, 1);
  quota.where = spacing.where;
  const std::uint32_t fits = (slots - spacing.first_slot + spacing.gap) / (spacing.gap + 1);
  quota.min = fits - std::min(fits, below(random, 2));
  quota.max = quota.min + below(random, 2);
  Constraint& scatter = instance.add(Kind::Window, Tier::Hard, 2);
  scatter.has_by = true;
  scatter.groups = instance.single(category, 4);
  scatter.size = 2 + below(random, 3);
  scatter.max = 1 + below(random, 2);
  Constraint& authors = instance.add(Kind::Window, Tier::Hard, 2);
  authors.has_by = true;
  authors.groups = instance.single(author, 5);
  authors.size = 3 + below(random, 2);
  authors.max = 1;
  Constraint& pins = instance.add(Kind::Place, Tier::Hard, 3);
  pins.pin_count = 2;
  pins.pin_rows = instance.numbers({below(random, rows), below(random, rows)});
  pins.pin_slots = instance.numbers({below(random, slots), below(random, slots)});
  Constraint& head = instance.add(Kind::Quota, Tier::Hard, 4);
  std::vector<bool> first(slots);
  for (std::uint32_t slot = 0; slot < slots / 2; ++slot) first[slot] = true;
  std::vector<bool> is_first_category(rows);
  for (std::uint32_t row = 0; row < rows; ++row) is_first_category[row] = category[row] == 0;
  head.where = instance.mask(is_first_category);
  head.slots = instance.mask(first);
  head.min = 1 + below(random, 2);
  return out;
}

// What only code can say: a table over (the row before, the row) and a count of its own.
class TableRule : public Opaque {
 public:
  TableRule(Random& random, std::uint32_t rows, bool is_score) : rows_(rows), is_score_(is_score) {
    for (std::uint32_t i = 0; i < (rows + 1) * rows; ++i) table_.push_back(below(random, 4) == 0);
    most_ = 1 + below(random, 3);
  }
  [[nodiscard]] std::size_t state_bytes() const override { return sizeof(std::uint32_t); }
  void begin(std::byte* state) override { store(state, 0); }
  Judgement judge(const Prefix& prefix, std::uint32_t row) override {
    const std::uint32_t before = prefix.rows.empty() ? rows_ : prefix.rows.back();
    const bool is_hit = table_[before * rows_ + row];
    Judgement out;
    if (is_score_) {
      out.penalty = is_hit ? 0.2 : row % 3 == 0 ? -0.1 : 0.0;
    } else {
      out.violations = is_hit ? 1 : 0;
      if (load(prefix.state) >= most_ && row % 2 == 0) ++out.violations;
    }
    return out;
  }
  bool place(const Prefix& prefix, std::uint32_t row) override {
    if (row % 2 == 0) store(prefix.state, load(prefix.state) + 1);
    return true;
  }

 private:
  static std::uint32_t load(const std::byte* state) {
    std::uint32_t count = 0;
    std::memcpy(&count, state, sizeof count);
    return count;
  }
  static void store(std::byte* state, std::uint32_t count) {
    std::memcpy(state, &count, sizeof count);
  }

  std::vector<bool> table_;
  std::uint32_t rows_;
  std::uint32_t most_ = 0;
  bool is_score_;
};

Case opaque(std::uint64_t seed) {
  Random random(seed * 15485863);
  Case out = empty_case(7, 5);
  brute::fill_randomly(*out.instance, random,
                       {.constraints = 1 + below(random, 3), .is_joint = below(random, 2) == 0});
  const bool is_score = below(random, 3) == 0;
  const Tier tier = is_score ? Tier::Soft : below(random, 3) == 0 ? Tier::Required : Tier::Hard;
  Constraint& code = out.instance->add(Kind::Code, tier, static_cast<std::uint16_t>(seed % 3));
  out.rules.push_back(std::make_unique<TableRule>(random, 7, is_score));
  code.opaque = out.rules.back().get();
  return out;
}

// Kinds that are about pairs, sums and orders, alone and with the others.
Case pairs(std::uint64_t seed) {
  Random random(seed * 6700417);
  Case out = empty_case(7, 5);
  brute::fill_randomly(*out.instance, random,
                       {.constraints = 1 + below(random, 4),
                        .has_required = below(random, 4) == 0,
                        .has_soft = below(random, 2) == 0,
                        .has_past = below(random, 3) == 0,
                        .has_pairs_and_sums = true});
  return out;
}

struct Shape {
  std::uint32_t rows;
  std::uint32_t slots;
  std::uint32_t rules;
  std::uint32_t loose;
};

Case planted(std::uint64_t seed, const Shape& shape) {
  Random random(seed);
  Case out = empty_case(shape.rows, shape.slots);
  plant(*out.instance, random, shape.rules, shape.loose);
  out.is_feasible = true;
  return out;
}

}  // namespace

std::vector<Family> families() {
  std::vector<Family> out;
  for (const std::uint32_t slots : {6U, 7U, 8U}) {
    out.push_back({"small K=" + std::to_string(slots), Judge::Program, 0.0, 40, 1000,
                   [slots](std::uint64_t seed) { return small(seed, slots); }});
  }
  out.push_back({"any shape", Judge::Program, 0.0, 60, 1500, any});
  out.push_back({"adversarial", Judge::Program, 0.0, 40, 1000, adversarial});
  out.push_back({"opaque", Judge::Pages, 0.0, 60, 1000, opaque});
  out.push_back({"pairs and sums", Judge::Pages, 0.0, 60, 1000, pairs});
  for (const std::uint32_t categories : {3U, 4U, 6U}) {
    out.push_back({"tight " + std::to_string(categories), Judge::Bound, 0.01, 10, 500,
                   [categories](std::uint64_t seed) { return tight(seed, categories); }});
  }
  for (const Shape& shape : {Shape{200, 20, 9, 0}, Shape{300, 30, 9, 1}, Shape{500, 50, 9, 2}}) {
    out.push_back({"planted N=" + std::to_string(shape.rows) + " K=" + std::to_string(shape.slots),
                   Judge::Bound, 0.005, shape.rows <= 200 ? 2U : 0U, shape.rows <= 300 ? 50U : 10U,
                   [shape](std::uint64_t seed) { return planted(seed, shape); }});
  }
  for (Family& family : feed_families()) out.push_back(std::move(family));
  return out;
}

}  // namespace lineup::exact
