// SPDX-License-Identifier: Apache-2.0
//
// A handle is a number, not an address: the generation of its call above, the index of its builder
// below. It is looked up in the call that this thread is in now, so a handle of an ended call, or
// of another thread's, meets another generation and is refused without touching anything.
// Generations count up from 1 in 48 bits: at a million calls a second they last nine years.
#include "node/builder_service.hpp"

#include <atomic>
#include <new>
#include <type_traits>

#include "base/finite.hpp"

namespace lineup {

namespace {

constexpr unsigned kForkBits = 16;
static_assert(kForksMax <= (1U << kForkBits));

// The innermost generate() of this thread. A plain pointer: nothing to destroy when a thread ends.
thread_local BuilderCall* current_call = nullptr;

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::int32_t number_of(Answer answer) {
  switch (answer) {
    case Answer::No:
      return LINEUP_NO;
    case Answer::Yes:
      return LINEUP_YES;
    case Answer::Unknown:
      return LINEUP_UNKNOWN;
  }
  return LINEUP_UNKNOWN;
}

}  // namespace

// Each function of the table: find the builder, check the arguments, charge the work, do it.
struct BuilderCall::Service {
  // Runs `body(call, fork)`; what the engine throws (no memory) becomes `none`.
  template <typename T, typename Body>
  static T enter(lineup_builder* builder, T stale, T none, Body&& body) noexcept {
    BuilderCall* call = nullptr;
    Fork* fork = resolve(builder, call);
    if (fork == nullptr) return stale;
    try {
      if (!call->settle(*fork)) return none;
      return body(*call, *fork);
    } catch (...) {
      return none;
    }
  }
  template <typename Body>
  static lineup_status enter(lineup_builder* builder, Body&& body) noexcept {
    return enter<lineup_status>(builder, LINEUP_E_STALE_HANDLE, LINEUP_E_INTERNAL, body);
  }

