// SPDX-License-Identifier: Apache-2.0
//
// What a plugin promises: equal answers for equal requests, calls that may overlap as declared, no
// heap in the hot call, and bounds that never lie.
#include <fmt/format.h>

#include <array>
#include <thread>

#include "conformance/subject.hpp"
#include "lineup/ext/constraint.h"
#include "node/frame.hpp"

namespace lineup {

namespace {

constexpr int kThreads = 2;
constexpr int kCallsPerThread = 150;
constexpr int kWarmCalls = 3;

// LIMIT: rows and slots of the pages that are tried out whole: 6 * 5 * 4 * 3 of them.
constexpr std::uint32_t kSmallRows = 6;
constexpr std::uint32_t kSmallSlots = 4;

// All pages of a small batch, depth first: what placing every continuation adds, against the bound
// that the constraint claims at each prefix.
class BoundCheck {
 public:
  BoundCheck(Subject& subject, const MadeRequest& feed)
      : instance_(*subject.instance),
        table_(*static_cast<const lineup_constraint*>(instance_.kind_table())),
        lease_(instance_.lease()) {
    subject.arena.reset();
    request_ = feed.request(subject.arena);
    frame_ = make_frame(instance_, request_);
  }

  // What is wrong, or empty.
  std::string run() {
    void* prepared = nullptr;
    if (table_.prepare != nullptr &&
        table_.prepare(lease_.instance, frame_, &prepared) != LINEUP_OK) {
      return "prepare() failed";
    }
    std::vector<std::byte> state(instance_.state_bytes() + 1);
    lineup_page page = {sizeof(lineup_page), 0, rows_.data(), state.data(), prepared};
    if (instance_.state_bytes() > 0 && table_.begin(lease_.instance, frame_, &page) != LINEUP_OK) {
      return "begin() failed";
    }
    std::array<std::uint32_t, kSmallSlots + 1> least{};
    visit(page, least);
    return fault_;
  }

 private:
  using Least = std::array<std::uint32_t, kSmallSlots + 1>;

  // least[n]: the fewest violations that n more rows add after this prefix.
  void visit(const lineup_page& page, Least& least) {
    least.fill(UINT32_MAX);
    least[0] = 0;
    const std::uint32_t left = kSmallSlots - page.count;
    for (std::uint32_t row = 0; row < kSmallRows && left > 0 && fault_.empty(); ++row) {
      if (is_used(page, row)) continue;
      lineup_judgement judgement = {sizeof(lineup_judgement), 0, 0.0};
      if (table_.judge(lease_.instance, frame_, &page, row, &judgement) != LINEUP_OK) {
        fault_ = "judge() failed";
        return;
      }
      std::vector<std::byte> state(instance_.state_bytes() + 1);
      std::memcpy(state.data(), page.state, instance_.state_bytes());
      lineup_page next = page;
      next.state = state.data();
      if (instance_.state_bytes() > 0 &&
          table_.place(lease_.instance, frame_, &next, row) != LINEUP_OK) {
        fault_ = "place() failed";
        return;
      }
      rows_[page.count] = row;
      ++next.count;
      Least below{};
      visit(next, below);
      for (std::uint32_t n = 0; n < left; ++n) {
        if (below[n] == UINT32_MAX) continue;
        least[n + 1] = std::min(least[n + 1], below[n] + judgement.violations);
      }
    }
    compare(page, least, left);
  }

  void compare(const lineup_page& page, const Least& least, std::uint32_t left) {
    for (std::uint32_t n = 1; n <= left && fault_.empty(); ++n) {
      std::uint32_t claimed = 0;
      if (table_.violations_at_least(lease_.instance, frame_, &page, n, &claimed) != LINEUP_OK) {
        fault_ = "violations_at_least() failed";
      } else if (claimed > least[n]) {
        fault_ = fmt::format(
            "after {} rows it claims that {} more add at least {} violations, but {} is enough: a "
            "bound above the truth hides pages that are right",
            page.count, n, claimed, least[n]);
      }
    }
  }

  [[nodiscard]] bool is_used(const lineup_page& page, std::uint32_t row) const {
    for (std::uint32_t i = 0; i < page.count; ++i) {
      if (rows_[i] == row) return true;
    }
    return false;
  }

