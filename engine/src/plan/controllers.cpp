// SPDX-License-Identifier: Apache-2.0
#include "plan/controllers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"
#include "plan/compile.hpp"
#include "plan/plan.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

const Dial* find_dial(const Plan& plan, const std::string& name, std::uint32_t& index) {
  for (index = 0; index < plan.dial_count(); ++index) {
    const Dial& dial = index < plan.weights.size() ? plan.weights[index]
                                                   : plan.parameters[index - plan.weights.size()];
    if (dial.name == name) return &dial;
  }
  return nullptr;
}

std::vector<std::string> dial_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const Dial& dial : plan.weights) names.push_back(dial.name);
  for (const Dial& dial : plan.parameters) names.push_back(dial.name);
  return names;
}

class Compiler {
 public:
  Compiler(PlanEnvironment& environment, Plan& plan, Diagnostics& diagnostics)
      : environment_(environment), plan_(plan), diagnostics_(diagnostics) {}

  void add(const PolicyController& document) {
    PlanController out;
    out.name = document.name;
    const Dial* dial = find_dial(plan_, document.move, out.dial);
    if (dial == nullptr) return say_unknown_dial(document);
    if (dial->min == dial->max) {
      return say(document.move_span, document.name, "policy/controller",
                 fmt::format("controller `{}` cannot move `{}`: it has no bounds", document.name,
                             document.move),
                 "give the weight a `min` and a `max`");
    }
    for (const PlanController& other : plan_.controllers) {
      if (other.dial != out.dial) continue;
      return say(document.move_span, document.name, "policy/controller",
                 fmt::format("controllers `{}` and `{}` both move `{}`", other.name, document.name,
                             document.move),
                 "a dial obeys one of them");
    }
    const ConditionScope scope{&plan_.schema, &plan_.context, &plan_.lists, &plan_.segment_names,
                               &plan_.zone};
    if (document.where.kind == Value::Kind::Text) {
      out.where.compile(document.where.text, scope, document.where.span, document.where.text_offset,
                        diagnostics_);
    }
    if (!document.column.empty() && !find_column(document, out)) return;
    if (!document.event.empty()) out.event = hash64(document.event);
    out.spec = spec_of(document, *dial);
    // Who only checks a policy has none that live on.
    out.controller = environment_.controller ? environment_.controller(plan_.scene, document.name)
                                             : std::make_shared<Controller>();
    plan_.controllers.push_back(std::move(out));
  }

  void throw_switch(const PolicySwitch& entry) {
    std::vector<std::string> names;
    for (PlanController& controller : plan_.controllers) {
      names.push_back(controller.name);
      if (controller.name != entry.name) continue;
      controller.spec.is_on = false;
      plan_.switch_texts.push_back(fmt::format("controller `{}` is switched off", entry.name));
      return;
    }
    const std::string near = nearest(entry.name, names);
    say(entry.span, entry.name, "policy/switch",
        fmt::format("the policy has no controller `{}` to switch off", entry.name),
        near.empty() ? std::string("take the switch out")
                     : fmt::format("did you mean `{}`?", near));
  }

 private:
  void say(const Span& span, const std::string& name, const char* code, std::string message,
           std::string hint) {
    diagnostics_.error(span, code, std::move(message), std::move(hint)).arguments = {
        {"name", name}};
  }

  void say_unknown_dial(const PolicyController& document) {
    const std::string near = nearest(document.move, dial_names(plan_));
    say(document.move_span, document.move, "policy/unknown-dial",
        fmt::format("`{}` is no objective and no live parameter", document.move),
        near.empty() ? "a number is live when it says `{value, live: {min, max}}`"
                     : fmt::format("did you mean `{}`?", near));
  }

  bool find_column(const PolicyController& document, PlanController& out) {
    const auto found = plan_.schema.find(document.column);
    if (found && plan_.schema[*found].type == ColumnType::Float) {
      out.column = static_cast<std::int32_t>(*found);
      return true;
    }
    const std::string near = nearest(document.column, plan_.schema.names());
    say(document.column_span, document.column, found ? "policy/type" : "policy/unknown-column",
        found ? fmt::format("column `{}` is {}: only floats add up", document.column,
                            name_of(plan_.schema[*found].type))
              : fmt::format("unknown column `{}`", document.column),
        near.empty() || found ? "" : fmt::format("did you mean `{}`?", near));
    return false;
  }

