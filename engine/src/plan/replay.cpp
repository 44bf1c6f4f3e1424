// SPDX-License-Identifier: Apache-2.0
//
// Rules are taken out before filters and boosts act, so that what they did to candidates and scores
// is undone too. Arena memory of each question is given back when it is answered.
#include "plan/replay.hpp"

#include <algorithm>

namespace lineup {

namespace {

// LIMIT: search units that one explanation may use in all: some tenths of a second.
constexpr std::uint64_t kWorkMax = 20'000'000;

template <typename T>
std::span<T> copy_of(std::span<const T> values, Arena& arena) {
  auto copy = arena.allocate<T>(values.size());
  std::copy(values.begin(), values.end(), copy.begin());
  return copy;
}

// The state of `run` as it was before filters and boosts, all in new memory.
Run begin_again(const Run& run) {
  Run again(run);
  Arena& arena = run.arena;
  again.candidates = copy_of<Word>(run.before.candidates, arena);
  again.row_columns = copy_of<Column>(run.before.columns, arena);
  again.batch.rows.columns = again.row_columns;
  again.score = copy_of<double>(run.before.score, arena);
  again.idle = copy_of<Idle>(run.idle, arena);
  return again;
}

}  // namespace

void keep_before_rules(Run& run) {
  if (!run.before.columns.empty() || run.row_columns.empty()) return;  // kept already, or nothing
  run.before.candidates = copy_of<Word>(run.candidates, run.arena);
  run.before.columns = copy_of<Column>(run.row_columns, run.arena);
  run.before.score = copy_of<double>(run.score, run.arena);
}

std::optional<OtherPage> PageReplay::best(const Problem& problem,
                                          std::span<const std::uint32_t> prefix,
                                          std::uint64_t work_limit) {
  if (work_ >= kWorkMax) return std::nullopt;
  const auto mark = run_.arena.mark();
  SolveOptions options;
  options.work_limit = work_limit;
  options.gap = run_.plan.limits.gap;
  const Solution solution = solve(problem, prefix, options, run_.arena);
  work_ += solution.work;
  std::optional<OtherPage> page;
  if (solution.broken_use < 0) {
    page = OtherPage{{solution.rows.begin(), solution.rows.end()},
                     {solution.violations.begin(), solution.violations.end()},
                     solution.value - solution.penalty,
                     solution.search == Search::Complete};
  }
  run_.arena.rewind(mark);
  return page;
}

std::optional<OtherPage> PageReplay::value(const Problem& problem,
                                           std::span<const std::uint32_t> rows) {
  return best(problem, rows, 1);
}

bool PageReplay::is_too_long(const Run& run, const OtherPage& page) const {
  if (run.plan.fill != Fill::Short || page.rows.size() <= 1) return false;
  return std::any_of(page.violations.begin(), page.violations.end(),
                     [](std::uint32_t units) { return units > 0; });
}

// As the engine looks for its own page: numbers refer to the length that is shown.
std::optional<OtherPage> PageReplay::page_of(Run& run) {
  std::uint32_t slots = run.slots_wanted;
  std::optional<OtherPage> page;
  while (slots > 0) {
    const Problem problem = make_problem(run, slots, Rules::All);
    page = best(problem, {}, run.plan.limits.work);
    if (!page) return page;
    const auto length = static_cast<std::uint32_t>(page->rows.size());
    if (length < slots && length > 0) {
      slots = length;
    } else if (is_too_long(run, *page)) {
      --slots;
    } else {
      return page;
    }
  }
  return page;
}

const std::optional<OtherPage>& PageReplay::own_page() {
  if (!has_own_) {
    has_own_ = true;
    const auto mark = run_.arena.mark();
    own_ = page_of(run_);
    run_.arena.rewind(mark);
  }
  return own_;
}

std::optional<PageReplay::Without> PageReplay::without(std::size_t use) {
  if (!own_page() || run_.before.columns.empty()) return std::nullopt;
  const auto mark = run_.arena.mark();
  Run again = begin_again(run_);
  again.input.batch = &again.batch;
  again.idle[use] = Idle::SwitchedOff;
  finish_candidates(again);
  std::optional<Without> out;
  if (auto page = page_of(again)) {
    const Problem same_length =
        make_problem(again, static_cast<std::uint32_t>(own_->rows.size()), Rules::All);
    const auto own = value(same_length, own_->rows);
    if (own) out = Without{*std::move(page), own->total};
  }
  run_.arena.rewind(mark);
  return out;
}

}  // namespace lineup
