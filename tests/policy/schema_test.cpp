// SPDX-License-Identifier: Apache-2.0
//
// The JSON Schema, the parser and the document for people know the same keys.
#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "policy/document.hpp"
#include "policy/keys.hpp"
#include "support/golden.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

// "graph.from": every key of the tables, under its parent.
void collect(const PolicyKeyTable& table, const std::string& prefix, std::set<std::string>& out) {
  for (const PolicyKey& key : table.keys) {
    const std::string path = prefix + std::string(key.name);
    out.insert(path);
    if (key.table != nullptr) collect(*key.table, path + ".", out);
    if (key.shape == KeyShape::Steered) collect(steered_keys(), path + ".", out);
  }
}

// The same from the schema, through lists, maps and alternatives.
void collect(const Json& schema, const std::string& prefix, std::set<std::string>& out) {
  if (schema.contains("properties")) {
    for (const auto& entry : schema["properties"].items()) {
      out.insert(prefix + entry.key());
      collect(entry.value(), prefix + entry.key() + ".", out);
    }
  }
  for (const char* inside : {"items", "additionalProperties"}) {
    if (schema.contains(inside) && schema[inside].is_object()) collect(schema[inside], prefix, out);
  }
  for (const char* either : {"oneOf", "anyOf"}) {
    if (!schema.contains(either)) continue;
    for (const Json& choice : schema[either]) collect(choice, prefix, out);
  }
}

}  // namespace

TEST_CASE("the schema knows the keys that the parser knows", "[policy]") {
  std::set<std::string> parsed;
  std::set<std::string> described;
  collect(policy_keys(), "", parsed);
  collect(Json::parse(policy_json_schema()), "", described);
  CHECK(parsed == described);
  CHECK(parsed.count("rules.weight.live.max_step") == 1);
}

TEST_CASE("every key has a sentence about it", "[policy]") {
  const std::function<void(const PolicyKeyTable&)> check = [&](const PolicyKeyTable& table) {
    for (const PolicyKey& key : table.keys) {
      CAPTURE(key.name);
      CHECK(key.about.size() > 10);
      CHECK(key.about.back() == '.');
      if (key.table != nullptr) check(*key.table);
    }
  };
  check(policy_keys());
  check(steered_keys());
}

TEST_CASE("the document for people explains every key", "[policy]") {
  const std::string text = read_text(kSourceDir + "/policies/README.md");
  std::set<std::string> keys;
  collect(policy_keys(), "", keys);
  for (const std::string& path : keys) {
    const std::string name = path.substr(path.rfind('.') + 1);
    CAPTURE(path);
    CHECK(text.find("`" + name + "`") != std::string::npos);
  }
}

TEST_CASE("the schema that is shipped is the one that the parser knows", "[policy]") {
  check_golden(kSourceDir + "/policies/policy.schema.json", policy_json_schema());
}

}  // namespace lineup
