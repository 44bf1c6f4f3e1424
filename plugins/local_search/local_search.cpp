// SPDX-License-Identifier: Apache-2.0
//
// The generator `local_search`: takes a page and makes it better by small changes. Every round
// values all neighbours of the page (two rows swapped, one row moved, one replaced by a row that is
// not shown, one such row inserted) at once by the evaluators of the graph, and takes the best one
// that breaks no more rules; it ends when no neighbour is better or the budget of pages is used up.
// It begins with the best slates that nodes before it emitted, or with the engine's own page.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "lineup/cpp/relevance.hpp"
#include "lineup/cpp/search.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// Pages that are valued in one call of the evaluators.
constexpr std::uint32_t kBatch = 256;
// LIMIT: neighbours that are built in one round before it gives up: those that are worth most come
// first, and where rules forbid so many of them, the page is as good as stuck.
constexpr std::uint32_t kTriesMax = 64;
// A change must be worth more than rounding.
constexpr double kLeastGain = 1e-12;

// A change of a page.
struct Move {
  enum class Kind : std::uint8_t { Swap, Shift, Replace, Insert };
  double worth = 0.0;
  std::uint32_t slot = 0;   // Swap, Shift: from; Replace, Insert: where
  std::uint32_t other = 0;  // Swap, Shift: the other slot; Replace, Insert: a row
  Kind kind = Kind::Swap;
  std::uint32_t rank = 0;  // in the order of the neighbours: the first of equals counts
};

// The page after the change. REQUIRES: as much room in `out`.
void apply(const Move& move, std::span<const sdk::Row> page, std::span<sdk::Row> out) {
  std::copy(page.begin(), page.end(), out.begin());
  const auto at = [&](std::uint32_t slot) {
    return out.begin() + static_cast<std::ptrdiff_t>(slot);
  };
  switch (move.kind) {
    case Move::Kind::Swap:
      std::swap(out[move.slot], out[move.other]);
      break;
    case Move::Kind::Shift:
      if (move.slot < move.other) {
        std::rotate(at(move.slot), at(move.slot) + 1, at(move.other) + 1);
      } else {
        std::rotate(at(move.other), at(move.slot), at(move.slot) + 1);
      }
      break;
    case Move::Kind::Replace:
      out[move.slot] = move.other;
      break;
    case Move::Kind::Insert:
      std::copy_backward(page.begin() + static_cast<std::ptrdiff_t>(move.slot), page.end() - 1,
                         out.end());
      out[move.slot] = move.other;
      break;
  }
}

// What one call works with.
struct Work {
  std::span<const double> utility;
  std::span<sdk::Row> order;     // candidates, most utility first
  std::span<Move> moves;         // of one round
  std::span<sdk::Row> pages;     // [kBatch * slots]
  std::span<double> worth;       // [kBatch]
  std::span<sdk::Row> page;      // [slots] the page being improved
  std::span<sdk::Row> trial;     // [slots]
  std::span<std::uint8_t> used;  // [rows] 1: on the page
  std::uint64_t pages_left = 0;
  bool has_evaluators = true;
};

// A page as it stands under the rules.
struct Standing {
  double value = 0.0;
  std::uint64_t violations = 0;
};

class LocalSearch : public sdk::Generator {
 public:
  static constexpr const char* kName = "local_search";
  static constexpr const char* kId = "dev.lineup.local_search/1";

  explicit LocalSearch(const sdk::Config& config)
      : column_name_(config.text("/column", "score")),
        starts_(static_cast<std::uint32_t>(config.integer("/starts", 1))),
        candidates_(static_cast<std::uint32_t>(config.integer("/candidates", 30))),
        pages_(static_cast<std::uint64_t>(config.integer("/pages", 4000))),
        search_(config.host()),
        others_(config.host()) {
    if (starts_ == 0) throw sdk::Failure("`/starts` must be at least 1");
    if (pages_ == 0) throw sdk::Failure("`/pages` must be at least 1");
    if (!search_.is_offered()) {
      throw sdk::Failure(LINEUP_E_UNSUPPORTED, "the host has no `" LINEUP_HOST_SEARCH "`");
    }
  }

  void activate(const sdk::Binder& binder) { column_ = binder.required<sdk::Floats>(column_name_); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    Work work = prepare(call);
    const lineup_slates so_far = others_.get(builder);
    const std::span<const std::uint32_t> starts = choose(call, builder, so_far, work);
    if (starts.empty()) {
      const sdk::Status status = builder.solve(work.utility);
      if (!status.ok()) return status;
      return improve(call, builder, builder.placed(), work.pages_left, work);
    }
    const std::uint64_t share = std::max<std::uint64_t>(work.pages_left / starts.size(), 1);
    for (std::size_t index = 0; index < starts.size(); ++index) {
      const sdk::Slates slates(&so_far);
      const sdk::Status status = improve(call, builder, slates[starts[index]], share, work);
      // The policy's limit of slates, or the work: what was emitted so far are the better ones.
      if (!status.ok()) return index == 0 ? status : sdk::Status();
    }
    return LINEUP_OK;
  }

