// SPDX-License-Identifier: Apache-2.0
//
// Numbers of plugins that are steered while requests run. A policy declares them, the plugin binds
// them; what only one of the two does is refused here, or stays a fixed number. An instance does
// not know its dials: the plan keeps which one steers which number, so that a plan with one dial
// more does not cost a model that is read anew.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_document.hpp"
#include "native/metadata.hpp"
#include "plan/compile.hpp"

namespace lineup {

namespace {

// A live number as it stands in a configuration.
struct Declared {
  std::string path;
  std::int32_t dial = -1;
  Span span;
  double number = 0.0;
};

void collect(const Value& value, const std::string& path, std::vector<Declared>& out) {
  if (value.live >= 0) out.push_back({path, value.live, value.span, value.number});
  const auto join = [&](const std::string& step) {
    return path.empty() ? step : path + "." + step;
  };
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    collect(value.items[i], join(std::to_string(i + 1)), out);
  }
  for (const ValueEntry& entry : value.entries) collect(entry.value, join(entry.key), out);
}

// The configuration with the live number `dial` at `number`.
Value with_number(const Value& with, std::int32_t dial, double number) {
  Value out = with;
  if (out.live == dial) {
    out.number = number;
    out.kind = Value::Kind::Float;
    if (std::trunc(number) == number && std::abs(number) < 1e15) {
      out.kind = Value::Kind::Integer;
      out.integer = static_cast<std::int64_t>(number);
    }
  }
  for (Value& item : out.items) item = with_number(item, dial, number);
  for (ValueEntry& entry : out.entries) entry.value = with_number(entry.value, dial, number);
  return out;
}

bool knows(const NodeType& type, const std::string& path) {
  JsonDocument document;
  if (!document.try_parse(type.configuration_schema)) return false;
  const auto& schema = document.root();
  const auto properties = schema.is_object() ? schema.find("properties") : schema.end();
  return properties != schema.end() && properties->contains(path.substr(0, path.find('.')));
}

void refuse(const Declared& declared, const std::string& name, const NodeInstance* instance,
            Diagnostics& diagnostics) {
  std::string others;
  if (instance != nullptr) {
    for (const LiveNumber& each : instance->live()) {
      others += fmt::format("{}`{}`", others.empty() ? "" : ", ", each.path);
    }
  }
  diagnostics
      .error(declared.span, "policy/live",
             fmt::format("a number of plugin `{}` cannot be live: it is read once, when the plugin "
                         "is made",
                         name),
             fmt::format("write {} alone{}", declared.number,
                         others.empty() ? "" : fmt::format("; it takes live: {}", others)))
      .arguments = {{"name", name}};
}

// A dial must not reach a value that the plugin would refuse in a policy.
void check_bounds(const Value& with, const Declared& declared, const NodeType& type,
                  const Dial& dial, Diagnostics& diagnostics) {
  for (const double bound : {dial.min, dial.max}) {
    const Value moved = with_number(with, declared.dial, bound);
    const auto config = complete_config(type.configuration_schema, to_json(moved));
    if (config) continue;
    diagnostics
        .error(declared.span, "policy/range",
               fmt::format("`{}` could be set to {}, which the plugin does not take: {}", dial.name,
                           bound, config.error().message),
               "narrow `min` and `max` of `live`")
        .arguments = {{"name", dial.name}};
    return;
  }
}

}  // namespace

std::vector<std::int32_t> bind_live_numbers(const Value& with, const std::string& name,
                                            const NodeType& type, const NodeInstance* instance,
                                            const Plan& plan, Diagnostics& diagnostics) {
  std::vector<Declared> declared;
  collect(with, "", declared);
  std::vector<std::int32_t> dials;
  if (declared.empty()) return dials;
  if (instance != nullptr) dials.assign(instance->live().size(), -1);
  for (const Declared& each : declared) {
    bool is_bound = false;
    for (std::size_t i = 0; i < dials.size(); ++i) {
      if (instance->live()[i].path != each.path) continue;
      dials[i] = each.dial;
      is_bound = true;
    }
    if (is_bound) {
      check_bounds(with, each, type, plan.parameters[static_cast<std::size_t>(each.dial)],
                   diagnostics);
    } else if (instance != nullptr || !knows(type, each.path)) {
      refuse(each, name, instance, diagnostics);
    }
  }
  return dials;
}

}  // namespace lineup