  static ControllerSpec spec_of(const PolicyController& document, const Dial& dial) {
    const auto ms = [](double value) { return static_cast<std::int64_t>(value); };
    ControllerSpec out;
    out.target = document.target;
    out.tolerance = document.tolerance;
    out.scale = document.hold == PolicyController::Hold::PerThousand ? 1000.0 : 1.0;
    out.start = dial.value;
    out.min = dial.min;
    out.max = dial.max;
    out.max_step = dial.max_step > 0.0 ? dial.max_step : dial.max - dial.min;
    out.p = document.p;
    out.i = document.gain;
    if (out.i == 0.0 && document.target != 0.0) {
      out.i = 0.5 * (dial.max - dial.min) / std::abs(document.target);
    }
    out.d = document.d;
    out.trend = document.trend;
    out.every_ms = ms(document.every_ms);
    out.exposures = static_cast<std::uint64_t>(document.exposures);
    out.warm_up = static_cast<std::uint64_t>(document.warm_up);
    out.patience_ms = ms(document.patience_ms);
    out.give_up_ms = ms(document.give_up_ms);
    out.retry_ms = ms(document.retry_ms);
    out.releases_unheard = document.releases_unheard;
    out.releases_unreachable = document.releases_unreachable;
    return out;
  }

  PlanEnvironment& environment_;
  Plan& plan_;
  Diagnostics& diagnostics_;
};

}  // namespace

void compile_controllers(const PolicyDocument& document, PlanEnvironment& environment, Plan& plan,
                         Diagnostics& diagnostics) {
  Compiler compiler(environment, plan, diagnostics);
  for (const PolicyController& each : document.controllers) compiler.add(each);
  for (const PolicySwitch& entry : document.switches) {
    if (entry.kind == PolicySwitch::Kind::Controller) compiler.throw_switch(entry);
  }
}

void move_dials(Run& run, std::span<double> dials) {
  const auto& controllers = run.plan.controllers;
  if (controllers.empty()) return;
  auto outputs = run.arena.allocate<double>(controllers.size());
  for (std::size_t c = 0; c < controllers.size(); ++c) {
    const PlanController& each = controllers[c];
    const double output =
        each.spec.is_on ? each.controller->output(run.request.now_ms) : std::nan("");
    // A new revision may have narrower bounds than the one it was given out under.
    if (!std::isnan(output)) {
      dials[each.dial] = std::clamp(output, each.spec.min, each.spec.max);
    }
    outputs[c] = dials[each.dial];
  }
  run.control_outputs = outputs;
}

ControlNotes note_controls(Run& run, std::span<const std::uint32_t> slate) {
  const auto& controllers = run.plan.controllers;
  if (controllers.empty() || run.control_outputs.empty()) return {};
  auto followed = run.arena.allocate<std::uint8_t>(controllers.size());
  auto values = run.arena.allocate<float>(controllers.size() * slate.size());
  for (std::size_t c = 0; c < controllers.size(); ++c) {
    const PlanController& each = controllers[c];
    const double used = each.dial < run.weights.size()
                            ? run.weights[each.dial]
                            : run.parameters[each.dial - run.weights.size()];
    followed[c] = used == run.control_outputs[c] ? 1 : 0;
    for (std::size_t slot = 0; slot < slate.size(); ++slot) {
      const std::uint32_t row = slate[slot];
      const bool counts =
          each.where.is_empty() ||
          each.where.holds(run.batch.rows, run.batch.vocabularies, run.context, row);
      double value = counts ? 1.0 : 0.0;
      if (counts && each.column >= 0) {
        const Column& column = run.batch.rows.columns[static_cast<std::uint32_t>(each.column)];
        const bool has = column.present && !column.is_missing(row);
        value = has && std::isfinite(column.floats[row]) ? column.floats[row] : 0.0;
      }
      values[c * slate.size() + slot] = static_cast<float>(value);
    }
  }
  return {run.control_outputs, followed, values};
}

}  // namespace lineup
