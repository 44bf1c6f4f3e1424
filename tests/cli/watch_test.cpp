// SPDX-License-Identifier: Apache-2.0
//
// `lineup watch`: the page while the bundle is edited.
#include <signal.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

// The next event of this kind; others are passed over. Null when none comes.
Json next_event(Running& program, const std::string& kind) {
  for (;;) {
    const std::string line = program.read_line();
    if (line.empty()) return nullptr;
    Json event = Json::parse(line);
    if (event.at("event") == kind) return event;
  }
}

}  // namespace

TEST_CASE("a saved rule shows on the next page, a mistake changes nothing", "[watch]") {
  const Folder bundle;
  write_shop(bundle);
  const std::string requests = bundle.write(
      "requests.jsonl",
      R"({"id":"r1","scene":"shop","candidates":{"id":[1,2,3],"score":[3,2,1],"category":["a","a","b"]}})"
      "\n");
  Running program({"watch", "--bundle", bundle.path(), "--requests", requests, "--json"});

  const Json first = next_event(program, "page");
  REQUIRE(first.is_object());
  CHECK(first.at("slate") == Json({1, 3, 2}));
  CHECK(first.at("status") == "ok");

  bundle.replace("policies/shop.yaml", shop_policy(2));
  const Json reloaded = next_event(program, "reloaded");
  REQUIRE(reloaded.is_object());
  CHECK(reloaded.at("revision") != first.at("revision"));
  const Json second = next_event(program, "page");
  REQUIRE(second.is_object());
  CHECK(second.at("slate") == Json({1, 3}));
  CHECK(second.at("revision") == reloaded.at("revision"));

  bundle.replace("policies/shop.yaml", shop_policy(2) + "pgae: 1\n");
  const Json refused = next_event(program, "refused");
  REQUIRE(refused.is_object());
  CHECK(refused.at("revision") == second.at("revision"));
  CHECK(refused.at("diagnostics").at(0).at("line").get<int>() > 0);

  program.signal(SIGINT);
  CHECK(program.wait() == 130);
}

TEST_CASE("people see what changed and where a mistake is", "[watch]") {
  const Folder bundle;
  write_shop(bundle);
  const std::string requests = bundle.write(
      "requests.jsonl", R"({"scene":"shop","candidates":[{"id":1,"score":1,"title":"One"}]})"
                        "\n");
  Running program({"watch", "--bundle", bundle.path(), "--requests", requests});
  CHECK_THAT(program.read_line(), Catch::StartsWith("revision "));
  CHECK(program.read_line() == "    1  1  One");
  bundle.replace("policies/shop.yaml", shop_policy(2) + "pgae: 1\n");
  CHECK_THAT(program.read_line(), Catch::StartsWith("refused: "));
  CHECK_THAT(program.read_line(), Catch::StartsWith("policies/shop.yaml:"));
  program.signal(SIGTERM);
  CHECK(program.wait() == 143);
}
