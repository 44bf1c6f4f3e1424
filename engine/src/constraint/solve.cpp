// SPDX-License-Identifier: Apache-2.0
//
// The order of the phases. A page that the plain walk finds clean and good enough is the answer.
// Otherwise: what must be broken, a walk that looks ahead, the whole search when the page is small,
// improvement by parts when it is not, and the price of the rules as the certificate. The longest
// page comes first: a shorter one is tried when the required rules allow no page of a length, or
// none was found within the length's share of the work.
#include "constraint/solve.hpp"

#include <algorithm>
#include <cmath>

#include "constraint/search.hpp"
#include "constraint/search_bound.hpp"
#include "constraint/search_exact.hpp"
#include "constraint/search_improve.hpp"
#include "constraint/search_polish.hpp"
#include "constraint/search_settle.hpp"

namespace lineup {

namespace {

// LIMIT: open slots up to which all fillings are tried first; beyond, parts of the page come first.
constexpr std::uint32_t kSlotsWhole = 10;

enum class Verdict : std::uint8_t { Proven, Found, Impossible, Open };

class Phases {
 public:
  explicit Phases(Solver& solver) : solver_(solver) {
    bounded_ = solver.arena.zeroed<std::uint32_t>(solver.best.units.size());
  }

  // The best page of the length that keeps the required rules, if there is one.
  Verdict run(std::uint32_t length) {
    const Verdict verdict = search(length);
    if (!keeps_required()) solver_.best.exists = false;
    return verdict;
  }
  [[nodiscard]] double bound() const { return bound_; }

 private:
  Verdict search(std::uint32_t length) {
    solver_.open_page(length);
    bound_ = plain_bound(solver_) + unknown_gain();
    construct(solver_, false);
    settle_first();
    const bool is_least_page = solver_.best.exists && is_least();
    if (is_least_page && !solver_.pins.empty() && !is_good_enough()) keep_pins(length);
    if (is_least_page && is_good_enough() && is_first_of_equals()) return Verdict::Proven;
    if (is_least_page && solver_.meter.is_spent()) return Verdict::Found;
    if (is_least_page && ends_with_single_rows()) return polish_on();
    return search_on(length);
  }

  // Larger pages are as good as single rows make them, when a gap is allowed.
  [[nodiscard]] bool ends_with_single_rows() const {
    return solver_.length - solver_.prefix_size() > kSlotsWhole && solver_.options.gap > 0.0 &&
           solver_.trail.is_empty() && solver_.least[0] == 0;
  }
  // The page at hand needs nothing else: it goes on from where it stands.
  Verdict polish_on() {
    polish_page();
    return is_good_enough() ? Verdict::Proven : Verdict::Found;
  }

  Verdict search_on(std::uint32_t length) {
    solver_.open_page(length);
    const bool is_small = solver_.state.page().open_count <= kSlotsWhole;
    const bool has_choice = has_room();
    // A page that is known to break as little as possible needs no proof of it.
    if (is_small || !solver_.best.exists || !is_least()) {
      solver_.use_supply();
      solver_.bound_units(solver_.trail.depth(), solver_.least);
      solver_.note_least();
    }
    if (solver_.least[0] > 0) return Verdict::Impossible;
    probe_preferences();
    if (has_choice) settle_page(length);
    if (!solver_.best.exists || !is_least()) construct(solver_, true);
    if (!has_choice && !is_small) settle_page(length);

    solver_.open_page(length);
    const auto mark = solver_.arena.mark();
    Sieve* const sieve = solver_.sieve;
    Verdict verdict = Verdict::Open;
    if (is_small) {
      const Classes classes(solver_, solver_.arena);
      solver_.meter.spend(solver_.ranking.size());
      verdict = try_all(classes, solver_.meter.left() / 2);
    }
    if (verdict == Verdict::Open) {
      // Steps from row to row reach pages that the order of trying would have come to much later.
      if (is_small) settle_page(length, kSmallSettleShare);
      verdict = improve_parts(length, is_small);
    }
    // One that was made on the way is gone with the rest.
    solver_.sieve = sieve;
    solver_.arena.rewind(mark);
    return verdict;
  }

