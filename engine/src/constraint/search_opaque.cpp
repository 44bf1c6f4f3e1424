// SPDX-License-Identifier: Apache-2.0
//
// The host owns the states, one per depth, so going back is forgetting the deeper ones.
#include "constraint/search_opaque.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace lineup {

OpaqueTrail::OpaqueTrail(const Problem& problem, Arena& arena) : slot_count_(problem.slot_count) {
  std::size_t count = 0;
  for (const Constraint& constraint : problem.constraints) count += constraint.kind == Kind::Code;
  if (count == 0) return;
  codes_ = arena.allocate<Code>(count);
  count = 0;
  for (const Constraint& constraint : problem.constraints) {
    if (constraint.kind != Kind::Code) continue;
    Code& code = codes_[count++] = Code{};
    code.constraint = &constraint;
    // States stay aligned for whatever the constraint keeps in them.
    code.state_bytes = (constraint.opaque->state_bytes() + 15) / 16 * 16;
    const std::size_t depths = problem.slot_count + std::size_t{1};
    code.states = static_cast<std::byte*>(arena.allocate_bytes(depths * code.state_bytes, 16));
    code.sums = arena.filled<Sum>(depths, Sum{}).data();
    constraint.opaque->begin(code.state_bytes > 0 ? code.states : nullptr);
    has_scores_ = has_scores_ || constraint.tier == Tier::Soft;
    is_unbounded_ = has_scores_;
  }
}

Judgement OpaqueTrail::ask(const Code& code, std::span<const std::uint32_t> rows,
                           std::uint32_t row) {
  ++calls_;
  const Prefix prefix{rows, state(code, depth_)};
  const Judgement judgement = code.constraint->opaque->judge(prefix, row);
  if (judgement.broken && broken_use_ < 0) broken_use_ = code.constraint->use;
  return judgement;
}

double OpaqueTrail::judge(std::span<const std::uint32_t> rows, std::uint32_t row,
                          std::span<std::uint32_t> units) {
  assert(rows.size() == depth_);
  double penalty = 0.0;
  for (const Code& code : codes_) {
    const Constraint& constraint = *code.constraint;
    const Judgement judgement = ask(code, rows, row);
    double own = judgement.penalty;
    if (constraint.tier == Tier::Required) units[0] += judgement.violations;
    if (constraint.tier == Tier::Hard) units[1 + constraint.level] += judgement.violations;
    if (constraint.tier == Tier::Soft) own += constraint.weight * judgement.violations;
    penalty += own;
  }
  best_gain_ = std::max(best_gain_, -penalty);
  return penalty;
}

bool OpaqueTrail::keeps_clean(std::span<const std::uint32_t> rows, std::uint32_t row,
                              double& penalty) {
  assert(rows.size() == depth_);
  clean_row_ = kNoRow;
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    const std::size_t at = first_ + i < codes_.size() ? first_ + i : first_ + i - codes_.size();
    Code& code = codes_[at];
    if (code.constraint->tier == Tier::Soft) continue;
    code.last = ask(code, rows, row);
    if (code.last.violations == 0) continue;
    first_ = at;
    return false;
  }
  // In their order, whichever was asked first: sums must not depend on it.
  double sum = 0.0;
  for (Code& code : codes_) {
    const Constraint& constraint = *code.constraint;
    if (constraint.tier == Tier::Soft) code.last = ask(code, rows, row);
    sum += code.last.penalty;
    if (constraint.tier == Tier::Soft) sum += constraint.weight * code.last.violations;
  }
  best_gain_ = std::max(best_gain_, -sum);
  penalty += sum;
  clean_row_ = row;
  return true;
}

void OpaqueTrail::push(std::span<const std::uint32_t> rows, std::uint32_t row) {
  assert(rows.size() == depth_ && depth_ < slot_count_);
  const bool is_known = clean_row_ == row;
  clean_row_ = kNoRow;
  for (const Code& code : codes_) {
    const Judgement judgement = is_known ? code.last : ask(code, rows, row);
    code.sums[depth_ + 1] = {code.sums[depth_].units + judgement.violations,
                             code.sums[depth_].penalty + judgement.penalty};
    if (code.state_bytes > 0) {
      std::memcpy(state(code, depth_ + 1), state(code, depth_), code.state_bytes);
    }
    const Prefix prefix{rows, state(code, depth_ + 1)};
    if (!code.constraint->opaque->place(prefix, row) && broken_use_ < 0) {
      broken_use_ = code.constraint->use;
    }
  }
  ++depth_;
}

double OpaqueTrail::add_total(std::span<std::uint32_t> units) const {
  double penalty = 0.0;
  for (const Code& code : codes_) {
    const Sum& sum = code.sums[depth_];
    const Constraint& constraint = *code.constraint;
    penalty += sum.penalty;
    if (constraint.tier == Tier::Required) units[0] += sum.units;
    if (constraint.tier == Tier::Hard) units[1 + constraint.level] += sum.units;
    if (constraint.tier == Tier::Soft) penalty += constraint.weight * sum.units;
  }
  return penalty;
}

void OpaqueTrail::add_by_use(std::span<std::uint32_t> hard, std::span<std::uint32_t> soft) const {
  for (const Code& code : codes_) {
    const bool is_soft = code.constraint->tier == Tier::Soft;
    (is_soft ? soft : hard)[code.constraint->use] += code.sums[depth_].units;
  }
}

void OpaqueTrail::add_bound(std::span<const std::uint32_t> rows, std::uint32_t slots_left,
                            std::span<std::uint32_t> units) {
  for (const Code& code : codes_) {
    const Constraint& constraint = *code.constraint;
    if (constraint.tier == Tier::Soft) continue;
    const Prefix prefix{rows, state(code, depth_)};
    const auto bound = constraint.opaque->violations_at_least(prefix, slots_left);
    if (!bound) is_unbounded_ = true;
    if (bound) units[constraint.tier == Tier::Required ? 0 : 1 + constraint.level] += *bound;
  }
}

void OpaqueTrail::copy(const OpaqueTrail& other) {
  depth_ = other.depth_;
  clean_row_ = kNoRow;
  broken_use_ = other.broken_use_;
  best_gain_ = other.best_gain_;
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    const std::size_t depths = depth_ + std::size_t{1};
    std::copy_n(other.codes_[i].sums, depths, codes_[i].sums);
    if (codes_[i].state_bytes == 0) continue;
    std::memcpy(codes_[i].states, other.codes_[i].states, depths * codes_[i].state_bytes);
  }
}

}  // namespace lineup
