// SPDX-License-Identifier: Apache-2.0
//
// Boosts change an engine-owned copy of a score column before any page is made. A missing score
// (NaN) stays missing: a boost cannot bring in a row that the ranker did not score.
#include <cassert>

#include "constraint/compile.hpp"
#include "constraint/instantiate_amount.hpp"

namespace lineup {

namespace {

struct Boost {
  double multiply;
  double add;
};

void apply(Boost boost, const Condition& where, const RuleInput& input, Arena& arena,
           std::span<double> score) {
  if (where.is_empty()) {
    for (double& value : score) value = value * boost.multiply + boost.add;
    return;
  }
  const Arena::Mark mark = arena.mark();
  const auto rows = arena.allocate<Word>(word_count(score.size()));
  where.select(input.batch->rows, input.batch->vocabularies, input.context, arena, rows);
  for_each_bit(rows,
               [&](std::size_t row) { score[row] = score[row] * boost.multiply + boost.add; });
  arena.rewind(mark);
}

}  // namespace

void apply_boosts(std::span<const RuleUse> uses, std::span<const Idle> idle, const RuleInput& input,
                  std::uint32_t column, Arena& arena, std::span<double> score) {
  assert(score.size() == input.batch->rows.row_count);
  for (std::size_t u = 0; u < uses.size(); ++u) {
    if (idle[u] != Idle::Active) continue;
    for (const CompiledConstraint& constraint : uses[u].constraints) {
      const Spec& spec = constraint.spec;
      if (spec.kind != Kind::Boost || constraint.column != static_cast<std::int32_t>(column)) {
        continue;
      }
      const Boost boost = {spec.multiply.is_given() ? value_of(spec.multiply, input.live) : 1.0,
                           spec.add.is_given() ? value_of(spec.add, input.live) : 0.0};
      if (boost.multiply == 1.0 && boost.add == 0.0) continue;
      apply(boost, constraint.where, input, arena, score);
    }
  }
}

}  // namespace lineup