  // LIMIT: of the work, what steps from row to row may take: pages that they do not put right by
  // then need another beginning, or break something for good.
  static constexpr std::uint64_t kSettleShare = 8;
  // LIMIT: the same on pages that were to be tried whole and took too long: little else is left.
  static constexpr std::uint64_t kSmallSettleShare = 2;

  // Most pages that break something are soon put right: counting bounds can wait.
  void settle_first() {
    if (!solver_.best.exists) return;
    keep_reserved();
    if (is_least() || !has_room() || !solver_.trail.is_empty()) return;
    solver_.meter.start_phase(solver_.meter.left() / kSettleShare);
    // Whatever its pins break is left to them: whether they have to be kept is seen afterwards.
    const bool is_above = compare_units(solver_.reserved, solver_.least) > 0;
    settle(solver_, is_above ? solver_.reserved : solver_.least, 1);
    keep_reserved();
    solver_.meter.end_phase();
  }
  // Every page as good as the best one keeps the pins of the ranks above which it breaks nothing:
  // what these pins break together is the least.
  void keep_reserved() {
    const auto above = solver_.best.units.subspan(0, solver_.reserved_rank + std::size_t{1});
    const auto none = [](std::uint32_t units) { return units == 0; };
    if (!std::all_of(above.begin(), above.end(), none)) return;
    if (compare_units(solver_.reserved, solver_.least) <= 0) return;
    std::copy(solver_.reserved.begin(), solver_.reserved.end(), solver_.least.begin());
    solver_.note_least();
  }
  // With few rows to choose from, looking ahead is cheap and steps have nowhere to go.
  [[nodiscard]] bool has_room() const {
    return solver_.ranking.size() >= 2 * solver_.length &&
           solver_.length - solver_.prefix_size() > kSlotsWhole;
  }

  void settle_page(std::uint32_t length, std::uint64_t share = kSettleShare) {
    if (!solver_.best.exists || is_least() || !solver_.trail.is_empty()) return;
    solver_.meter.start_phase(solver_.meter.left() / share);
    for (std::uint64_t round = 2; !is_least() && !solver_.meter.is_over(); ++round) {
      settle(solver_, solver_.least, round);
      raise_least(length);
    }
    solver_.meter.end_phase();
    solver_.open_page(length);
  }

  // Every page at least as good as the best one keeps the pins of the ranks that it breaks no more
  // than it must. What has to be broken beside them is known better.
  void raise_least(std::uint32_t length) {
    if (is_least() || solver_.pins.empty()) return;
    solver_.use_supply();
    solver_.open_page(length);
    for (const Pin& pin : solver_.pins) {
      const auto most = solver_.best.units.subspan(0, pin.rank + std::size_t{1});
      if (compare_units(most, solver_.least) != 0 || most.back() > 0) break;
      if (pin.slot >= length) continue;
      if (solver_.state.is_open(pin.slot) && !solver_.state.is_used(pin.row)) {
        solver_.place(pin.slot, pin.row);
      }
    }
    const auto mark = solver_.arena.mark();
    const auto units = solver_.arena.allocate<std::uint32_t>(solver_.least.size());
    solver_.bound_units(solver_.prefix_size(), units);
    if (compare_units(units, solver_.least) > 0) {
      std::copy(units.begin(), units.end(), solver_.least.begin());
      solver_.note_least();
    }
    solver_.arena.rewind(mark);
  }

  // Asks opaque preferences for the best rows once: bounds need to know what they may be worth.
  void probe_preferences() {
    if (!solver_.trail.has_scores() || solver_.trail.depth() >= solver_.length) return;
    // LIMIT: rows asked; those below will rarely be on the page.
    constexpr std::uint32_t kRowsAsked = 128;
    const auto mark = solver_.arena.mark();
    const auto ignored = solver_.arena.zeroed<std::uint32_t>(solver_.best.units.size());
    const Ranking& ranking = solver_.ranking;
    for (std::uint32_t rank = ranking.next_unused(0); rank < std::min(ranking.size(), kRowsAsked);
         rank = ranking.next_unused(rank + 1)) {
      solver_.judge(solver_.trail.depth(), ranking.row(rank), ignored);
    }
    solver_.arena.rewind(mark);
  }

