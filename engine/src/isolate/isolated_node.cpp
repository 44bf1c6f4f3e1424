// SPDX-License-Identifier: Apache-2.0
//
// A call is packed into the worker's region, the turn passed, and the answer copied out and
// checked: the worker may have written anything. Slates are proven by the engine later, as all
// slates are; here they only have to be slates of this batch.
#include "isolate/isolated_node.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "isolate/pack.hpp"
#include "isolate/worker_pool.hpp"
#include "node/plugin_text.hpp"
#include "node/remote.hpp"

namespace lineup {

namespace {

// LIMIT: workers of one node; each maps the plugin and its models.
constexpr std::uint32_t kWorkersMax = 8;
// What a worker is told of the deadline is a little less, so that a plugin that keeps to it answers
// before it is ended.
constexpr std::int64_t kGraceShare = 10;
constexpr std::int64_t kGraceMaxNs = 1'000'000;
// LIMIT: with less than this, a call to another process may end late through nobody's fault.
constexpr std::int64_t kFairNs = 200'000;
// LIMIT: units of work that one call is believed to have spent.
constexpr std::uint64_t kWorkMax = 1ULL << 48;

class IsolatedNode final : public RemoteNode {
 public:
  explicit IsolatedNode(std::unique_ptr<WorkerPool> pool) : pool_(std::move(pool)) {}

  RunReport score(const NodeInstance& instance, const NodeRequest& request,
                  std::span<const std::span<double>> outputs) noexcept override {
    // Where the worker writes, kept where it cannot: the list that it was sent lies in the region.
    std::span<const double*> theirs;
    return call(
        Command::Score, instance, request,
        [&](Packer& packer, SharedCall& shared) {
          theirs = request.arena->allocate<const double*>(outputs.size());
          return packer.pack(outputs, theirs, shared);
        },
        [&](const SharedCall&, RunReport&) {
          for (std::size_t i = 0; i < outputs.size(); ++i) {
            std::memcpy(outputs[i].data(), theirs[i], outputs[i].size_bytes());
            for (double& value : outputs[i]) {
              if (!std::isfinite(value)) value = std::numeric_limits<double>::quiet_NaN();
            }
          }
        });
  }

  RunReport generate(const NodeInstance& instance, const NodeRequest& request,
                     const Problem& problem, SlateSet& out) noexcept override {
    for (const Constraint& constraint : problem.constraints) {
      if (constraint.opaque == nullptr) continue;
      return {LINEUP_E_UNSUPPORTED,
              "a rule that is code or a plugin cannot be asked from another process", 0, -1};
    }
    return call(
        Command::Generate, instance, request,
        [&](Packer& packer, SharedCall& shared) {
          return packer.pack(problem, shared) && packer.pack(out, shared);
        },
        [&](const SharedCall& sent, RunReport& report) {
          // The number, and whether it looked at others': what the worker changed in the struct.
          take_slates(problem, sent.slates, sent.slates.count, out, report);
          if (sent.slates.was_read != 0) out.was_read = 1;
        });
  }

  RunReport evaluate(const NodeInstance& instance, const NodeRequest& request,
                     const SlateSet& slates, std::span<double> values) noexcept override {
    return call(
        Command::Evaluate, instance, request,
        [&](Packer& packer, SharedCall& shared) {
          return packer.pack(slates, shared) && packer.pack_values(values.size(), shared);
        },
        [&](const SharedCall& sent, RunReport& report) {
          if (report.status != LINEUP_OK) return;
          const auto answers = request.arena->allocate<double>(values.size());
          std::memcpy(answers.data(), sent.values.data(), answers.size_bytes());
          for (const double value : answers) {
            if (!std::isfinite(value)) {
              report = {LINEUP_E_INTERNAL, "gave a value that is not finite", report.work, -1};
              return;
            }
          }
          for (std::size_t i = 0; i < values.size(); ++i) values[i] += answers[i];
        });
  }

