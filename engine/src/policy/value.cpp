// SPDX-License-Identifier: Apache-2.0
//
// Values for rules and plugins, and the numbers in them that are steered at run time.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/parse.hpp"

namespace lineup {

namespace {

// LIMIT: every live parameter is a cell that each request composes.
constexpr std::size_t kParametersMax = 1000;

void report(const Span& span, const char* code, std::string message, std::string hint,
            const std::string& name, Diagnostics& diagnostics) {
  diagnostics.error(span, code, std::move(message), std::move(hint)).arguments = {{"name", name}};
}

// Whether the bounds of a live number can be met at all.
bool check_bounds(const PolicyParameter& parameter, Diagnostics& diagnostics) {
  if (parameter.min > parameter.max) {
    report(parameter.span, "policy/bounds",
           fmt::format("`{}`: `min` {} is above `max` {}", parameter.name, parameter.min,
                       parameter.max),
           {}, parameter.name, diagnostics);
    return false;
  }
  if (parameter.value < parameter.min || parameter.value > parameter.max) {
    report(parameter.span, "policy/bounds",
           fmt::format("`{}`: the value {} is outside of {}..{}", parameter.name, parameter.value,
                       parameter.min, parameter.max),
           {}, parameter.name, diagnostics);
    return false;
  }
  return true;
}

// `{value: 3, live: {min: 1, max: 5}}`
Value parse_live(const YamlNode& node, const std::string& path, PolicyDocument& out,
                 Diagnostics& diagnostics) {
  const PolicyFields fields(node, steered_keys(), diagnostics);
  const YamlNode* number = fields.find("value");
  const YamlNode* live = fields.find("live");
  Value value;
  if (number != nullptr) value = parse_value(*number, path, out, diagnostics);
  value.span = node.span;
  if (live == nullptr) return value;
  const PolicyFields bounds(*live, *steered_keys().find("live")->table, diagnostics);
  if (number == nullptr || bounds.find("min") == nullptr || bounds.find("max") == nullptr) {
    return value;
  }
  PolicyParameter parameter;
  parameter.name = path;
  parameter.value = number->number;
  parameter.min = bounds.number("min", 0.0);
  parameter.max = bounds.number("max", 0.0);
  parameter.max_step = bounds.number("max_step", parameter.max - parameter.min);
  parameter.span = node.span;
  if (!check_bounds(parameter, diagnostics)) return value;
  const auto is_same = [&](const PolicyParameter& other) { return other.name == path; };
  if (std::any_of(out.parameters.begin(), out.parameters.end(), is_same)) {
    report(node.span, "policy/duplicate-name",
           fmt::format("there are two live parameters `{}`", path),
           "give the rule another name with `as`, or the node another `id`", path, diagnostics);
    return value;
  }
  if (out.parameters.size() >= kParametersMax) {
    report(node.span, "policy/too-many",
           fmt::format("more than {} live parameters", kParametersMax), {}, path, diagnostics);
    return value;
  }
  value.live = static_cast<std::int32_t>(out.parameters.size());
  out.parameters.push_back(std::move(parameter));
  return value;
}

}  // namespace

Value parse_value(const YamlNode& node, const std::string& path, PolicyDocument& out,
                  Diagnostics& diagnostics) {
  if (node.kind == Value::Kind::Map && node.entry("live") != nullptr) {
    return parse_live(node, path, out, diagnostics);
  }
  Value value;
  value.kind = node.kind;
  value.boolean = node.boolean;
  value.integer = node.integer;
  value.number = node.number;
  value.text = node.text;
  value.text_offset = node.text_offset;
  value.span = node.span;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    value.items.push_back(
        parse_value(node.items[i], fmt::format("{}.{}", path, i + 1), out, diagnostics));
  }
  for (const YamlEntry& entry : node.entries) {
    value.entries.emplace_back(
        entry.key,
        parse_value(entry.value, fmt::format("{}.{}", path, entry.key), out, diagnostics));
  }
  return value;
}

}  // namespace lineup
