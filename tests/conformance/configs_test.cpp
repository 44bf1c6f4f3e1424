// SPDX-License-Identifier: Apache-2.0
#include "conformance/configs.hpp"

#include <catch2/catch.hpp>

#include "native/metadata.hpp"

namespace lineup {
namespace {

constexpr const char* kSchema = R"({"type": "object", "required": ["curves"], "properties": {
  "theta": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.7},
  "mode": {"enum": ["near", "far"]},
  "name": {"type": "string", "minLength": 3, "maxLength": 5},
  "curves": {"type": "array", "minItems": 2, "items": {"type": "object", "required": ["depth"],
    "properties": {"depth": {"type": "integer", "exclusiveMinimum": 3, "maximum": 9}}}}}})";

TEST_CASE("random configurations fit their schema and differ", "[configs]") {
  std::string first;
  bool differs = false;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    const auto config = random_config(kSchema, random);
    REQUIRE(config);
    CHECK(complete_config(kSchema, *config));
    if (first.empty()) first = *config;
    differs = differs || *config != first;
    Random again(seed);
    CHECK(random_config(kSchema, again) == config);
  }
  CHECK(differs);
}

TEST_CASE("a configuration is made of defaults and the least of what is required", "[configs]") {
  CHECK(plain_config(R"({"type":"object","properties":{"a":{"type":"integer","default":4}}})") ==
        R"({"a":4})");
  const auto config = plain_config(kSchema);
  REQUIRE(config);
  CHECK(config->find(R"("curves":[{"depth":4},{"depth":4}])") != std::string::npos);
}

TEST_CASE("what is wrong with a schema is said", "[configs]") {
  struct Case {
    const char* schema;
    const char* fault;
  };
  const auto c = GENERATE(values<Case>({
      {R"({"type":"object","properties":{"a":{"type":"integer","maximum":3,"default":9}}})",
       "`a` has a default that does not fit it"},
      {R"({"type":"object","properties":{"a":{"type":"float"}}})", "unknown type `float`"},
      {R"({"type":"object","properties":{"a":{"minimum":3,"maximum":1}}})",
       "`a` has a minimum above its maximum"},
      {R"({"type":"object","required":["b"],"properties":{"a":{}}})", "requires \"b\""},
      {R"({"type":"object","properties":{"a":5}})", "`a` is no JSON object"},
  }));
  std::size_t missing = 0;
  const auto faults = schema_faults(c.schema, missing);
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0], Catch::Contains(c.fault));
  CHECK(missing == 1);
  CHECK(schema_faults(kSchema, missing).empty());
}

}  // namespace
}  // namespace lineup