  static lineup_status placed(lineup_builder* builder, const std::uint32_t** rows,
                              std::uint32_t* count) {
    if (rows == nullptr || count == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall&, Fork& fork) {
      const auto placed = fork.builder->placed();
      *rows = placed.data();
      *count = static_cast<std::uint32_t>(placed.size());
      return LINEUP_OK;
    });
  }
  static lineup_status allowed(lineup_builder* builder, const std::uint64_t** bits) {
    if (bits == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork& fork) {
      *bits = fork.builder->allowed().data();
      call.frame_.spend_units(word_count(call.problem_.row_count));
      return LINEUP_OK;
    });
  }
  static std::int32_t permits(lineup_builder* builder, std::uint32_t row) {
    return enter<std::int32_t>(builder, 0, 0, [&](BuilderCall& call, Fork& fork) {
      call.frame_.spend_units(1);
      return row < call.problem_.row_count && fork.builder->permits(row) ? 1 : 0;
    });
  }
  static std::uint32_t best_permitted(lineup_builder* builder, const double* utility) {
    if (utility == nullptr) return LINEUP_NO_ROW;
    return enter<std::uint32_t>(builder, LINEUP_NO_ROW, LINEUP_NO_ROW,
                                [&](BuilderCall& call, Fork& fork) {
                                  const std::uint32_t rows = call.problem_.row_count;
                                  call.frame_.spend_units(rows);
                                  return fork.builder->best_permitted({utility, rows});
                                });
  }
  static lineup_status place(lineup_builder* builder, std::uint32_t row) {
    return enter(builder, [&](BuilderCall& call, Fork& fork) {
      call.frame_.spend_units(1);
      const bool is_placed = row < call.problem_.row_count && fork.builder->place(row);
      return is_placed ? LINEUP_OK : LINEUP_E_INVALID_INPUT;
    });
  }
  static lineup_status undo(lineup_builder* builder) {
    return enter(builder, [&](BuilderCall&, Fork& fork) {
      if (fork.builder->slot() == 0) return LINEUP_E_INVALID_INPUT;
      fork.builder->undo();
      forget_search(fork);
      return LINEUP_OK;
    });
  }
  static std::uint32_t mark(lineup_builder* builder) {
    return enter<std::uint32_t>(builder, 0, 0,
                                [&](BuilderCall&, Fork& fork) { return fork.builder->mark(); });
  }
  static lineup_status rewind(lineup_builder* builder, std::uint32_t mark) {
    return enter(builder, [&](BuilderCall&, Fork& fork) {
      if (mark > fork.builder->slot()) return LINEUP_E_INVALID_INPUT;
      fork.builder->rewind(mark);
      forget_search(fork);
      return LINEUP_OK;
    });
  }
  static lineup_status fork(lineup_builder* builder, lineup_builder** out) {
    if (out == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork& fork) { return call.add_fork(fork, out); });
  }
  static std::int32_t completable(lineup_builder* builder) {
    return enter<std::int32_t>(builder, LINEUP_UNKNOWN, LINEUP_UNKNOWN,
                               [&](BuilderCall& call, Fork& fork) {
                                 call.frame_.spend_units(word_count(call.problem_.row_count));
                                 return number_of(fork.builder->completable());
                               });
  }
  static lineup_status penalties(lineup_builder* builder, double* out) {
    if (out == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(builder, [&](BuilderCall& call, Fork& fork) {
      const std::uint32_t rows = call.problem_.row_count;
      call.frame_.spend_units(rows);
      fork.builder->penalties({out, rows});
      return LINEUP_OK;
    });
  }
  static lineup_status solve(lineup_builder* builder, const double* utility) {
    return enter(builder, [&](BuilderCall& call, Fork& fork) {
      lineup_status status = LINEUP_OK;
      const auto values = call.utility(utility, status);
      if (status != LINEUP_OK || fork.builder->is_full()) return status;
      Solution solution;
      return call.complete(fork, values, call.options(), solution);
    });
  }
  static lineup_status emit(lineup_builder* builder, const double* utility) {
    return enter(builder, [&](BuilderCall& call, Fork& fork) {
      lineup_status status = LINEUP_OK;
      const auto values = call.utility(utility, status);
      return status == LINEUP_OK ? call.emit(fork, values) : status;
    });
  }

  // What the solver said of slots that are empty again no longer counts.
  static void forget_search(Fork& fork) {
    if (fork.builder->slot() > fork.solved_from) return;
    fork.solved_from = kUnlimited;
    fork.search = Search::Complete;
    fork.work = 0;
  }
};

const lineup_host_builder& builder_service() {
  using Service = BuilderCall::Service;
  static constexpr lineup_host_builder kTable = {
      sizeof(lineup_host_builder),
      0,
      Service::placed,
      Service::allowed,
      Service::permits,
      Service::best_permitted,
      Service::place,
      Service::undo,
      Service::mark,
      Service::rewind,
      Service::fork,
      Service::completable,
      Service::penalties,
      Service::solve,
      Service::emit,
  };
  return kTable;
}

BuilderCall::BuilderCall(CallFrame& frame, const NodeRequest& request, const Problem& problem,
                         SlateSet& out)
    : frame_(frame),
      request_(request),
      problem_(problem),
      out_(out),
      root_(problem, *request.arena),
      forks_(request.arena->allocate<Fork>(kForksMax)),
      generation_(next_generation()),
      outer_(current_call) {
  forks_[fork_count_++] = Fork{&root_};
  current_call = this;
}

BuilderCall::~BuilderCall() { current_call = outer_; }

std::int32_t BuilderCall::broken_use() const {
  if (broken_use_ >= 0) return broken_use_;
  for (const Fork& fork : forks_.first(fork_count_)) {
    const std::int32_t use = fork.builder->broken_use();
    if (use >= 0) return use;
  }
  return -1;
}

lineup_builder* BuilderCall::handle(std::uint32_t fork) const {
  return reinterpret_cast<lineup_builder*>((generation_ << kForkBits) | fork);
}