  Verdict try_all(const Classes& classes, std::uint64_t units) {
    solver_.meter.start_phase(units);
    const auto mark = solver_.arena.mark();
    const bool has_memo = solver_.trail.is_empty() && solver_.problem.row_count <= 0xFFFFU;
    Memo* memo = nullptr;
    if (has_memo) {
      void* memory = solver_.arena.allocate_bytes(sizeof(Memo), alignof(Memo));
      memo = new (memory) Memo(solver_.state, solver_.arena, solver_.slack);
    }
    Exact exact(solver_, classes, memo, {});
    bool is_done = false;
    double gain = 0.0;
    // Pages were cut off by what preferences were worth so far: larger ones ask for another round.
    do {
      gain = solver_.trail.best_gain();
      is_done = exact.fill_with_pins();
    } while (is_done && solver_.trail.best_gain() > gain);
    solver_.arena.rewind(mark);
    solver_.meter.end_phase();
    if (!is_done) return Verdict::Open;
    if (!keeps_required()) return Verdict::Impossible;
    bound_ = solver_.best.total();
    return Verdict::Proven;
  }

  Verdict improve_parts(std::uint32_t length, bool is_small) {
    if (!solver_.best.exists) return Verdict::Open;
    polish_page();
    // Larger pages are as good as single rows make them, when a gap is allowed.
    if (!is_small && solver_.options.gap > 0.0 && is_least() && solver_.trail.is_empty()) {
      return is_good_enough() ? Verdict::Proven : Verdict::Found;
    }
    tighten_bound(length);
    if (is_least() && is_good_enough()) return Verdict::Proven;
    // Telling the rows apart takes about as long as looking at each of them.
    if (solver_.meter.left() <= solver_.ranking.size()) return Verdict::Found;
    solver_.open_page(length);
    const Classes classes(solver_, solver_.arena);
    solver_.meter.spend(solver_.ranking.size());
    solver_.meter.start_phase(solver_.meter.left());
    improve(solver_, classes);
    solver_.meter.end_phase();
    // Only what is broken decides which rules the bound may use.
    if (compare_units(bounded_, solver_.best.units) != 0) tighten_bound(length);
    return is_least() && is_good_enough() ? Verdict::Proven : Verdict::Found;
  }

  // LIMIT: of what may be spent on more value, what single rows may take.
  static constexpr std::uint64_t kPolishShare = 2;

  void polish_page() {
    if (!solver_.trail.is_empty() || (is_least() && is_good_enough())) return;
    solver_.meter.start_phase(solver_.meter.left() / kPolishShare);
    static_cast<void>(polish(solver_));
    solver_.meter.end_phase();
  }

  // A page of which nothing but the prefix and the pins of unbroken rules is known: every page that
  // breaks as little as the best one keeps them.
  void open_with_pins(std::uint32_t length) {
    solver_.open_page(length);
    for (const Pin& pin : solver_.pins) {
      if (solver_.best.units[pin.rank] > 0 || pin.slot >= length) continue;
      if (solver_.state.is_open(pin.slot) && !solver_.state.is_used(pin.row)) {
        solver_.place(pin.slot, pin.row);
      }
    }
  }

  void keep_pins(std::uint32_t length) {
    const bool has_soft = solver_.state.trackers().size() > solver_.state.hard_count();
    if (has_soft) open_with_pins(length);
    const double most = has_soft ? plain_bound(solver_) : pinned_bound(solver_);
    bound_ = std::min(bound_, most + unknown_gain());
  }

  // The bound under the rules that are kept.
  void tighten_bound(std::uint32_t length) {
    std::copy(solver_.best.units.begin(), solver_.best.units.end(), bounded_.begin());
    if (!solver_.falls) return;
    // The bound is worth half of what may still be spent: the rest goes to the page.
    solver_.meter.start_phase(solver_.meter.left() / 2);
    open_with_pins(length);
    bound_ = std::min(bound_, ruled_bound(solver_, enough()) + unknown_gain());
    solver_.meter.end_phase();
  }

