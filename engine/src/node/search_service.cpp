// SPDX-License-Identifier: Apache-2.0
//
// What generators may ask beside the slate builder, on the same handles: a search within limits of
// their own (lineup/ext/search.h), the slates so far, and the graph's evaluators on pages that are
// only being thought of (lineup/ext/slates.h).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/bits.hpp"
#include "node/builder_service.hpp"

namespace lineup {

namespace {

std::uint32_t number_of(Search search) {
  switch (search) {
    case Search::Complete:
      return LINEUP_SEARCHED_COMPLETE;
    case Search::Limit:
      return LINEUP_SEARCHED_LIMIT;
    case Search::Deadline:
      return LINEUP_SEARCHED_DEADLINE;
  }
  return LINEUP_SEARCHED_LIMIT;
}

void tell(const Solution& solution, lineup_search_report* out) {
  if (out == nullptr) return;
  lineup_search_report report{};
  report.struct_size = sizeof report;
  report.search = number_of(solution.search);
  report.violations =
      std::accumulate(solution.violations.begin(), solution.violations.end(), std::uint64_t{0});
  report.value = solution.value;
  report.penalty = solution.penalty;
  report.bound = solution.bound;
  report.work = solution.work;
  *out = report;
}

bool is_sound(const lineup_search_limits& limits) {
  return limits.struct_size >= sizeof limits && limits.gap >= 0.0 && limits.gap <= 1.0;
}

// Whether an evaluator may look at the pages: candidates only, none twice on a page.
bool are_pages(const lineup_slates& pages, const Problem& problem, std::span<Word> seen) {
  if (pages.rows == nullptr || pages.lengths == nullptr || pages.slot_count > problem.slot_count) {
    return false;
  }
  for (std::uint32_t page = 0; page < pages.slate_count; ++page) {
    if (pages.lengths[page] > pages.slot_count) return false;
    const std::span<const std::uint32_t> rows(pages.rows + std::size_t{page} * pages.slot_count,
                                              pages.lengths[page]);
    bool is_fine = true;
    std::size_t marked = 0;
    for (; marked < rows.size() && is_fine; ++marked) {
      const std::uint32_t row = rows[marked];
      is_fine = row < problem.row_count && test_bit(problem.candidates, row) &&
                !test_bit(seen.data(), row);
      if (is_fine) set_bit(seen.data(), row);
    }
    for (const std::uint32_t row : rows.first(marked)) {
      if (row < problem.row_count) clear_bit(seen.data(), row);
    }
    if (!is_fine) return false;
  }
  return true;
}

}  // namespace

struct BuilderCall::SearchService {
  template <typename Body>
  static lineup_status enter(lineup_builder* builder, Body&& body) noexcept {
    BuilderCall* call = nullptr;
    Fork* fork = resolve(builder, call);
    if (fork == nullptr) return LINEUP_E_STALE_HANDLE;
    try {
      if (!call->settle(*fork)) return LINEUP_E_INTERNAL;
      return body(*call, *fork);
    } catch (...) {
      return LINEUP_E_INTERNAL;
    }
  }

  static lineup_status solve(lineup_builder* builder, const double* utility,
                             const lineup_search_limits* limits, lineup_search_report* report) {
    if (limits == nullptr || !is_sound(*limits)) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork& fork) -> lineup_status {
      lineup_status status = LINEUP_OK;
      const auto values = call.utility(utility, status);
      if (status != LINEUP_OK) return status;
      if (fork.builder->is_full()) return certify_page(call, fork, values, report);
      SolveOptions options = call.options();
      if (limits->work != 0) options.work_limit = std::min(options.work_limit, limits->work);
      options.improve_limit = limits->improve;
      options.gap = limits->gap;
      Solution solution;
      status = call.complete(fork, values, options, solution);
      if (status == LINEUP_OK) tell(solution, report);
      return status;
    });
  }
  static lineup_status certify(lineup_builder* builder, const double* utility,
                               lineup_search_report* report) {
    if (report == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork& fork) -> lineup_status {
      lineup_status status = LINEUP_OK;
      const auto values = call.utility(utility, status);
      if (status != LINEUP_OK) return status;
      if (!fork.builder->is_full()) return LINEUP_E_INVALID_INPUT;
      return certify_page(call, fork, values, report);
    });
  }
  static lineup_status certify_page(BuilderCall& call, Fork& fork, std::span<const double> values,
                                    lineup_search_report* report) {
    Solution solution =
        fork.builder->certify(values, call.request_.discounts.first(call.problem_.slot_count));
    call.frame_.spend_units(solution.rows.size());
    if (solution.broken_use >= 0) {
      call.broken_use_ = solution.broken_use;
      return LINEUP_E_INTERNAL;
    }
    solution.search = fork.search;
    solution.bound = solution.value - solution.penalty;
    tell(solution, report);
    return LINEUP_OK;
  }

  static lineup_status so_far(lineup_builder* builder, lineup_slates* out) {
    if (out == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork&) -> lineup_status {
      SlateSet& set = call.out_;
      set.was_read = 1;
      *out = {sizeof(lineup_slates), set.count,         set.slots_max, 0,
              set.rows.data(),       set.lengths.data()};
      return LINEUP_OK;
    });
  }
  static lineup_status value(lineup_builder* builder, const lineup_slates* pages, double* worth) {
    if (pages == nullptr || worth == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork&) -> lineup_status {
      if (call.request_.valuer == nullptr) return LINEUP_E_UNSUPPORTED;
      Arena& arena = *call.request_.arena;
      if (call.seen_.empty()) {
        call.seen_ = arena.zeroed<Word>(word_count(call.problem_.row_count) + 1);
      }
      if (!are_pages(*pages, call.problem_, call.seen_)) {
        call.frame_.report("a page to be valued has rows that no page may have");
        return LINEUP_E_INVALID_INPUT;
      }
      if (pages->slate_count == 0) return LINEUP_OK;
      std::uint64_t work = 0;
      const lineup_status status =
          call.request_.valuer->value(*pages, {worth, pages->slate_count}, work);
      const bool goes_on = call.frame_.spend_units(work + pages->slate_count);
      return status == LINEUP_OK && !goes_on ? LINEUP_E_BUDGET : status;
    });
  }
};

const lineup_host_search& search_service() {
  using Service = BuilderCall::SearchService;
  static constexpr lineup_host_search kTable = {sizeof(lineup_host_search), 0, Service::solve,
                                                Service::certify};
  return kTable;
}

const lineup_host_slates& slates_service() {
  using Service = BuilderCall::SearchService;
  static constexpr lineup_host_slates kTable = {sizeof(lineup_host_slates), 0, Service::so_far,
                                                Service::value};
  return kTable;
}

}  // namespace lineup
