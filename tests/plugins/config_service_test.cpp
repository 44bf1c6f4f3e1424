// SPDX-License-Identifier: Apache-2.0
//
// The config service: the engine's and the fake host's answer alike.
#include "native/config_service.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "fake_config.hpp"

namespace {

constexpr const char* kDocument = R"({
  "theta": 0.5, "window": 12, "whole": 3.0, "on": true, "name": "éclair", "none": null,
  "list": [1, {"deep": "x"}], "a/b": 7, "huge": 1e300, "unsigned": 18446744073709551615})";

}  // namespace

TEST_CASE("a configuration is read by pointer and type", "[config]") {
  const auto* service = GENERATE(lineup::config_service(), &lineup::testing::FakeConfig::kTable);
  lineup_config* config = nullptr;
  const std::string text = kDocument;
  REQUIRE(service->open({text.data(), text.size()}, nullptr, &config) == LINEUP_OK);

  double number = -1.0;
  CHECK(service->number(config, "/theta", &number) == LINEUP_OK);
  CHECK(number == 0.5);
  CHECK(service->number(config, "/window", &number) == LINEUP_OK);
  CHECK(number == 12.0);
  CHECK(service->number(config, "/a~1b", &number) == LINEUP_OK);

  std::int64_t integer = -1;
  CHECK(service->integer(config, "/window", &integer) == LINEUP_OK);
  CHECK(integer == 12);
  CHECK(service->integer(config, "/whole", &integer) == LINEUP_OK);
  CHECK(integer == 3);
  CHECK(service->integer(config, "/theta", &integer) == LINEUP_E_INVALID_CONFIG);
  CHECK(service->integer(config, "/huge", &integer) == LINEUP_E_INVALID_CONFIG);
  CHECK(service->integer(config, "/unsigned", &integer) == LINEUP_E_INVALID_CONFIG);
  CHECK(integer == 3);  // untouched

  std::int32_t boolean = -1;
  CHECK(service->boolean(config, "/on", &boolean) == LINEUP_OK);
  CHECK(boolean == 1);
  CHECK(service->boolean(config, "/window", &boolean) == LINEUP_E_INVALID_CONFIG);

  lineup_text name{};
  CHECK(service->text(config, "/name", &name) == LINEUP_OK);
  CHECK(std::string(name.data, name.size) == "éclair");
  CHECK(service->text(config, "/list/1/deep", &name) == LINEUP_OK);
  CHECK(service->text(config, "/theta", &name) == LINEUP_E_INVALID_CONFIG);

  std::uint64_t count = 0;
  CHECK(service->count(config, "/list", &count) == LINEUP_OK);
  CHECK(count == 2);
  CHECK(service->count(config, "", &count) == LINEUP_OK);
  CHECK(service->count(config, "/name", &count) == LINEUP_E_INVALID_CONFIG);

  for (const char* absent : {"/absent", "/none", "/list/9", "/theta/deeper", "no pointer", "/~"}) {
    CAPTURE(absent);
    CHECK(service->number(config, absent, &number) == LINEUP_E_NOT_FOUND);
  }
  service->close(config);
  service->close(nullptr);
}

TEST_CASE("a configuration that is not JSON is refused", "[config]") {
  const auto* service = GENERATE(lineup::config_service(), &lineup::testing::FakeConfig::kTable);
  lineup_config* config = nullptr;
  const std::string text = "{\"theta\": }";
  CHECK(service->open({text.data(), text.size()}, nullptr, &config) == LINEUP_E_INVALID_CONFIG);
  CHECK(config == nullptr);
}
