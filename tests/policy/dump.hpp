// SPDX-License-Identifier: Apache-2.0
//
// A policy document as text, for golden files.
#pragma once

#include <sstream>
#include <string>

#include "base/clock.hpp"
#include "policy/document.hpp"

namespace lineup {

inline std::string dump(const Value& value) {
  std::ostringstream out;
  switch (value.kind) {
    case Value::Kind::Null:
      return "-";
    case Value::Kind::Bool:
      return value.boolean ? "true" : "false";
    case Value::Kind::Integer:
      out << value.integer;
      break;
    case Value::Kind::Float:
      out << value.number << "f";
      break;
    case Value::Kind::Text:
      out << '"' << value.text << '"';
      break;
    case Value::Kind::List:
      for (const Value& item : value.items) out << (out.str().empty() ? "[" : ", ") << dump(item);
      return out.str().empty() ? "[]" : out.str() + "]";
    case Value::Kind::Map:
      for (const auto& [key, entry] : value.entries) {
        out << (out.str().empty() ? "{" : ", ") << key << ": " << dump(entry);
      }
      return out.str().empty() ? "{}" : out.str() + "}";
  }
  if (value.live >= 0) out << " live#" << value.live;
  return out.str();
}

inline std::string dump(const Scalar& value, const std::string& text) {
  std::ostringstream out;
  switch (value.kind) {
    case Scalar::Kind::Missing:
      return "";
    case Scalar::Kind::Bool:
      return value.boolean ? " default true" : " default false";
    case Scalar::Kind::Integer:
      out << " default " << value.integer;
      break;
    case Scalar::Kind::Float:
      out << " default " << value.number << "f";
      break;
    case Scalar::Kind::Text:
      out << " default \"" << text << '"';
      break;
  }
  return out.str();
}

inline void dump_rule(const PolicyRule& rule, std::ostringstream& out) {
  out << "rule " << rule.name << " = " << rule.rule << " " << dump(rule.with);
  if (rule.priority) out << " priority " << *rule.priority;
  if (rule.weight) {
    out << " weight " << rule.weight->value;
    if (rule.weight->live >= 0) out << " live#" << rule.weight->live;
  }
  if (rule.required) out << (*rule.required ? " required" : " not required");
  if (rule.when.kind == Value::Kind::Text) out << " when " << dump(rule.when);
  if (rule.from_ms) out << " from " << format_time(*rule.from_ms);
  if (rule.until_ms) out << " until " << format_time(*rule.until_ms);
  if (rule.expires_ms) out << " expires " << format_time(*rule.expires_ms);
  if (!rule.enabled) out << " disabled";
  if (!rule.owner.empty()) out << " owner \"" << rule.owner << '"';
  if (!rule.reason.empty()) out << " reason \"" << rule.reason << '"';
  out << "\n";
}

inline std::string dump(const PolicyDocument& policy) {
  static const char* const kKinds[] = {"score", "generate", "evaluate", "select", "constrain"};
  std::ostringstream out;
  out << "scene " << policy.scene << ", page " << policy.page << " x " << policy.page_columns
      << ", fallback " << policy.fallback << "\n";
  for (std::uint32_t i = 0; i < policy.columns.size(); ++i) {
    const ColumnSpec& column = policy.columns[i];
    out << "column " << column.name << ": " << name_of(column.type)
        << dump(column.default_value, column.default_text);
    if (column.split != 0) out << " split '" << column.split << "'";
    if (column.dimension > 0) out << " dimension " << column.dimension;
    out << "\n";
  }
  for (const PolicyObjective& objective : policy.objectives) {
    out << "objective " << objective.name << ": " << objective.column << " " << objective.weight
        << " in " << objective.min << ".." << objective.max << " by " << objective.max_step << "\n";
  }
  for (const PolicySegment& segment : policy.segments) {
    out << "segment " << segment.name << ": " << dump(segment.condition) << "\n";
  }
  for (const PolicyEvidence& each : policy.evidence) {
    out << "evidence " << each.column << ": " << (each.event.empty() ? "exposed" : each.event);
    if (each.half_life_ms > 0) out << " half-life " << each.half_life_ms;
    out << ", items " << each.items << "\n";
  }
  for (const PolicyRule& rule : policy.rules) dump_rule(rule, out);
  for (const PolicyParameter& parameter : policy.parameters) {
    out << "live " << parameter.name << " " << parameter.value << " in " << parameter.min << ".."
        << parameter.max << " by " << parameter.max_step << "\n";
  }
  for (const std::uint32_t index : policy.node_order) {
    const PolicyNode& node = policy.nodes[index];
    out << "node " << node.id << ": " << kKinds[static_cast<int>(node.kind)] << " " << node.plugin
        << " " << dump(node.with) << " from";
    for (const std::uint32_t input : node.from) out << " " << policy.nodes[input].id;
    if (node.when.kind == Value::Kind::Text) out << " when " << dump(node.when);
    if (!node.used_as.empty()) out << " of " << node.used_as;
    out << "\n";
  }
  out << "limits " << policy.limits.deadline_ms << " ms, work " << policy.limits.work << ", gap "
      << policy.limits.gap << ", slates " << policy.limits.slates << ", rows "
      << policy.limits.rows_max << "\n";
  out << (policy.fill == PolicyDocument::Fill::Full ? "fill full" : "fill short")
      << (policy.on_violation == PolicyDocument::OnViolation::Solve ? ", solve\n" : ", discard\n");
  return out.str();
}

}  // namespace lineup
