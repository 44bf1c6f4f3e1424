// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "native/config_service.hpp"
#include "native/metadata.hpp"

namespace lineup {
namespace {

constexpr const char* kSchema = R"({"type":"object","required":["by"],"properties":{
  "by":     {"type":"string","minLength":1},
  "theta":  {"type":"number","minimum":0,"maximum":1,"default":0.7},
  "window": {"type":"integer","minimum":1,"default":10},
  "mode":   {"enum":["fast","exact"],"default":"fast"},
  "points": {"type":"array","maxItems":3,"items":{"type":"object","properties":{
               "x":{"type":"number"},"y":{"type":"number","default":0}},"required":["x"]}}}})";

TEST_CASE("defaults are filled in and keys are sorted", "[config]") {
  CHECK(complete_config(kSchema, R"({"window":3,"by":"genre"})").value() ==
        R"({"by":"genre","mode":"fast","theta":0.7,"window":3})");
  CHECK(complete_config(kSchema, R"({"by":"genre","points":[{"x":1}]})").value() ==
        R"({"by":"genre","mode":"fast","points":[{"x":1,"y":0}],"theta":0.7,"window":10})");
}

TEST_CASE("each fault of a configuration has its sentence", "[config]") {
  struct Case {
    const char* config;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {R"({})", "`by` is missing"},
      {R"({"by":"g","theta":1.5})", "`theta` must be at most 1, got 1.5"},
      {R"({"by":"g","theta":-1})", "`theta` must be at least 0, got -1"},
      {R"({"by":"g","window":1.5})", "`window` must be a whole number, got 1.5"},
      {R"({"by":3})", "`by` must be text, got 3"},
      {R"({"by":""})", "`by` must have at least 1 bytes"},
      {R"({"by":"g","thetta":1})", "`thetta` is no parameter; did you mean `theta`?"},
      {R"({"by":"g","mode":"fest"})",
       R"(`mode` must be one of "fast", "exact", got "fest"; did you mean `fast`?)"},
      {R"({"by":"g","points":[{"y":1},{"x":"a"}]})",
       "`points[0].x` is missing; `points[1].x` must be a number, got \"a\""},
      {R"({"by":"g","points":[{"x":1},{"x":1},{"x":1},{"x":1}]})",
       "`points` must have at most 3 items"},
      {R"([])", "the configuration must be a map, got []"},
      {R"({"by")", "the configuration is not JSON: byte 6"},
  }));
  CAPTURE(c.config);
  const auto completed = complete_config(kSchema, c.config);
  REQUIRE_FALSE(completed);
  CHECK(completed.error().code == "native/config");
  CHECK(completed.error().message == c.message);
}

TEST_CASE("all faults of a configuration are told at once", "[config]") {
  const auto completed = complete_config(kSchema, R"({"theta":2,"window":0,"other":1})");
  REQUIRE_FALSE(completed);
  CHECK(completed.error().message ==
        "`by` is missing; `other` is no parameter; `theta` must be at most 1, got 2; "
        "`window` must be at least 1, got 0");
}

TEST_CASE("a message stays short however much is wrong", "[config]") {
  std::string points;
  for (int i = 0; i < 1000; ++i) {
    points += (i == 0 ? "" : ",") + (R"({"x":")" + std::string(5000, 'a') + R"(\u00e4"})");
  }
  const auto completed = complete_config(kSchema, R"({"by":"g","points":[)" + points + "]}");
  REQUIRE_FALSE(completed);
  const std::string& message = completed.error().message;
  CHECK(message.size() < 2000);  // a thousand points, and that they are too many
  CHECK_THAT(message, Catch::Contains("`points[0].x` must be a number, got \"aaa"));
  CHECK_THAT(message, Catch::EndsWith("; and 991 more"));
}

TEST_CASE("a whole number may be written with a point", "[config]") {
  CHECK(complete_config(kSchema, R"({"by":"g","window":3.0})"));
}

TEST_CASE("a schema says whether other parameters are welcome", "[config]") {
  CHECK(complete_config("{}", R"({"any":1})").value() == R"({"any":1})");
  CHECK(complete_config(R"({"properties":{},"additionalProperties":true})", R"({"any":1})"));
  CHECK(complete_config(R"({"additionalProperties":{"type":"number"}})", R"({"any":1})"));
  CHECK_FALSE(complete_config(R"({"additionalProperties":{"type":"number"}})", R"({"any":"x"})"));
  CHECK_FALSE(complete_config(R"({"additionalProperties":false})", R"({"any":1})"));
}

TEST_CASE("a configuration nested without end is refused", "[config]") {
  std::string schema = R"({"type":"number"})";
  std::string config = "1";
  for (int i = 0; i < 100; ++i) {
    schema = R"({"items":)" + schema + "}";
    config = "[" + config + "]";
  }
  const auto completed = complete_config(schema, config);
  REQUIRE_FALSE(completed);
  CHECK_THAT(completed.error().message, Catch::Contains("nested too deeply"));
}

TEST_CASE("a number that no double holds is a fault of the configuration", "[config]") {
  const auto refused = complete_config(R"({"type":"object"})", R"({"a":1e999})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "native/config");
  const std::string text = R"({"a":1e999})";
  lineup_config* config = nullptr;
  CHECK(config_service()->open({text.data(), text.size()}, nullptr, &config) ==
        LINEUP_E_INVALID_CONFIG);
}

}  // namespace
}  // namespace lineup
