// SPDX-License-Identifier: Apache-2.0
//
// A random request: a feed, rules compiled for it, candidates and live values. The same seed gives
// the same request.
#pragma once

#include <algorithm>
#include <numeric>

#include "verify_reference.hpp"

namespace lineup::test {

class RandomRequest {
 public:
  enum class Strengths : std::uint8_t { Hard, Mixed };

  explicit RandomRequest(std::uint32_t seed, Strengths strengths = Strengths::Hard)
      : random(seed), feed(random_columns()) {
    fill_randomly(feed, random, draw(random, 0, 24), draw(random, 0, 8));
    const int rules = draw(random, 1, 4);
    for (int i = 0; i < rules; ++i) {
      specs.push_back(random_spec(random, feed));
      uses.push_back(compiled({specs.back()}, feed.schema(), random_strength(strengths)));
    }
    if (chance(random, 0.3)) {
      uses.push_back(compiled({spec_of(Kind::Filter, "category == \"d\"")}, feed.schema()));
    }
    level_count = assign_levels(uses);
    idle.assign(uses.size(), Idle::Active);
    for (int i = 0; i < 4; ++i) live.push_back(draw(random, 0, 6) / 2.0);
    for (std::size_t row = 0; row < feed.rows.size(); ++row) score.push_back(draw(random, 0, 5));
    input.schema = &feed.schema();
    input.batch = &feed.make();
    input.live = live;
    input.score = score;
    input.page_columns = static_cast<std::uint32_t>(draw(random, 1, 3));
    candidate_words = candidates_of(uses, idle, input, arena);
    for_each_bit(candidate_words, [this](std::size_t row) {
      candidates.push_back(static_cast<std::uint32_t>(row));
    });
    page_slots = static_cast<std::uint32_t>(draw(random, 0, 14));
  }
  RandomRequest(const RandomRequest&) = delete;
  RandomRequest& operator=(const RandomRequest&) = delete;

  // Whether a number depends on the length of the page.
  [[nodiscard]] bool has_fractions() const {
    return std::any_of(specs.begin(), specs.end(), [](const Spec& spec) {
      const auto is_fraction = [](const Amount& a) { return a.unit == Amount::Unit::Fraction; };
      const bool is_whole_page = spec.kind == Kind::Window && !spec.size.is_given();
      const bool shares_out = spec.even || !spec.channels.empty() || is_whole_page;
      return shares_out || is_fraction(spec.size) || is_fraction(spec.max) ||
             is_fraction(spec.min) || is_fraction(spec.gap);
    });
  }

  // The length of a full page.
  [[nodiscard]] std::uint32_t length() const {
    return std::min(page_slots, static_cast<std::uint32_t>(candidates.size()));
  }

  [[nodiscard]] std::vector<std::uint32_t> random_slate() {
    std::vector<std::uint32_t> slate = candidates;
    std::shuffle(slate.begin(), slate.end(), random);
    slate.resize(length());
    return slate;
  }

  [[nodiscard]] Reference reference(const std::vector<std::uint32_t>& slate) const {
    return {feed, live, score, candidates, slate, input.page_columns};
  }

  [[nodiscard]] Strength random_strength(Strengths strengths) {
    const int kind = strengths == Strengths::Hard ? 0 : draw(random, 0, 3);
    if (kind == 1) return {Strength::Kind::Soft, 0.0, Amount::count(draw(random, 0, 8) / 4.0)};
    if (kind == 2) return {Strength::Kind::Required, 0.0, {}};
    return {Strength::Kind::Hard, static_cast<double>(draw(random, 1, 3)), {}};
  }

  Random random;
  Feed feed;
  std::vector<Spec> specs;  // of the uses, in their order; a filter may follow
  std::vector<RuleUse> uses;
  std::vector<Idle> idle;
  std::uint32_t level_count = 0;
  std::vector<double> live;
  std::vector<double> score;
  RuleInput input;
  Arena arena;
  std::vector<Word> candidate_words;
  std::vector<std::uint32_t> candidates;
  std::uint32_t page_slots = 0;
};

}  // namespace lineup::test
