// SPDX-License-Identifier: Apache-2.0
//
// Nodes that do not need each other run at once; what the request is told of them is told
// afterwards, in the order in which they would have run, so that the answer is the same to the
// byte. A generator emits into a set of its own, which is then added to the request's: the same
// slates in the same order, copies left out. Where that is not what would have come of it, because
// the generator looked at the slates so far or there was no room for all of its own, its slates are
// thrown away and it runs once more, after those before it. An evaluator adds to values of its own,
// which are added up in order. Nodes beside each other write to nothing that they share.
#include "plan/beside.hpp"

#include <algorithm>
#include <atomic>
#include <new>

#include "base/clock.hpp"
#include "plan/compile.hpp"
#include "plan/node_call.hpp"
#include "plan/page_worth.hpp"

namespace lineup {

namespace {

// One node of a group, and what it made.
struct Part {
  std::size_t node = 0;
  NodeCall call;
  SlateSet slates;           // generators
  std::span<double> values;  // evaluators
  std::span<const lineup_dictionary*> dictionaries;
  bool is_too_late = false;  // it was not called: no time was left
};

struct Group {
  GraphRun& graph;
  Beside& beside;
  std::span<Part> parts;
};

// Waking a thread takes the one who wakes about 10 us and the one who wakes up 20 to 50, and both
// then share what the processor shares. What helpers could take off a request must be worth more.
constexpr std::int64_t kWorthWakingNs = 60'000;
// A call counts so much for what a node usually takes.
constexpr std::int64_t kHabitShare = 8;

// What a search remembers is copied, what it only reads is not.
struct CopyWritten {
  Arena& arena;
  std::span<const float> operator()(std::span<const float> read) const { return read; }
  template <typename T>
  std::span<T> operator()(std::span<T> written) const {
    const auto copy = arena.allocate<T>(written.size());
    std::copy(written.begin(), written.end(), copy.begin());
    return copy;
  }
};

// The problem with memory of its own for what a search remembers between questions.
Problem problem_of_its_own(const Problem& problem, Arena& arena) {
  const auto remembers = [](const Constraint& one) { return one.closeness != nullptr; };
  const auto& shared = problem.constraints;
  Problem own = problem;
  if (std::none_of(shared.begin(), shared.end(), remembers)) return own;
  const auto constraints = arena.allocate<Constraint>(shared.size());
  std::copy(shared.begin(), shared.end(), constraints.begin());
  for (Constraint& constraint : constraints) {
    if (constraint.closeness == nullptr) continue;
    void* memory = arena.allocate_bytes(sizeof(Closeness), alignof(Closeness));
    constraint.closeness = new (memory) Closeness(*constraint.closeness, CopyWritten{arena});
  }
  own.constraints = constraints;
  return own;
}

void call_part(Group& group, Part& part, Arena& arena, std::int64_t began_ns) {
  const Run& run = group.graph.run;
  part.dictionaries = arena.allocate<const lineup_dictionary*>(run.dictionaries.size());
  std::copy(run.dictionaries.begin(), run.dictionaries.end(), part.dictionaries.begin());
  const NodeMemory memory{arena, part.dictionaries};
  if (run.plan.nodes[part.node].kind == NodeKind::Evaluator) {
    part.values = arena.zeroed<double>(group.graph.values.size());
    part.call = call_evaluator(run, part.node, memory, began_ns, group.graph.slates, part.values);
    return;
  }
  const SlateSet& all = group.graph.slates;
  part.slates = SlateSet::make(all.capacity, all.slots_max, all.use_count, arena);
  PageWorth worth(group.graph.run, memory, run.slots);
  part.call = call_generator(run, part.node, memory, began_ns, worth,
                             problem_of_its_own(group.graph.problem, arena), part.slates);
}

// On any thread. The time of a node begins when somebody has taken it: while it waits for a thread,
// nothing is on its account.
void do_part(void* context, std::uint32_t place) noexcept {
  Group& group = *static_cast<Group*>(context);
  Part& part = group.parts[place];
  const std::int64_t now_ns = monotonic_ns();
  part.is_too_late = now_ns >= group.graph.run.deadline_ns;
  if (part.is_too_late) return;
  try {
    call_part(group, part, group.beside.arena(place), now_ns);
  } catch (const std::bad_alloc&) {
    part.slates.count = 0;
    part.call = {{LINEUP_E_BUDGET, "no memory", 0, -1}, now_ns, monotonic_ns()};
  }
}

// Whether two nodes are one instance whose calls must not overlap: one would wait for the other on
// a thread that could do something else.
bool exclude_each_other(const PlanNode& a, const PlanNode& b) {
  return a.instance == b.instance && a.instance->remote() == nullptr &&
         a.instance->type().threads == ThreadClass::Serial;
}

bool may_run_beside(const GraphRun& graph, std::span<const Part> parts, std::size_t n) {
  const PlanNode& node = graph.run.plan.nodes[n];
  if (!node.is_independent) return false;
  // Code rules and constraint plugins are bound to the request's own thread and ask one at a time.
  if (node.kind == NodeKind::Generator &&
      (!graph.run.plan.opaques.empty() ||
       node.habits->looks_at_others.load(std::memory_order_relaxed))) {
    return false;
  }
  return std::none_of(parts.begin(), parts.end(), [&](const Part& part) {
    return exclude_each_other(graph.run.plan.nodes[part.node], node);
  });
}

// The node after those that run at once, `parts` of them; nodes that are kept out are passed over.
std::size_t find_group(const GraphRun& graph, std::size_t first, std::span<Part> parts,
                       std::uint32_t& count) {
  const auto& nodes = graph.run.plan.nodes;
  std::size_t n = first;
  for (; n < nodes.size() && nodes[n].kind == nodes[first].kind; ++n) {
    if (is_kept_out(graph.run, n)) continue;
    if (count == parts.size() || !may_run_beside(graph, parts.first(count), n)) break;
    parts[count++].node = n;
  }
  return n;
}

// Whether helpers could take enough off the request: all that its longest node leaves, at best.
bool is_worth_waking(const Plan& plan, std::span<const Part> parts) {
  std::int64_t all_ns = 0;
  std::int64_t longest_ns = 0;
  for (const Part& part : parts) {
    const std::int64_t usual_ns =
        plan.nodes[part.node].habits->usual_ns.load(std::memory_order_relaxed);
    if (usual_ns < 0) return true;  // nobody knows
    all_ns += usual_ns;
    longest_ns = std::max(longest_ns, usual_ns);
  }
  return all_ns - longest_ns >= kWorthWakingNs;
}

// Threads of several requests may do so at once; one of them is then not counted.
void note_habit(const PlanNode& node, const NodeCall& call) {
  std::atomic<std::int64_t>& usual = node.habits->usual_ns;
  const std::int64_t before_ns = usual.load(std::memory_order_relaxed);
  const std::int64_t took_ns = call.ended_ns - call.began_ns;
  usual.store(before_ns < 0 ? took_ns : before_ns + (took_ns - before_ns) / kHabitShare,
              std::memory_order_relaxed);
}

void keep_dictionaries(Run& run, const Part& part) {
  for (std::size_t i = 0; i < part.dictionaries.size(); ++i) {
    if (run.dictionaries[i] == nullptr) run.dictionaries[i] = part.dictionaries[i];
  }
}

// A generator that would have seen or met the slates before its own runs again, now after them.
void take_slates(GraphRun& graph, Part& part) {
  Run& run = graph.run;
  const std::uint32_t before = graph.slates.count;
  const bool has_missed = before > 0 && part.slates.was_read != 0;
  if (has_missed) {
    run.plan.nodes[part.node].habits->looks_at_others.store(true, std::memory_order_relaxed);
  }
  if (!has_missed && graph.slates.append(part.slates)) {
    settle(graph, part.node, part.call, before);
    return;
  }
  run.outcomes[part.node].elapsed_ns += part.call.ended_ns - part.call.began_ns;
  run_node(graph, part.node);
}

void take_values(GraphRun& graph, const Part& part) {
  if (part.call.report.status == LINEUP_OK) {
    for (std::size_t i = 0; i < part.values.size(); ++i) graph.values[i] += part.values[i];
  }
  settle(graph, part.node, part.call, graph.slates.count);
}

}  // namespace

std::size_t run_beside(GraphRun& graph, std::size_t first) {
  Run& run = graph.run;
  const bool evaluates = run.plan.nodes[first].kind == NodeKind::Evaluator;
  if (evaluates && graph.slates.count == 0) return first;
  std::array<Part, kBesideMax> parts;
  std::uint32_t count = 0;
  const std::size_t after = find_group(graph, first, parts, count);
  if (count < 2) return first;
  if (evaluates) begin_values(graph);
  Group group{graph, *run.session.beside, std::span(parts).first(count)};
  if (is_worth_waking(run.plan, group.parts)) {
    group.beside.run(count, do_part, &group);
  } else {
    // In the same memory, so that a session is warm for either.
    for (std::uint32_t place = 0; place < count; ++place) do_part(&group, place);
  }
  std::uint32_t next = 0;
  for (std::size_t n = first; n < after && graph.broken_use < 0; ++n) {
    if (next == count || parts[next].node != n) {
      static_cast<void>(is_left_out(run, n));  // says why
      continue;
    }
    Part& part = parts[next++];
    keep_dictionaries(run, part);
    if (!part.is_too_late) note_habit(run.plan.nodes[n], part.call);
    if (part.is_too_late) {
      run_node(graph, n);  // which it is not, unless there are no slates
    } else if (evaluates) {
      take_values(graph, part);
    } else {
      take_slates(graph, part);
    }
  }
  return after;
}

void find_independent(Plan& plan) {
  for (PlanNode& node : plan.nodes) {
    const auto is_generator = [&](std::uint32_t input) {
      return plan.nodes[input].kind == NodeKind::Generator;
    };
    const bool improves = node.kind == NodeKind::Generator &&
                          std::any_of(node.inputs.begin(), node.inputs.end(), is_generator);
    node.is_independent =
        (node.kind == NodeKind::Generator && !improves) || node.kind == NodeKind::Evaluator;
    node.habits = std::make_shared<NodeHabits>();
  }
}

}  // namespace lineup
