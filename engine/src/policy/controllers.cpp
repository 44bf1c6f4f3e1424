// SPDX-License-Identifier: Apache-2.0
//
// Controllers as they are written: what is held, by moving what. Which dials and columns there are
// is known when the plan is compiled.
#include <fmt/format.h>

#include <cmath>

#include "policy/parse.hpp"
#include "policy/scalars.hpp"

namespace lineup {

namespace {

void say(const Span& span, const char* code, std::string message, std::string hint,
         const std::string& name, Diagnostics& diagnostics) {
  diagnostics.error(span, code, std::move(message), std::move(hint)).arguments = {{"name", name}};
}

// What is measured must be one thing: a share of rows, the sum of a column, or of events.
void check_measure(const PolicyFields& fields, const PolicyController& controller,
                   Diagnostics& diagnostics) {
  const bool is_share = controller.hold == PolicyController::Hold::Share;
  const bool has_column = !controller.column.empty();
  const bool has_event = !controller.event.empty();
  if (is_share && (has_column || has_event)) {
    say(fields.span(has_column ? "column" : "event"), "policy/controller",
        fmt::format("controller `{}` holds a share: no `{}` is added up", controller.name,
                    has_column ? "column" : "event"),
        "say which rows count with `where`", controller.name, diagnostics);
  } else if (is_share && controller.where.kind != Value::Kind::Text) {
    say(controller.span, "policy/controller",
        fmt::format("controller `{}` holds a share of no rows", controller.name),
        "say which rows count: `where: 'is_new'`", controller.name, diagnostics);
  } else if (!is_share && has_column == has_event) {
    say(controller.span, "policy/controller",
        fmt::format("controller `{}` adds up {}", controller.name,
                    has_column ? "two things" : "nothing"),
        "name one `column` or one `event`", controller.name, diagnostics);
  }
  if (is_share && (controller.target <= 0.0 || controller.target >= 1.0)) {
    say(fields.span("target"), "policy/range",
        fmt::format("`target` of a share must lie between 0 and 1, got {}", controller.target),
        "15 % is 0.15", controller.name, diagnostics);
  }
}

void read_controller(const YamlEntry& entry, PolicyDocument& out, Diagnostics& diagnostics) {
  const PolicyFields fields(entry.value, *policy_keys().find("controllers")->table, diagnostics);
  PolicyController controller;
  controller.name = entry.key;
  controller.span = entry.key_span;
  controller.hold = fields.text("hold") == "per_thousand" ? PolicyController::Hold::PerThousand
                                                          : PolicyController::Hold::Share;
  if (const YamlNode* where = fields.find("where")) {
    controller.where = parse_value(*where, entry.key, out, diagnostics);
  }
  controller.column = fields.text("column");
  controller.column_span = fields.span("column");
  controller.event = fields.text("event");
  controller.target = fields.number("target", 0.0);
  controller.tolerance = fields.number("tolerance", std::abs(controller.target) / 20.0);
  controller.move = fields.text("move");
  controller.move_span = fields.span("move");
  controller.gain = fields.number("gain", 0.0);
  controller.p = fields.number("p", 0.0);
  controller.d = fields.number("d", 0.0);
  controller.trend = fields.number("trend", 0.0);
  controller.every_ms = fields.number("every_ms", controller.every_ms);
  controller.exposures = fields.number("exposures", controller.exposures);
  controller.warm_up = fields.number("warm_up", controller.warm_up);
  controller.patience_ms = fields.number("patience_ms", controller.patience_ms);
  controller.give_up_ms = fields.number("give_up_ms", controller.give_up_ms);
  controller.retry_ms = fields.number("retry_ms", controller.retry_ms);
  controller.releases_unheard = fields.text("unheard") == "release";
  controller.releases_unreachable = fields.text("unreachable", "release") == "release";
  check_measure(fields, controller, diagnostics);
  out.controllers.push_back(std::move(controller));
}

}  // namespace

void parse_controllers(const YamlNode& map, PolicyDocument& out, Diagnostics& diagnostics) {
  for (const YamlEntry& entry : map.entries) {
    if (!is_name(entry.key)) {
      say(entry.key_span, "policy/name", fmt::format("`{}` is no name of a controller", entry.key),
          "names begin with a letter and go on with letters, digits, `_` or `-`", entry.key,
          diagnostics);
    } else if (entry.value.kind != Value::Kind::Map) {
      say(entry.value.span, "policy/type",
          fmt::format("a controller must be a map, found {}", describe(entry.value.kind)),
          "write {hold: share, where: 'is_new', target: 0.15, move: boost.add}, for example",
          entry.key, diagnostics);
    } else {
      read_controller(entry, out, diagnostics);
    }
  }
}

}  // namespace lineup