 private:
  [[nodiscard]] Work prepare(const sdk::Call& call) const {
    Work work;
    const std::uint32_t rows = call.row_count();
    const std::uint32_t slots = call.slot_count();
    work.utility = sdk::relevance_of(call, column_, sdk::Scale::None).value;
    work.order = call.allocate<sdk::Row>(rows);
    std::size_t count = 0;
    for (sdk::Row row = 0; row < rows; ++row) {
      if (call.is_candidate(row)) work.order[count++] = row;
    }
    work.order = work.order.first(count);
    std::sort(work.order.begin(), work.order.end(), [&](sdk::Row left, sdk::Row right) {
      return work.utility[left] != work.utility[right] ? work.utility[left] > work.utility[right]
                                                       : left < right;
    });
    const std::size_t pool = std::min<std::size_t>(candidates_, count);
    const std::size_t neighbours = std::size_t{slots} * (slots + slots / 2 + 2 * pool);
    work.moves = call.allocate<Move>(std::min<std::size_t>(neighbours, pages_));
    work.pages = call.allocate<sdk::Row>(std::size_t{kBatch} * slots);
    work.worth = call.allocate<double>(kBatch);
    work.page = call.allocate<sdk::Row>(slots);
    work.trial = call.allocate<sdk::Row>(slots);
    work.used = call.filled<std::uint8_t>(rows, 0);
    work.pages_left = pages_;
    return work;
  }

  // worth[i] of the first `count` pages in work.pages. By the graph's evaluators; without any, by
  // the column and the discounts.
  sdk::Status value(const sdk::Call& call, const sdk::Builder& builder, std::uint32_t count,
                    std::uint32_t length, std::span<std::uint32_t> lengths, Work& work) const {
    if (work.has_evaluators) {
      std::fill_n(lengths.begin(), count, length);
      const lineup_slates pages{sizeof(lineup_slates), count,         call.slot_count(), 0,
                                work.pages.data(),     lengths.data()};
      const sdk::Status status = others_.value(builder, pages, work.worth);
      if (status.code() != LINEUP_E_UNSUPPORTED) return status;
      work.has_evaluators = false;
    }
    for (std::uint32_t page = 0; page < count; ++page) {
      double sum = 0.0;
      for (std::uint32_t slot = 0; slot < length; ++slot) {
        const sdk::Row row = work.pages[std::size_t{page} * call.slot_count() + slot];
        sum += work.utility[row] * call.discounts()[slot];
      }
      work.worth[page] = sum;
    }
    return call.spend(std::uint64_t{count} * length) ? sdk::Status() : LINEUP_E_BUDGET;
  }