  // A bound that makes the best page good enough.
  [[nodiscard]] double enough() const {
    const double total = solver_.best.total() - unknown_gain();
    return std::max(total, total / (1.0 - std::min(solver_.options.gap, 0.5)));
  }

  // What opaque preferences may add, as far as they were seen.
  [[nodiscard]] double unknown_gain() const { return solver_.trail.best_gain() * solver_.length; }
  [[nodiscard]] bool keeps_required() const {
    return solver_.best.exists && solver_.best.units[0] == 0;
  }
  [[nodiscard]] bool is_least() const {
    return compare_units(solver_.best.units, solver_.least) <= 0;
  }
  // The walk takes the first of equal rows. When slots are worth the same, other orders may come
  // before it; they are looked for on pages that can be searched whole.
  [[nodiscard]] bool is_first_of_equals() const {
    return solver_.falls_strictly || solver_.options.gap > 0.0 || solver_.length > kSlotsWhole;
  }
  [[nodiscard]] bool is_good_enough() const {
    if (solver_.trail.has_scores()) return false;
    const double missing = bound_ - solver_.best.total();
    return missing <= solver_.slack || missing <= solver_.options.gap * std::fabs(bound_);
  }

  Solver& solver_;
  std::span<std::uint32_t> bounded_;  // what the best page broke when the bound was made
  double bound_ = 0.0;
};

// The answer as the caller sees it.
Solution describe(Solver& solver, const Phases& phases, Search search) {
  Solution out;
  const Problem& problem = solver.problem;
  out.violations = solver.arena.zeroed<std::uint32_t>(problem.use_count);
  out.soft_violations = solver.arena.zeroed<std::uint32_t>(problem.use_count);
  if (!solver.holds_best() && solver.best.exists && solver.trail.is_empty()) solver.restore_best();
  if (!solver.holds_best()) {
    const bool is_found = solver.best.exists;
    solver.open_page(solver.length);
    for (std::uint32_t slot = solver.prefix_size(); is_found && slot < solver.length; ++slot) {
      solver.place(slot, solver.best.rows[slot]);
      solver.pass(slot);
    }
    if (!is_found) solver.offer();
  }
  solver.state.add_by_use(out.violations, out.soft_violations);
  solver.trail.add_by_use(out.violations, out.soft_violations);
  out.rows = solver.best.rows.subspan(0, solver.length);
  out.value = solver.best.value;
  out.penalty = solver.best.penalty;
  out.bound = std::max(phases.bound(), solver.best.total());
  out.search = search;
  out.work = solver.meter.used();
  out.opaque_unbounded = solver.trail.is_unbounded();
  out.broken_use = solver.trail.broken_use();
  return out;
}

Solution broken(Solver& solver) {
  Solution out;
  out.violations = solver.arena.zeroed<std::uint32_t>(solver.problem.use_count);
  out.soft_violations = solver.arena.zeroed<std::uint32_t>(solver.problem.use_count);
  out.search = Search::Limit;
  out.work = solver.meter.used();
  out.broken_use = solver.trail.broken_use();
  return out;
}

}  // namespace

Solution solve(const Problem& problem, std::span<const std::uint32_t> prefix,
               const SolveOptions& options, Arena& arena) {
  Solver solver(problem, prefix, options, arena);
  Phases phases(solver);
  bool is_proven = true;
  for (std::uint32_t length = std::min(problem.slot_count, solver.ranking.size());; --length) {
    const Verdict verdict = phases.run(length);
    is_proven = is_proven && verdict != Verdict::Open && verdict != Verdict::Found;
    if (solver.trail.broken_use() >= 0) return broken(solver);
    if (solver.best.exists || length <= prefix.size()) break;
  }
  const Search search = is_proven                ? Search::Complete
                        : solver.meter.is_late() ? Search::Deadline
                                                 : Search::Limit;
  return describe(solver, phases, search);
}

}  // namespace lineup
