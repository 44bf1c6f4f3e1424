// SPDX-License-Identifier: Apache-2.0
//
// The graph while it runs on one problem: calls of its nodes, wherever they are made, and what the
// request is told of them, which is always told in the order of the nodes. Internal to this folder.
#pragma once

#include <cstdint>
#include <span>

#include "plan/run.hpp"

namespace lineup {

// What one call of a node came to, before anybody is told.
struct NodeCall {
  RunReport report;
  std::int64_t began_ns = 0;
  std::int64_t ended_ns = 0;
};

// What the nodes so far have made.
struct GraphRun {
  Run& run;
  const Problem& problem;
  PageValuer& worth;
  SlateSet slates;
  std::span<double> values;  // [slates * objectives] once an evaluator runs
  bool is_evaluated = false;
  std::int32_t broken_use = -1;  // the rule that broke: nothing of this run is of use
};

// nodes.cpp: one call, told to nobody. Writes to `memory` and `out` or `values` alone, so that
// several may be made at once.
[[nodiscard]] NodeCall call_generator(const Run& run, std::size_t node, const NodeMemory& memory,
                                      std::int64_t began_ns, PageValuer& worth,
                                      const Problem& problem, SlateSet& out);
[[nodiscard]] NodeCall call_evaluator(const Run& run, std::size_t node, const NodeMemory& memory,
                                      std::int64_t began_ns, const SlateSet& slates,
                                      std::span<double> values);
// Whether a breaker, a switch or a branch keeps the node from being called; `is_left_out` also says
// so to the request.
[[nodiscard]] bool is_kept_out(const Run& run, std::size_t node);
[[nodiscard]] bool is_left_out(Run& run, std::size_t node);
// Makes room for the values of all slates, once.
void begin_values(GraphRun& graph);
// Tells the request what a call came to, after its slates and values are in; `before`: slates that
// were there when it began.
void settle(GraphRun& graph, std::size_t node, const NodeCall& call, std::uint32_t before);
// Runs one node by itself; not, when no time is left and there are slates.
void run_node(GraphRun& graph, std::size_t node);

// beside.cpp: runs the nodes from `first` on that may run beside each other, and gives back the one
// after them; `first` itself when it is no node to begin a group with.
[[nodiscard]] std::size_t run_beside(GraphRun& graph, std::size_t first);

}  // namespace lineup
