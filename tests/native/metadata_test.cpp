// SPDX-License-Identifier: Apache-2.0
#include "native/metadata.hpp"

#include <catch2/catch.hpp>

namespace lineup {
namespace {

TEST_CASE("metadata gives the types with their defaults", "[metadata]") {
  const auto metadata = parse_metadata(R"({"name":"mmr","version":"1.0.0","about":"Diversity.",
      "types":[{"name":"mmr","kind":"generator","about":"Picks apart.","threads":"serial",
                "deterministic":false,"columns":["embedding"],
                "configuration":{"type":"object"}},
               {"name":"plain","kind":"scorer"}]})");
  REQUIRE(metadata);
  CHECK(metadata->name == "mmr");
  CHECK(metadata->version == "1.0.0");
  REQUIRE(metadata->types.size() == 2);
  CHECK(metadata->types[0].kind == LINEUP_KIND_GENERATOR);
  CHECK(metadata->types[0].threads == ThreadClass::Serial);
  CHECK_FALSE(metadata->types[0].deterministic);
  CHECK(metadata->types[0].columns == std::vector<std::string>{"embedding"});
  CHECK(metadata->types[1].threads == ThreadClass::InstancePerThread);
  CHECK(metadata->types[1].deterministic);
  CHECK(complete_config(metadata->types[1].configuration_schema, "{}"));
  CHECK_FALSE(complete_config(metadata->types[1].configuration_schema, R"({"x":1})"));
}

TEST_CASE("metadata that is wrong says everything that is wrong", "[metadata]") {
  const auto metadata = parse_metadata(R"({"name":"My Plugin","types":[
      {"name":"a","kind":"ranker","threads":"many"}, {"name":"a"}, 7]})");
  REQUIRE_FALSE(metadata);
  CHECK(metadata.error().code == "native/metadata");
  const std::string& message = metadata.error().message;
  CHECK_THAT(message, Catch::Contains("got `My Plugin`"));
  CHECK_THAT(message, Catch::Contains("`kind` of type `a` must be one of `scorer`"));
  CHECK_THAT(message, Catch::Contains("got `ranker`"));
  CHECK_THAT(message, Catch::Contains("got `many`"));
  CHECK_THAT(message, Catch::Contains("`kind` of type `a` is missing"));
  CHECK_THAT(message, Catch::Contains("a type must be a JSON object"));
}

TEST_CASE("metadata of any shape is refused, never thrown", "[metadata]") {
  const char* text = GENERATE(
      "", "{", "[]", "null", "{}", R"({"name":"a","types":[]})", R"({"name":"a","types":{}})",
      R"({"name":3,"types":[{}]})", R"({"name":"a","types":[{"name":"a","kind":7}]})",
      R"({"name":"a","types":[{"name":"a","kind":"scorer","columns":[1]}]})",
      "{\"name\":\"a\",\"about\":\"\xff\",\"types\":[]}");
  CAPTURE(text);
  const auto metadata = parse_metadata(text);
  REQUIRE_FALSE(metadata);
  CHECK(metadata.error().code == "native/metadata");
}

}  // namespace
}  // namespace lineup
