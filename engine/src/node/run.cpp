// SPDX-License-Identifier: Apache-2.0
//
// Every call has the same shape: refuse what the instance was not made for, make a frame, lease the
// instance, call it behind a wall, then look at what came back before anybody uses it.
#include "node/run.hpp"

#include <cmath>
#include <limits>
#include <new>

#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "node/builder_service.hpp"
#include "node/frame.hpp"
#include "node/plugin_text.hpp"
#include "node/remote.hpp"

namespace lineup {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Runs `body(frame)`, which returns a report; refusals and lack of memory become reports too.
template <typename Body>
RunReport run(NodeInstance& instance, const NodeRequest& request, Body&& body) noexcept {
  if (const std::string_view why = refusal(instance, request); !why.empty()) {
    return {LINEUP_E_INVALID_INPUT, why, 0, -1};
  }
  try {
    return body(*make_frame(instance, request));
  } catch (const std::bad_alloc&) {
    return {LINEUP_E_BUDGET, "no memory", 0, -1};
  } catch (...) {
    return {LINEUP_E_INTERNAL, "the engine failed while it called a node", 0, -1};
  }
}

// What a scorer finds in an output: the column of that name, NaN where it has no value.
void copy_column(const Table& table, std::uint32_t index, std::span<double> out) {
  const Column* column = index < table.columns.size() ? &table.columns[index] : nullptr;
  if (column == nullptr || !column->present || column->floats == nullptr) {
    for (double& value : out) value = kMissing;
    return;
  }
  for (std::uint32_t row = 0; row < out.size(); ++row) {
    out[row] = column->is_missing(row) ? kMissing : column->floats[row];
  }
}

// Runs `there` where the instance's plugin runs elsewhere and was made for such a request.
template <typename There>
bool is_elsewhere(const NodeInstance& instance, const NodeRequest& request, RunReport& report,
                  There&& there) {
  if (instance.remote() == nullptr) return false;
  const std::string_view why = refusal(instance, request);
  report = why.empty() ? there(*instance.remote()) : RunReport{LINEUP_E_INVALID_INPUT, why, 0, -1};
  return true;
}

bool fits(std::span<const std::span<double>> outputs, std::size_t count, std::size_t rows) {
  if (outputs.size() != count) return false;
  for (const auto& output : outputs) {
    if (output.size() != rows) return false;
  }
  return true;
}

}  // namespace

RunReport run_scorer(NodeInstance& instance, const NodeRequest& request,
                     std::span<const std::span<double>> outputs) {
  if (RunReport report; is_elsewhere(instance, request, report, [&](RemoteNode& remote) {
        return remote.score(instance, request, outputs);
      })) {
    return report;
  }
  return run(instance, request, [&](CallFrame& frame) -> RunReport {
    if (!fits(outputs, instance.outputs().size(), frame.row_count)) {
      return {LINEUP_E_INVALID_INPUT, "the outputs do not fit the scorer", 0, -1};
    }
    if (frame.row_count == 0) return {};
    const auto pointers = request.arena->allocate<double*>(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      copy_column(request.batch->rows, instance.outputs()[i], outputs[i]);
      pointers[i] = outputs[i].data();
    }
    const auto* table = static_cast<const lineup_scorer*>(instance.kind_table());
    const NodeInstance::Lease lease = instance.lease();
    const lineup_status status = call_plugin(
        &frame.sink, [&] { return table->score(lease.instance, &frame, pointers.data()); });
    for (const auto& output : outputs) {
      for (double& value : output) {
        if (!std::isfinite(value)) value = kMissing;
      }
    }
    return frame.finish(status);
  });
}

RunReport run_generator(NodeInstance& instance, const NodeRequest& request, const Problem& problem,
                        SlateSet& out) {
  if (RunReport report; is_elsewhere(instance, request, report, [&](RemoteNode& remote) {
        return remote.generate(instance, request, problem, out);
      })) {
    return report;
  }
  return run(instance, request, [&](CallFrame& frame) -> RunReport {
    if (request.score.size() != problem.row_count || problem.row_count != frame.row_count ||
        request.discounts.size() < problem.slot_count || out.slots_max < problem.slot_count ||
        out.use_count != problem.use_count) {
      return {LINEUP_E_INVALID_INPUT, "the problem does not fit the request", 0, -1};
    }
    const auto* table = static_cast<const lineup_generator*>(instance.kind_table());
    BuilderCall builders(frame, request, problem, out);
    lineup_status status = LINEUP_OK;
    if (problem.row_count == 0 || problem.slot_count == 0) {
      // Nothing to choose from: plugins need not think of it.
      status = builder_service().emit(builders.root(), nullptr);
    } else {
      const NodeInstance::Lease lease = instance.lease();
      status = call_plugin(
          &frame.sink, [&] { return table->generate(lease.instance, &frame, builders.root()); });
    }
    if (status == LINEUP_OK && builders.emitted() == 0) {
      frame.report("emitted no slate");
      status = LINEUP_E_INTERNAL;
    }
    RunReport report = frame.finish(status);
    report.broken_use = builders.broken_use();
    return report;
  });
}

RunReport run_evaluator(NodeInstance& instance, const NodeRequest& request,
                        const lineup_slates& pages, std::span<double> values) {
  if (instance.remote() != nullptr) {
    return {LINEUP_E_UNSUPPORTED,
            "an evaluator in a process of its own cannot be asked while pages are built", 0, -1};
  }
  return run(instance, request, [&](CallFrame& frame) -> RunReport {
    const std::size_t objectives = frame.objective_count;
    if (values.size() != pages.slate_count * objectives) {
      return {LINEUP_E_INVALID_INPUT, "the values do not fit the slates", 0, -1};
    }
    if (pages.slate_count == 0) return {};
    const auto answers = request.arena->zeroed<double>(values.size());
    const auto* table = static_cast<const lineup_evaluator*>(instance.kind_table());
    lineup_status status = LINEUP_OK;
    {
      const NodeInstance::Lease lease = instance.lease();
      status = call_plugin(&frame.sink, [&] {
        return table->evaluate(lease.instance, &frame, &pages, answers.data());
      });
    }
    for (std::size_t i = 0; i < answers.size() && status == LINEUP_OK; ++i) {
      if (std::isfinite(answers[i])) continue;
      frame.report("gave a value that is not finite");
      status = LINEUP_E_INTERNAL;
    }
    if (status == LINEUP_OK) {
      for (std::size_t i = 0; i < answers.size(); ++i) values[i] += answers[i];
    }
    return frame.finish(status);
  });
}

RunReport run_evaluator(NodeInstance& instance, const NodeRequest& request, const SlateSet& slates,
                        std::span<double> values) {
  if (RunReport report; is_elsewhere(instance, request, report, [&](RemoteNode& remote) {
        return remote.evaluate(instance, request, slates, values);
      })) {
    return report;
  }
  const lineup_slates pages = {sizeof(lineup_slates), slates.count,         slates.slots_max, 0,
                               slates.rows.data(),    slates.lengths.data()};
  return run_evaluator(instance, request, pages, values);
}

RunReport run_chosen(NodeInstance& instance, const NodeRequest& request, const lineup_chosen& table,
                     const lineup_choice& choice) {
  return run(instance, request, [&](CallFrame& frame) -> RunReport {
    const NodeInstance::Lease lease = instance.lease();
    return frame.finish(
        call_plugin(&frame.sink, [&] { return table.chosen(lease.instance, &frame, &choice); }));
  });
}

}  // namespace lineup
