// SPDX-License-Identifier: Apache-2.0
//
// Duplicates are found by comparing 64-bit hashes in a row, then the rows: a few hundred slates are
// one run through a few cache lines, and a table would cost more to clear than it saves.
#include "node/slate_set.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "base/hash.hpp"

namespace lineup {

namespace {

std::uint64_t hash_of(std::span<const std::uint32_t> rows) {
  return hash64({reinterpret_cast<const char*>(rows.data()), rows.size_bytes()});
}

void copy_row(std::span<const std::uint32_t> from, std::span<std::uint32_t> to, std::size_t index,
              std::size_t width) {
  std::copy(from.begin(), from.end(), to.begin() + static_cast<std::ptrdiff_t>(index * width));
}

}  // namespace

SlateSet SlateSet::make(std::uint32_t capacity, std::uint32_t slots_max, std::uint32_t use_count,
                        Arena& arena) {
  SlateSet set;
  set.slots_max = slots_max;
  set.use_count = use_count;
  set.capacity = capacity;
  set.rows = arena.allocate<std::uint32_t>(std::size_t{capacity} * slots_max);
  set.lengths = arena.allocate<std::uint32_t>(capacity);
  set.violations = arena.allocate<std::uint32_t>(std::size_t{capacity} * use_count);
  set.soft_violations = arena.allocate<std::uint32_t>(std::size_t{capacity} * use_count);
  set.certificates = arena.allocate<Certificate>(capacity);
  set.hashes = arena.allocate<std::uint64_t>(capacity);
  return set;
}

bool SlateSet::contains(std::span<const std::uint32_t> slate_rows) const {
  const std::uint64_t hash = hash_of(slate_rows);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (hashes[i] != hash) continue;
    const auto known = slate(i);
    if (std::equal(known.begin(), known.end(), slate_rows.begin(), slate_rows.end())) return true;
  }
  return false;
}

SlateSet::Added SlateSet::add(const Solution& solution, std::uint32_t hand_placed) {
  assert(solution.rows.size() <= slots_max);
  assert(solution.violations.size() == use_count);
  if (contains(solution.rows)) return Added::Duplicate;
  if (is_full()) return Added::Full;
  copy_row(solution.rows, rows, count, slots_max);
  copy_row(solution.violations, violations, count, use_count);
  copy_row(solution.soft_violations, soft_violations, count, use_count);
  lengths[count] = static_cast<std::uint32_t>(solution.rows.size());
  certificates[count] = {solution.value, solution.penalty, solution.search,
                         hand_placed,    solution.work,    solution.opaque_unbounded};
  hashes[count] = hash_of(solution.rows);
  ++count;
  return Added::Yes;
}

bool SlateSet::append(const SlateSet& other) {
  assert(other.slots_max == slots_max && other.use_count == use_count);
  const std::uint32_t before = count;
  for (std::uint32_t i = 0; i < other.count; ++i) {
    if (contains(other.slate(i))) continue;
    if (is_full()) {
      count = before;
      return false;
    }
    copy_row(other.slate(i), rows, count, slots_max);
    copy_row(other.violations_of(i), violations, count, use_count);
    copy_row(other.soft_violations_of(i), soft_violations, count, use_count);
    lengths[count] = other.lengths[i];
    certificates[count] = other.certificates[i];
    hashes[count] = other.hashes[i];
    ++count;
  }
  return true;
}

}  // namespace lineup