 private:
  // Packs with `pack`, has the worker do `command`, and takes the answer with `take`.
  template <typename Pack, typename Take>
  RunReport call(Command command, const NodeInstance& instance, const NodeRequest& request,
                 Pack&& pack, Take&& take) noexcept {
    const std::int64_t now = monotonic_ns();
    const std::int64_t most = now + pool_->options().call_max_ns;
    const std::int64_t deadline = std::min(request.deadline_ns, most);
    WorkerSlot* slot = pool_->take(deadline);
    if (slot == nullptr) {
      const bool is_late = monotonic_ns() >= deadline;
      return {is_late ? LINEUP_E_DEADLINE : LINEUP_E_INTERNAL,
              is_late ? "no worker process was free before the deadline"
                      : "its process ended and is being started again",
              0, -1};
    }
    Mailbox& mailbox = slot->region.mailbox();
    SharedCall sent;
    Packer packer(slot->region);
    if (!packer.pack(instance, request, sent) || !pack(packer, sent)) {
      pool_->give_back(*slot, WorkerState::Idle);
      return {LINEUP_E_BUDGET, "the request does not fit the memory of its worker process", 0, -1};
    }
    const std::int64_t grace =
        std::clamp<std::int64_t>((deadline - now) / kGraceShare, 0, kGraceMaxNs);
    if (request.deadline_ns != INT64_MAX) sent.request.deadline_ns = deadline - grace;
    mailbox.command = command;
    mailbox.call = sent;
    pass_turn(mailbox, Turn::Worker);
    const std::uint32_t turn = wait_for_answer(mailbox, deadline);
    if (turn != static_cast<std::uint32_t>(Turn::Service))
      return give_up(*slot, turn, request, deadline - now);
    RunReport report = read_report(mailbox, request);
    // Pointers are those that were sent; counts are the worker's.
    sent.slates.count = read_once(mailbox.call.slates.count);
    sent.slates.was_read = read_once(mailbox.call.slates.was_read);
    try {
      take(sent, report);
    } catch (...) {
      report = {LINEUP_E_BUDGET, "no memory", report.work, -1};
    }
    pool_->give_back(*slot,
                     read_once(mailbox.retires) != 0 ? WorkerState::Dead : WorkerState::Idle);
    return report;
  }

  static std::uint32_t wait_for_answer(Mailbox& mailbox, std::int64_t deadline) {
    constexpr auto kTheirs = static_cast<std::uint32_t>(Turn::Worker);
    for (;;) {
      const std::uint32_t turn = mailbox.turn.load(std::memory_order_acquire);
      if (turn != kTheirs || monotonic_ns() >= deadline) return turn;
      wait_while(mailbox.turn, kTheirs, deadline);
    }
  }

  // The worker ended, or did not come back, or wrote a turn that there is not: it is ended in any
  // case, since a slot without a living worker is the only one that is filled again. Who was told
  // to stop in time and is still there hangs: that is its failure, not the request's lack of time,
  // but where next to no time was left.
  RunReport give_up(WorkerSlot& slot, std::uint32_t turn, const NodeRequest& request,
                    std::int64_t given_ns) {
    pool_->kill(slot);
    if (turn == static_cast<std::uint32_t>(Turn::Worker)) {
      pool_->give_back(slot, WorkerState::Dead);
      return {given_ns < kFairNs ? LINEUP_E_DEADLINE : LINEUP_E_INTERNAL,
              "did not come back before its deadline: its process was ended and is started again",
              0, -1};
    }
    const int status = slot.end_status.load();
    pool_->give_back(slot, WorkerState::Dead);
    const char* name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : nullptr;
    return {LINEUP_E_INTERNAL,
            text_in(*request.arena, name != nullptr ? "its process ended with SIG" : "",
                    name != nullptr ? name : "its process ended"),
            0, -1};
  }

  static std::string_view text_in(Arena& arena, std::string_view head, std::string_view tail) {
    try {
      const auto text = arena.allocate<char>(head.size() + tail.size());
      if (!head.empty()) std::memcpy(text.data(), head.data(), head.size());
      std::memcpy(text.data() + head.size(), tail.data(), tail.size());
      return {text.data(), text.size()};
    } catch (...) {
      return "its process ended";
    }
  }

  static RunReport read_report(const Mailbox& mailbox, const NodeRequest& request) {
    RunReport report;
    const std::int32_t status = read_once(mailbox.status);
    report.status = std::clamp<std::int32_t>(status, LINEUP_E_REFUSED, LINEUP_OK);
    // A plugin may overshoot by what it spends at once; no number of its makes sums overflow.
    constexpr std::uint64_t kOvershootMax = 1'000'000;
    const std::uint64_t work = read_once(mailbox.work);
    report.work = std::min(work, std::min(request.work_limit, kWorkMax) + kOvershootMax);
    if (report.status == LINEUP_OK) return report;
    char message[kMessageMaxBytes];
    const std::size_t size = std::min<std::size_t>(read_once(mailbox.message_size), sizeof message);
    std::memcpy(message, mailbox.message, size);
    char clean[kMessageMaxBytes];
    const std::size_t kept = copy_clean({message, size}, clean, sizeof clean);
    report.message =
        kept == 0 ? describe(report.status) : text_in(*request.arena, "", {clean, kept});
    return report;
  }

