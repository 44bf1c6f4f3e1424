// SPDX-License-Identifier: Apache-2.0
//
// The policy is written as JSON, which YAML readers read: no quoting of our own.
#include "facade/check/case_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

// What a case that says nothing gives the rule: hard, in the middle.
constexpr int kDefaultPriority = 50;

Json json_of(const YamlNode& node) {
  switch (node.kind) {
    case Value::Kind::Null:
      return nullptr;
    case Value::Kind::Bool:
      return node.boolean;
    case Value::Kind::Integer:
      return node.integer;
    case Value::Kind::Float:
      return node.number;
    case Value::Kind::Text:
      return node.text;
    case Value::Kind::List: {
      Json out = Json::array();
      for (const YamlNode& item : node.items) out.push_back(json_of(item));
      return out;
    }
    case Value::Kind::Map: {
      Json out = Json::object();
      for (const YamlEntry& entry : node.entries) out[entry.key] = json_of(entry.value);
      return out;
    }
  }
  return nullptr;
}

// The declaration of a column that holds `value`.
Json column_for(const YamlNode& value) {
  switch (value.kind) {
    case Value::Kind::Bool:
      return {{"type", "bool"}};
    case Value::Kind::Integer:
      return {{"type", "integer"}};
    case Value::Kind::Float:
      return {{"type", "float"}};
    case Value::Kind::List:
      if (!value.items.empty() && value.items.front().is_number()) {
        return {{"type", "embedding"}, {"dimension", value.items.size()}};
      }
      return {{"type", "categories"}};
    default:
      return {{"type", "category"}};
  }
}

// Declared columns as declared, the others by their values; a fraction anywhere makes a float.
Json columns_of(const RuleCase& rule_case) {
  Json out =
      rule_case.columns.kind == Value::Kind::Map ? json_of(rule_case.columns) : Json::object();
  if (!out.contains("score")) out["score"] = {{"type", "float"}};
  std::map<std::string, bool> is_declared;
  for (const auto& [name, column] : out.items()) is_declared[name] = true;
  for (const auto* rows : {&rule_case.rows, &rule_case.history}) {
    for (const YamlNode& row : *rows) {
      for (const YamlEntry& entry : row.entries) {
        if (entry.key == "id" || is_declared[entry.key]) continue;
        if (entry.value.kind == Value::Kind::Null) continue;
        const bool is_new = !out.contains(entry.key);
        if (is_new || entry.value.kind == Value::Kind::Float) {
          out[entry.key] = column_for(entry.value);
        }
      }
    }
  }
  return out;
}

}  // namespace

namespace {

Json rule_use(const RuleCase& rule_case, const std::string& rule, bool with_priority) {
  Json use = {{"use", rule}};
  if (rule_case.with.kind == Value::Kind::Map) use["with"] = json_of(rule_case.with);
  if (rule_case.priority) use["priority"] = json_of(*rule_case.priority);
  if (rule_case.weight) use["weight"] = json_of(*rule_case.weight);
  if (rule_case.required) use["required"] = json_of(*rule_case.required);
  const bool says_nothing = !rule_case.priority && !rule_case.weight && !rule_case.required;
  if (says_nothing && with_priority) use["priority"] = kDefaultPriority;
  if (rule_case.when.kind != Value::Kind::Null) use["when"] = json_of(rule_case.when);
  return use;
}

}  // namespace

std::string case_policy(const RuleCase& rule_case, const CaseSubject& subject,
                        const std::string& scene, bool with_priority) {
  const std::size_t page = rule_case.page > 0 ? rule_case.page : rule_case.rows.size();
  Json policy = {
      {"lineup", 1},
      {"scene", scene},
      {"page", {{"size", std::max<std::size_t>(page, 1)}, {"columns", rule_case.page_columns}}},
      {"columns", columns_of(rule_case)},
      // A busy machine must not change what comes out.
      {"limits", {{"deadline_ms", 10'000}}}};
  Json rules = rule_case.rules.kind == Value::Kind::List ? json_of(rule_case.rules) : Json::array();
  if (subject.kind == CaseSubject::Kind::Rule) {
    rules.push_back(rule_use(rule_case, subject.name, with_priority));
  }
  if (!rules.empty()) policy["rules"] = std::move(rules);
  if (rule_case.graph.kind == Value::Kind::List) {
    policy["graph"] = json_of(rule_case.graph);
  } else if (subject.kind == CaseSubject::Kind::Plugin) {
    Json node = {{"id", "page"}, {"generate", subject.name}};
    if (rule_case.with.kind == Value::Kind::Map) node["with"] = json_of(rule_case.with);
    policy["graph"] = Json::array({std::move(node)});
  }
  if (rule_case.objectives.kind == Value::Kind::Map) {
    policy["objectives"] = json_of(rule_case.objectives);
  }
  if (rule_case.segments.kind == Value::Kind::Map) policy["segments"] = json_of(rule_case.segments);
  return policy.dump(1, ' ', false, Json::error_handler_t::replace);
}

namespace {

Result<void> add_list(const YamlNode& list, std::uint32_t row, OwnedColumn& column) {
  if (list.items.empty()) return {};
  if (list.items.front().is_number()) {
    std::vector<float> numbers;
    for (const YamlNode& item : list.items) numbers.push_back(static_cast<float>(item.number));
    return column.add_numbers(row, numbers);
  }
  std::vector<std::string_view> texts;
  for (const YamlNode& item : list.items) texts.push_back(item.text);
  return column.add_texts(row, texts);
}

Result<void> add_value(const YamlNode& value, std::uint32_t row, OwnedColumn& column) {
  switch (value.kind) {
    case Value::Kind::Null:
      return {};
    case Value::Kind::Bool:
      return column.add_bool(row, value.boolean);
    case Value::Kind::Integer:
      return column.add_integer(row, value.integer);
    case Value::Kind::Float:
      return column.add_number(row, value.number);
    case Value::Kind::Text:
      return column.add_text(row, value.text);
    case Value::Kind::List:
      return add_list(value, row, column);
    case Value::Kind::Map:
      break;
  }
  return failure("table/object",
                 fmt::format("column `{}`, row {}: a map is no column value", column.name(), row));
}

}  // namespace

Result<void> fill_rows(const std::vector<YamlNode>& rows, OwnedRows& out) {
  out.reset();
  const auto row_count = static_cast<std::uint32_t>(rows.size());
  for (std::uint32_t row = 0; row < row_count; ++row) {
    for (const YamlEntry& entry : rows[row].entries) {
      if (entry.key != "id") {
        auto added = add_value(entry.value, row, out.column(entry.key));
        if (!added) return added;
      } else if (entry.value.kind == Value::Kind::Integer) {
        out.ids().add_number(entry.value.integer);
      } else {
        out.ids().add_text(entry.value.text);
      }
    }
  }
  if (out.ids().count() != row_count && out.ids().count() != 0) {
    return failure("table/id", "all rows need an `id`, or none");
  }
  out.finish(row_count);
  return {};
}

}  // namespace lineup
