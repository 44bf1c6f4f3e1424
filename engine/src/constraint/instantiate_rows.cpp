// SPDX-License-Identifier: Apache-2.0
//
// Which rules act on a request, and which rows they leave: both are settled before any page is
// made.
#include <cassert>

#include "constraint/compile.hpp"

namespace lineup {

namespace {

// Reasons that lie in the policy come before those that change with the clock or the user, so that
// the answer to "why is my rule idle?" is the one that its owner can act on.
Idle idle_of(const RuleUse& use, const RequestContext& context, bool off) {
  if (!use.enabled) return Idle::Disabled;
  if (context.now_ms < use.from_ms) return Idle::NotYet;
  if (context.now_ms >= use.until_ms) return Idle::Over;
  if (context.now_ms >= use.expires_ms) return Idle::Expired;
  if (!use.when.is_empty() && !use.when.holds(context)) return Idle::When;
  return off ? Idle::SwitchedOff : Idle::Active;
}

}  // namespace

void active_uses(std::span<const RuleUse> uses, const RuleInput& input, std::span<Idle> out) {
  assert(out.size() == uses.size());
  for (std::size_t u = 0; u < uses.size(); ++u) {
    const bool off = u < input.off.size() && input.off[u] != 0;
    out[u] = idle_of(uses[u], input.context, off);
  }
}

void filter_rows(std::span<const RuleUse> uses, std::span<const Idle> idle, const RuleInput& input,
                 Arena& arena, std::span<Word> candidates) {
  assert(candidates.size() == word_count(input.batch->rows.row_count));
  const Arena::Mark mark = arena.mark();
  const auto forbidden = arena.allocate<Word>(candidates.size());
  for (std::size_t u = 0; u < uses.size(); ++u) {
    if (idle[u] != Idle::Active) continue;
    for (const CompiledConstraint& constraint : uses[u].constraints) {
      if (constraint.spec.kind != Kind::Filter) continue;
      constraint.where.select(input.batch->rows, input.batch->vocabularies, input.context, arena,
                              forbidden);
      for (std::size_t w = 0; w < candidates.size(); ++w) candidates[w] &= ~forbidden[w];
    }
  }
  arena.rewind(mark);
}

}  // namespace lineup