  // Adds the slates that the worker put behind those that were sent.
  static void take_slates(const Problem& problem, const SlateSet& from, std::uint32_t count,
                          SlateSet& out, RunReport& report) {
    for (std::uint32_t s = out.count; s < std::min(count, out.capacity); ++s) {
      const std::uint32_t length = read_once(from.lengths[s]);
      if (length > out.slots_max || length > problem.slot_count) return spoilt(report);
      const auto rows = out.rows.subspan(std::size_t{s} * out.slots_max, length);
      std::memcpy(rows.data(), from.rows.data() + std::size_t{s} * out.slots_max,
                  rows.size_bytes());
      if (!is_slate(problem, rows) || out.contains(rows)) return spoilt(report);
      const std::size_t first = std::size_t{s} * out.use_count;
      std::copy_n(from.violations.begin() + static_cast<std::ptrdiff_t>(first), out.use_count,
                  out.violations.begin() + static_cast<std::ptrdiff_t>(first));
      std::copy_n(from.soft_violations.begin() + static_cast<std::ptrdiff_t>(first), out.use_count,
                  out.soft_violations.begin() + static_cast<std::ptrdiff_t>(first));
      if (!take_certificate(from.certificates[s], length, out.certificates[s])) {
        return spoilt(report);
      }
      out.hashes[s] = hash64({reinterpret_cast<const char*>(rows.data()), rows.size_bytes()});
      out.lengths[s] = length;
      ++out.count;
    }
  }
  // Field by field: a byte that is no bool and no member of the enum must not become one.
  static bool take_certificate(const Certificate& from, std::uint32_t length, Certificate& out) {
    using SearchNumber = std::underlying_type_t<Search>;
    SearchNumber search = 0;
    std::memcpy(&search, &from.search, sizeof search);
    std::memcpy(&out.value, &from.value, sizeof out.value);
    std::memcpy(&out.penalty, &from.penalty, sizeof out.penalty);
    out.search = static_cast<Search>(std::min(search, static_cast<SearchNumber>(Search::Deadline)));
    out.hand_placed = std::min(length, read_once(from.hand_placed));
    out.work = std::min(read_once(from.work), kWorkMax);
    out.opaque_unbounded = false;  // such rules are not asked there
    // Infinite scores make infinite values here as well; what has no order is none.
    return !std::isnan(out.value) && !std::isnan(out.penalty);
  }
  // Rows that may be shown, none of them twice: what the builder of this process would have seen
  // to.
  static bool is_slate(const Problem& problem, std::span<const std::uint32_t> rows) {
    for (std::size_t slot = 0; slot < rows.size(); ++slot) {
      const std::uint32_t row = rows[slot];
      if (row >= problem.row_count || !test_bit(problem.candidates, row)) return false;
      const auto above = rows.first(slot);
      if (std::find(above.begin(), above.end(), row) != above.end()) return false;
    }
    return true;
  }
  static void spoilt(RunReport& report) {
    report = {LINEUP_E_INTERNAL, "its process answered with a slate that is none", report.work, -1};
  }

  std::unique_ptr<WorkerPool> pool_;
};

// Whether every index lies in the tables of the policy.
bool fits(const NodeBindings& bindings, const NodeLayout& layout) {
  const auto below = [](std::size_t count) {
    return [count](auto index) { return std::cmp_less(index, count); };
  };
  const std::uint32_t columns = layout.schema->size();
  return std::all_of(bindings.columns.begin(), bindings.columns.end(), below(columns)) &&
         std::all_of(bindings.outputs.begin(), bindings.outputs.end(), below(columns)) &&
         std::all_of(bindings.context.begin(), bindings.context.end(),
                     below(layout.context->paths().size()));
}

}  // namespace

Result<std::shared_ptr<NodeInstance>> make_isolated(std::shared_ptr<const NodeType> type,
                                                    const std::string& config, NodeLayout& layout,
                                                    const IsolationOptions& options) {
  if (type->kind == LINEUP_KIND_CONSTRAINT) {
    return failure("isolate/kind",
                   "a constraint is asked row by row and cannot have a process of its own");
  }
  if (options.program.empty()) {
    return failure("isolate/worker", "there is no lineup-worker beside this engine to run it in");
  }
  auto pool = std::make_unique<WorkerPool>(write_setup(*type, config, layout), type->path, options);
  const std::uint32_t most = std::max(1U, std::thread::hardware_concurrency());
  const std::uint32_t count = options.workers > 0 ? options.workers : std::min(most, kWorkersMax);
  const auto answer = pool->start(std::clamp(count, 1U, std::max(1U, layout.threads_max)));
  if (!answer) return tl::unexpected(answer.error());
  for (const std::string& path : answer->context) static_cast<void>(layout.context->slot(path));
  for (const std::string& name : answer->created) {
    ColumnSpec spec;
    spec.name = name;
    spec.type = ColumnType::Float;
    layout.schema->add(std::move(spec));
  }
  if (!fits(answer->bindings, layout)) {
    return failure("isolate/worker", "the worker process bound names that there are not");
  }
  return NodeInstance::remote(std::move(type), layout, answer->bindings,
                              std::make_unique<IsolatedNode>(std::move(pool)));
}

}  // namespace lineup
