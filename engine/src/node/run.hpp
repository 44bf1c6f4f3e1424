// SPDX-License-Identifier: Apache-2.0
//
// Calls the nodes of a plan. A call hands the plugin views of the request's columns, keeps it to
// its budget, and takes nothing from it unchecked: what comes back is finite, in range, and
// allowed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "batch/batch.hpp"
#include "constraint/opaque.hpp"
#include "constraint/problem.hpp"
#include "lineup/ext/chosen.h"
#include "lineup/plugin.h"
#include "node/instance.hpp"
#include "node/slate_set.hpp"

namespace lineup {

// LIMIT: builders that one generate() call may hold: a beam of 128 with its children. Each costs
// the memory of a page's state until the request ends.
inline constexpr std::uint32_t kForksMax = 256;
// LIMIT: bytes that a plugin may take from the arena in one call.
inline constexpr std::uint64_t kCallMemoryMaxBytes = 64ULL << 20;
// LIMIT: bytes kept of what a plugin says when it fails.
inline constexpr std::uint32_t kMessageMaxBytes = 1024;

// What generators may ask of the rest of the graph: the worth of pages by its evaluators, under the
// request's weights. Whoever runs the graph offers it; it lives while the graph runs.
class PageValuer {
 public:
  // worth[s] of every page; `work` receives what the evaluators spent. UNSUPPORTED: none runs.
  virtual lineup_status value(const lineup_slates& pages, std::span<double> worth,
                              std::uint64_t& work) = 0;

 protected:
  ~PageValuer() = default;
};

// One call's view of the request. Everything is borrowed until the request ends.
struct NodeRequest {
  const Schema* schema = nullptr;
  const Batch* batch = nullptr;
  RequestContext context;
  std::span<const double> weights;    // [objectives] the composed vector
  std::span<const double> discounts;  // [slot_count]
  std::span<const Word> candidates;   // [word_count(row_count)] rows that pass the filters
  std::uint32_t slot_count = 0;
  std::uint64_t seed = 0;  // of the request and this node
  std::int64_t now_ms = 0;
  std::int64_t deadline_ns = INT64_MAX;  // CLOCK_MONOTONIC; INT64_MAX: none
  std::uint64_t work_limit = UINT64_MAX;
  std::uint64_t improve_limit = UINT64_MAX;  // of the work, for more value than the first page has
  double gap = 0.0;               // the solver stops improving within this share of its bound
  std::span<const double> score;  // [row_count] finite: what solve and emit use without a utility
  // Per live number of the instance: the place in `dials` of what steers it; -1: nothing does.
  // Empty: nothing steers any.
  std::span<const std::int32_t> live_dials;
  std::span<const double> dials;
  Arena* arena = nullptr;
  // Dictionaries made so far, per column of the schema; null at the start of a request. They live
  // in the arena: share one span between calls only if the arena is not rewound in between. Empty:
  // each call makes its own.
  std::span<const lineup_dictionary*> dictionaries;
  PageValuer* valuer = nullptr;  // generators: null when the graph has no evaluators
};

// How a call ended.
struct RunReport {
  lineup_status status = LINEUP_OK;
  std::string_view message;      // of the plugin or about it, in the arena; empty when ok
  std::uint64_t work = 0;        // units spent, the solver's included
  std::int32_t broken_use = -1;  // generators: the rule whose opaque constraint broke, or -1
};

// All of these are [request]: no heap memory after warm-up, no exception comes out. When the plugin
// fails, the report says so and what was there before the call is unchanged.

// Calls a scorer. outputs[i] receives the new column instance.outputs()[i], [row_count]; infinite
// values become missing (NaN). On an error they are of no use.
RunReport run_scorer(NodeInstance& instance, const NodeRequest& request,
                     std::span<const std::span<double>> outputs);

// Calls a generator, which builds its slates over `problem` and adds them to `out`. What was
// emitted before an error counts. An ok call that emitted nothing is reported as LINEUP_E_INTERNAL.
RunReport run_generator(NodeInstance& instance, const NodeRequest& request, const Problem& problem,
                        SlateSet& out);

// Calls an evaluator and adds its answers to values[slate * objectives + objective]; all of them,
// or on an error none. A value that is not finite is an error.
RunReport run_evaluator(NodeInstance& instance, const NodeRequest& request, const SlateSet& slates,
                        std::span<double> values);
// The same of pages that nobody emitted. REQUIRES: rows of candidates, at most slot_count a page.
RunReport run_evaluator(NodeInstance& instance, const NodeRequest& request,
                        const lineup_slates& pages, std::span<double> values);

// Tells a generator what became of its proposals, by its table of lineup/ext/chosen.h.
RunReport run_chosen(NodeInstance& instance, const NodeRequest& request, const lineup_chosen& table,
                     const lineup_choice& choice);

// A constraint plugin bound to one request. Lives in the request's arena and is never destroyed.
class BoundConstraint : public Opaque {
 public:
  // How its calls went so far; after one failed, every judgement is `broken`.
  [[nodiscard]] virtual RunReport report() const = 0;

 protected:
  ~BoundConstraint() override = default;
};

// Prepares a constraint for this request; null on an error, which `report` tells. The same request,
// its batch and its arena must outlive what comes back.
BoundConstraint* bind_constraint(NodeInstance& instance, const NodeRequest& request,
                                 RunReport& report);

}  // namespace lineup