  NodeInstance& instance_;
  const lineup_constraint& table_;
  NodeInstance::Lease lease_;
  NodeRequest request_;
  CallFrame* frame_ = nullptr;
  std::array<std::uint32_t, kSmallSlots> rows_{};
  std::string fault_;
};

std::string_view overlap_of(ThreadClass threads) {
  switch (threads) {
    case ThreadClass::Reentrant:
      return "two threads in one instance, as `reentrant` declares,";
    case ThreadClass::InstancePerThread:
      return "two threads with an instance each, as `instance-per-thread` declares,";
    case ThreadClass::Serial:
      return "two threads one after the other, as `serial` declares,";
  }
  return {};
}

}  // namespace

CaseOutcome case_same(const CaseInput& input) {
  return for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    if (!subject.type->deterministic) {
      return skipped("its metadata declares `deterministic: false`");
    }
    Shape shape;
    shape.seed = input.seed;
    Shape other = shape;
    other.seed = input.seed + 1;
    other.rows = 40;
    const CallAnswer first = subject.call(shape);
    if (first.bytes != subject.call(shape).bytes) {
      return failed("the same request gave another answer the second time");
    }
    static_cast<void>(subject.call(other));
    if (first.bytes != subject.call(shape).bytes) {
      return failed("the same request gave another answer after a different one: it keeps state");
    }
    auto fresh = make_subject(subject.type, subject.config);
    if (!fresh) return failed("a second instance cannot be made: " + fresh.error().message);
    if (first.bytes != (*fresh)->call(shape).bytes) {
      return failed("two instances of one configuration answer the same request differently");
    }
    return {};
  });
}

CaseOutcome case_threads(const CaseInput& input) {
  return for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    std::array<std::unique_ptr<MadeRequest>, kThreads> feeds;
    std::array<std::string, kThreads> expected;
    for (int t = 0; t < kThreads; ++t) {
      Shape shape;
      shape.seed = input.seed + static_cast<std::uint64_t>(t);
      feeds[t] = std::make_unique<MadeRequest>(*subject.stage, shape);
      expected[t] = call_once(*subject.instance, *feeds[t], subject.arena).bytes;
    }
    std::array<int, kThreads> wrong{};
    std::array<std::thread, kThreads> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads[t] = std::thread([&, t] {
        Arena arena;
        for (int i = 0; i < kCallsPerThread; ++i) {
          const CallAnswer answer = call_once(*subject.instance, *feeds[t], arena);
          if (answer.bytes != expected[t] || !answer.is_clean()) ++wrong[t];
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const int all = wrong[0] + wrong[1];
    if (all == 0 || !subject.type->deterministic) return {};
    return failed(fmt::format("{} got {} wrong answers in {} calls",
                              overlap_of(subject.type->threads), all, kThreads * kCallsPerThread));
  });
}

CaseOutcome case_allocations(const CaseInput& input) {
  if (!counts_allocations()) {
    return skipped("this program does not count allocations; the helper of its own process does");
  }
  return for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    const MadeRequest feed(*subject.stage, {});
    for (int i = 0; i < kWarmCalls; ++i) {
      static_cast<void>(call_once(*subject.instance, feed, subject.arena));
    }
    const CallAnswer answer = call_once(*subject.instance, feed, subject.arena);
    if (answer.allocations == 0) return {};
    return warning(fmt::format(
        "{} heap allocations in a warm call: take memory from call->allocate or keep it",
        answer.allocations));
  });
}

CaseOutcome case_bounds(const CaseInput& input) {
  bool has_bounds = false;
  CaseOutcome outcome = for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    if (subject.type->kind != LINEUP_KIND_CONSTRAINT) return {};
    const auto* table = static_cast<const lineup_constraint*>(subject.instance->kind_table());
    if (!LINEUP_HAS(lineup_constraint, table, violations_at_least) ||
        table->violations_at_least == nullptr) {
      return {};
    }
    has_bounds = true;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      Shape shape;
      shape.rows = kSmallRows;
      shape.slots = kSmallSlots;
      shape.history = static_cast<std::uint32_t>(seed % 4);
      shape.values = seed % 2 == 0 ? Values::Ordinary : Values::Sparse;
      shape.seed = input.seed + seed;
      const MadeRequest feed(*subject.stage, shape);
      input.at(fmt::format("bounds of `{}`, batch {}", subject.type->name, shape.seed));
      if (std::string fault = BoundCheck(subject, feed).run(); !fault.empty()) return failed(fault);
    }
    return {};
  });
  if (!has_bounds && outcome.verdict == CaseVerdict::Passed) {
    return skipped("it has no constraint that gives bounds");
  }
  return outcome;
}

}  // namespace lineup
