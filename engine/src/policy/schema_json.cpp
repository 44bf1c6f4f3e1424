// SPDX-License-Identifier: Apache-2.0
//
// The tables of keys, written as a JSON Schema. What a schema cannot say (unique names, dates that
// exist, conditions that compile) is left to the parser.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "policy/document.hpp"
#include "policy/keys.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNamePattern = "^[^\\W\\d][\\w-]*$";
constexpr const char* kIdentifierPattern = "^[^\\W\\d]\\w*$";

// Whether a parameter, `$name`, may stand for a value: it may in the nodes of named graphs.
enum class Parameters : std::uint8_t { No, Yes };

Json table_schema(const PolicyKeyTable& table, Parameters parameters = Parameters::No);

Json number(const PolicyKey& key, const char* type) {
  Json out = {{"type", type}};
  const auto bound = [&](const char* name, double value) {
    if (!std::isfinite(value)) return;
    if (std::trunc(value) == value) {
      out[name] = static_cast<std::int64_t>(value);
    } else {
      out[name] = value;
    }
  };
  bound("minimum", key.min);
  bound("maximum", key.max);
  return out;
}

Json text(const char* pattern = nullptr) {
  Json out = {{"type", "string"}};
  if (pattern != nullptr) {
    out["pattern"] = pattern;
  } else {
    out["minLength"] = 1;
  }
  return out;
}

Json one_of(Json first, Json second) {
  return {{"oneOf", Json::array({std::move(first), std::move(second)})}};
}

// A key with nothing after it is an empty collection.
Json or_nothing(Json schema) {
  schema["type"] = Json::array({schema["type"], "null"});
  return schema;
}

Json named(const PolicyKey& key, Json entry, const char* pattern) {
  Json out = {{"type", "object"},
              {"propertyNames", {{"pattern", pattern}}},
              {"additionalProperties", std::move(entry)}};
  if (std::isfinite(key.max)) out["maxProperties"] = static_cast<std::int64_t>(key.max);
  return or_nothing(std::move(out));
}

Json list(const PolicyKey& key, Json items) {
  Json out = {{"type", "array"}, {"items", std::move(items)}};
  if (std::isfinite(key.max)) out["maxItems"] = static_cast<std::int64_t>(key.max);
  return out;
}

Json shape_schema(const PolicyKey& key, Parameters parameters) {
  switch (key.shape) {
    case KeyShape::Integer:
      return number(key, "integer");
    case KeyShape::Number:
      return number(key, "number");
    case KeyShape::Steered:
      return one_of(number(key, "number"), table_schema(steered_keys()));
    case KeyShape::Boolean:
      return {{"type", "boolean"}};
    case KeyShape::Text:
      return {{"type", Json::array({"string", "number"})}, {"minLength", 1}};
    case KeyShape::Name:
      return text(kNamePattern);
    case KeyShape::Condition:
    case KeyShape::Date:
    case KeyShape::Zone:
      return text();
    case KeyShape::Choice:
      return {{"enum", std::vector<std::string>(key.choices.begin(), key.choices.end())}};
    case KeyShape::Scalar:
      return {{"type", Json::array({"string", "number", "boolean"})}};
    case KeyShape::Names:
      return one_of(text(kNamePattern), list(key, text(kNamePattern)));
    case KeyShape::Arguments:
      return {{"type", Json::array({"object", "null"})}};
    case KeyShape::Page:
      return one_of(number(key, "integer"), table_schema(*key.table));
    case KeyShape::Table:
      return or_nothing(table_schema(*key.table, parameters));
    case KeyShape::Tables: {
      const bool has = parameters == Parameters::Yes || key.name == "nodes";
      return or_nothing(
          list(key, table_schema(*key.table, has ? Parameters::Yes : Parameters::No)));
    }
    case KeyShape::NamedTables:
      // Columns are what conditions read; other names may have dashes.
      return named(key, table_schema(*key.table),
                   key.name == "columns" ? kIdentifierPattern : kNamePattern);
    case KeyShape::NamedConditions:
      return named(key, text(), kIdentifierPattern);
  }
  return {};
}

Json table_schema(const PolicyKeyTable& table, Parameters parameters) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const PolicyKey& key : table.keys) {
    Json schema = shape_schema(key, parameters);
    if (parameters == Parameters::Yes && key.name != "id") {
      schema = {{"anyOf", Json::array({std::move(schema), text("^\\$")})}};
    }
    schema["description"] = std::string(key.about);
    properties[std::string(key.name)] = std::move(schema);
    if (key.required) required.push_back(std::string(key.name));
  }
  Json out = {{"type", "object"}, {"additionalProperties", false}};
  out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  if (!table.exactly_one.empty()) {
    Json choices = Json::array();
    for (const std::string_view name : table.exactly_one) {
      choices.push_back({{"required", Json::array({std::string(name)})}});
    }
    out["oneOf"] = std::move(choices);
  }
  return out;
}

}  // namespace

std::string policy_json_schema() {
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "Lineup policy"},
              {"description", "One scene: its columns, objectives, rules and graph."}};
  out.update(table_schema(policy_keys()));
  out["properties"]["lineup"]["const"] = 1;
  return out.dump(2) + "\n";
}

}  // namespace lineup