BuilderCall::Fork* BuilderCall::resolve(lineup_builder* handle, BuilderCall*& call) {
  const auto number = reinterpret_cast<std::uintptr_t>(handle);
  call = current_call;
  if (call == nullptr || number >> kForkBits != call->generation_) return nullptr;
  const std::uint32_t index = number & ((1U << kForkBits) - 1);
  return index < call->fork_count_ ? &call->forks_[index] : nullptr;
}

// The utility that the plugin gave, or the score; the search would not survive NaN.
std::span<const double> BuilderCall::utility(const double* given, lineup_status& status) const {
  if (given == nullptr) return request_.score;
  const std::span<const double> values(given, problem_.row_count);
  if (!all_finite(values)) {
    frame_.report("the utility given to the slate builder is not finite");
    status = LINEUP_E_INVALID_INPUT;
  }
  return values;
}

SolveOptions BuilderCall::options() const {
  SolveOptions options;
  options.work_limit = std::max<std::uint64_t>(frame_.work_left(), 1);
  options.improve_limit = request_.improve_limit;
  options.gap = request_.gap;
  options.deadline_ns = frame_.deadline_ns == INT64_MAX ? 0 : frame_.deadline_ns;
  return options;
}

Solution BuilderCall::search(const Fork& fork, std::span<const double> utility,
                             const SolveOptions& options) {
  const Solution solution =
      fork.builder->solve(utility, request_.discounts.first(problem_.slot_count), options);
  frame_.spend_units(solution.work);
  if (solution.broken_use >= 0) broken_use_ = solution.broken_use;
  return solution;
}

// Fills the rest of the page with what the solver finds; settle() places it.
lineup_status BuilderCall::complete(Fork& fork, std::span<const double> utility,
                                    const SolveOptions& options, Solution& solution) {
  const std::uint32_t begin = fork.builder->slot();
  solution = search(fork, utility, options);
  if (solution.broken_use >= 0) {
    frame_.report("a rule broke while the page was completed");
    return LINEUP_E_INTERNAL;
  }
  fork.unplaced = solution.rows.subspan(std::min<std::size_t>(begin, solution.rows.size()));
  fork.solved_from = std::min(fork.solved_from, begin);
  fork.search = std::max(fork.search, solution.search);
  fork.work += solution.work;
  return LINEUP_OK;
}

// Places what the solver found before the builder is asked anything else. Most generators emit the
// solver's page and are done: its certificate is the solver's, and nobody ever asks.
bool BuilderCall::settle(Fork& fork) {
  for (const std::uint32_t row : fork.unplaced) {
    if (fork.builder->place(row)) continue;
    frame_.report("the solver's page could not be placed");
    return false;
  }
  fork.unplaced = {};
  return true;
}

lineup_status BuilderCall::emit(Fork& fork, std::span<const double> utility) {
  Solution solution;
  if (fork.builder->is_full()) {
    solution = fork.builder->certify(utility, request_.discounts.first(problem_.slot_count));
    frame_.spend_units(solution.rows.size());
    if (solution.broken_use >= 0) {
      broken_use_ = solution.broken_use;
      return LINEUP_E_INTERNAL;
    }
  } else if (const lineup_status status = complete(fork, utility, options(), solution);
             status != LINEUP_OK) {
    return status;
  }
  solution.search = fork.search;
  solution.work = fork.work;
  const auto length = static_cast<std::uint32_t>(solution.rows.size());
  ++emitted_;
  if (out_.add(solution, std::min(fork.solved_from, length)) == SlateSet::Added::Full) {
    frame_.report("more slates than the policy's limit");
    return LINEUP_E_BUDGET;
  }
  return LINEUP_OK;
}

lineup_status BuilderCall::add_fork(const Fork& fork, lineup_builder** out) {
  if (fork_count_ == kForksMax) {
    frame_.report("more builders than the limit of one call");
    return LINEUP_E_BUDGET;
  }
  Fork copy = fork;
  copy.builder = fork.builder->fork();
  forks_[fork_count_] = copy;
  *out = handle(fork_count_++);
  return LINEUP_OK;
}

}  // namespace lineup