  // The slates to begin with: the most worth first, at most `starts`.
  [[nodiscard]] std::span<const std::uint32_t> choose(const sdk::Call& call,
                                                      const sdk::Builder& builder,
                                                      const lineup_slates& so_far,
                                                      Work& work) const {
    const std::uint32_t count = so_far.slate_count;
    if (count == 0) return {};
    const std::span<std::uint32_t> order = call.allocate<std::uint32_t>(count);
    for (std::uint32_t index = 0; index < count; ++index) order[index] = index;
    const std::span<double> worth = call.filled<double>(count, 0.0);
    const sdk::Status status = others_.value(builder, so_far, worth);
    if (status.ok()) {
      std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
        return worth[left] != worth[right] ? worth[left] > worth[right] : left < right;
      });
    } else {
      work.has_evaluators = false;  // in the order of emission then
    }
    return order.first(std::min(starts_, count));
  }

  // Brings the builder to the page and says how it stands; false when the page cannot be.
  [[nodiscard]] bool build(sdk::Builder& builder, std::span<const sdk::Row> page, const Work& work,
                           double worth, Standing& out) const {
    const std::span<const sdk::Row> placed = builder.placed();
    const auto shared = static_cast<std::uint32_t>(
        std::mismatch(page.begin(), page.end(), placed.begin(), placed.end()).first - page.begin());
    if (!builder.rewind(shared).ok()) return false;
    for (const sdk::Row row : page.subspan(shared)) {
      if (!builder.place(row).ok()) return false;
    }
    lineup_search_report report{};
    if (!search_.certify(builder, work.utility, report).ok()) return false;
    out = {worth - report.penalty, report.violations};
    return true;
  }

  // Climbs from `start` and emits where it ends.
  sdk::Status improve(const sdk::Call& call, sdk::Builder& builder, std::span<const sdk::Row> start,
                      std::uint64_t budget, Work& work) const {
    const std::span<sdk::Row> page = work.page.first(start.size());
    std::copy(start.begin(), start.end(), page.begin());
    const auto length = static_cast<std::uint32_t>(page.size());
    const std::span<std::uint32_t> lengths = call.allocate<std::uint32_t>(kBatch);
    std::copy(page.begin(), page.end(), work.pages.begin());
    Standing standing;
    const bool is_valued = value(call, builder, 1, length, lengths, work).ok();
    const bool stands = build(builder, page, work, work.worth[0], standing);
    bool goes_on = is_valued && stands && length == call.slot_count();
    while (goes_on && budget > 0) {
      for (const sdk::Row row : page) work.used[row] = 1;
      const std::span<Move> moves = neighbours(page, budget, work);
      for (const sdk::Row row : page) work.used[row] = 0;
      goes_on = value_all(call, builder, page, moves, lengths, work);
      budget -= moves.size();
      goes_on = goes_on && step(builder, page, moves, work, standing);
    }
    // The last trial may have left another page in the builder. One that cannot stand at all is
    // completed by the host's search.
    Standing last;
    static_cast<void>(build(builder, page, work, 0.0, last));
    return builder.emit(work.utility);
  }

  // All changes of the page, at most `budget`.
  [[nodiscard]] std::span<Move> neighbours(std::span<const sdk::Row> page, std::uint64_t budget,
                                           const Work& work) const {
    std::size_t count = 0;
    const std::size_t most = std::min<std::uint64_t>(budget, work.moves.size());
    const auto add = [&](Move::Kind kind, std::uint32_t slot, std::uint32_t other) {
      if (count < most) {
        work.moves[count] = {0.0, slot, other, kind, static_cast<std::uint32_t>(count)};
        ++count;
      }
    };
    const auto length = static_cast<std::uint32_t>(page.size());
    for (std::uint32_t slot = 0; slot < length; ++slot) {
      for (std::uint32_t other = slot + 1; other < length; ++other) {
        add(Move::Kind::Swap, slot, other);
        if (other == slot + 1) continue;  // a shift by one is that swap
        add(Move::Kind::Shift, slot, other);
        add(Move::Kind::Shift, other, slot);
      }
    }
    std::uint32_t taken = 0;
    for (const sdk::Row row : work.order) {
      if (taken == candidates_) break;
      if (work.used[row] != 0) continue;
      ++taken;
      for (std::uint32_t slot = 0; slot < length; ++slot) {
        add(Move::Kind::Replace, slot, row);
        if (slot + 1 < length) add(Move::Kind::Insert, slot, row);
      }
    }
    return work.moves.first(count);
  }

  // The worth of every change. False: the budget or an evaluator gave out.
  bool value_all(const sdk::Call& call, const sdk::Builder& builder, std::span<const sdk::Row> page,
                 std::span<Move> moves, std::span<std::uint32_t> lengths, Work& work) const {
    const std::size_t stride = call.slot_count();
    for (std::size_t begin = 0; begin < moves.size(); begin += kBatch) {
      const auto count =
          static_cast<std::uint32_t>(std::min<std::size_t>(kBatch, moves.size() - begin));
      for (std::uint32_t index = 0; index < count; ++index) {
        apply(moves[begin + index], page, work.pages.subspan(index * stride, page.size()));
      }
      const auto length = static_cast<std::uint32_t>(page.size());
      if (!value(call, builder, count, length, lengths, work).ok()) return false;
      for (std::uint32_t index = 0; index < count; ++index) {
        moves[begin + index].worth = work.worth[index];
      }
    }
    return true;
  }

  // Takes the best change that stands under the rules. False: there is none.
  bool step(sdk::Builder& builder, std::span<sdk::Row> page, std::span<Move> moves, Work& work,
            Standing& standing) const {
    // Soft rules only take away: a change that is not worth more before them is not afterwards.
    // Not stable_sort, which takes memory from the heap.
    std::sort(moves.begin(), moves.end(), [](const Move& left, const Move& right) {
      return left.worth != right.worth ? left.worth > right.worth : left.rank < right.rank;
    });
    std::uint32_t tries = 0;
    for (const Move& move : moves) {
      if (move.worth <= standing.value + kLeastGain || tries++ == kTriesMax) return false;
      const std::span<sdk::Row> trial = work.trial.first(page.size());
      apply(move, page, trial);
      Standing changed;
      if (!build(builder, trial, work, move.worth, changed)) continue;
      if (changed.violations > standing.violations) continue;
      if (changed.value <= standing.value + kLeastGain) continue;
      std::copy(trial.begin(), trial.end(), page.begin());
      standing = changed;
      return true;
    }
    return false;
  }

  std::string column_name_;
  std::uint32_t starts_;
  std::uint32_t candidates_;
  std::uint64_t pages_;
  sdk::Search search_;
  sdk::SlatesSoFar others_;
  sdk::Bound<sdk::Floats> column_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "local_search",
  "version": "1.0.0",
  "about": "Makes a page better by small changes, judged by the graph's evaluators.",
  "types": [{
    "name": "local_search",
    "kind": "generator",
    "about": "Improves the best slates so far by swaps, moves, replacements and insertions, within the rules.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["column"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "column": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column that says which rows are tried first, and what pages are worth when the graph has no evaluator."},
        "starts": {"type": "integer", "minimum": 1, "maximum": 64, "default": 1,
          "description": "Slates of earlier generators that are improved, best first."},
        "candidates": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 30,
          "description": "Rows that are not on the page and are tried on it, best first."},
        "pages": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 4000,
          "description": "Pages that are valued at most, over all starts."}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", LocalSearch)
