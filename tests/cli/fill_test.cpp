// SPDX-License-Identifier: Apache-2.0
//
// What gives way where rules cannot fill the page: the rules, or the slots.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

Json page_of(const std::string& fill, const std::string& candidates) {
  const Folder folder;
  write_shop(folder);
  folder.write("policies/shop.yaml", shop_policy(3) + "fill: " + fill + "\n");
  const Output output = run_program({"run", "--bundle", folder.path()},
                                    R"({"id":"r","scene":"shop","candidates":)" + candidates + "}");
  INFO(output.err);
  REQUIRE(output.lines().size() == 1);
  return Json::parse(output.lines().front());
}

const std::string kTight =
    R"([{"id":"a1","score":3,"category":"a"},{"id":"a2","score":2,"category":"a"},)"
    R"({"id":"a3","score":1,"category":"a"}])";
const std::string kLoose =
    R"([{"id":"a1","score":3,"category":"a"},{"id":"a2","score":2,"category":"a"},)"
    R"({"id":"b1","score":1,"category":"b"}])";

}  // namespace

TEST_CASE("a page that is to be full gives up rules and says which", "[run][fill]") {
  const Json page = page_of("full", kTight);
  CHECK(page.at("slate").size() == 3);
  CHECK(page.at("status") == "relaxed");
  CHECK(page.at("relaxed").at(0).at("rule") == "apart");
}

TEST_CASE("a page that may be short gives up slots and keeps its rules", "[run][fill]") {
  const Json page = page_of("short", kTight);
  CHECK(page.at("slate") == Json({"a1"}));
  CHECK(page.at("status") == "ok");
  CHECK(page.at("relaxed").empty());
}

TEST_CASE("where the rules can hold both fill the page", "[run][fill]") {
  CHECK(page_of("full", kLoose).at("slate") == Json({"a1", "b1", "a2"}));
  CHECK(page_of("short", kLoose).at("slate") == Json({"a1", "b1", "a2"}));
}
