// SPDX-License-Identifier: Apache-2.0
//
// `lineup verify`: files of pages as other systems keep them, and what is said of them.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

std::string request(const std::string& id) {
  return R"({"id":")" + id + R"(","scene":"shop","candidates":[)" +
         R"({"id":"a1","score":0.9,"category":"a"},{"id":"a2","score":0.8,"category":"a"},)"
         R"({"id":"a3","score":0.7,"category":"a"},{"id":"b1","score":0.6,"category":"b"},)"
         R"({"id":"h1","score":1.0,"category":"hidden"},{"id":"h2","score":1.0,"category":"hidden"}]})"
         "\n";
}

struct Shop {
  Shop() {
    write_shop(folder);
    requests = folder.write("requests.jsonl", request("r1") + "\n" + request("r2") + request("r3"));
  }
  [[nodiscard]] Output verify(const std::string& slates, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"verify",
                                          "--bundle",
                                          folder.path(),
                                          "--requests",
                                          requests,
                                          "--slates",
                                          folder.write("slates", slates)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  [[nodiscard]] Json json(const std::string& slates) const {
    const Output output = verify(slates, {"--json"});
    INFO(output.err);
    REQUIRE(output.exit_code <= 1);
    return Json::parse(output.out);
  }
  Folder folder;
  std::string requests;
};

}  // namespace

TEST_CASE("pages are read in every form in which they are kept", "[verify]") {
  const Shop shop;
  const auto slates = GENERATE(values<std::string>({
      "{\"id\":\"r1\",\"slate\":[\"a1\",\"b1\"]}\n{\"id\":\"r3\",\"slate\":[\"a1\",\"a2\"]}\n"
      "{\"id\":\"r2\",\"slate\":[\"b1\",\"a3\"]}\n",
      "{\"id\":\"r1\",\"slate\":[{\"id\":\"a1\",\"score\":1},{\"id\":\"b1\"}]}\n"
      "{\"slate\":[{\"id\":\"b1\"},{\"id\":\"a3\"}],\"id\":\"r2\"}\n\n"
      "{\"id\":\"r3\",\"slate\":[\"a1\",\"a2\"]}",
      "[\"a1\",\"b1\"]\n[\"b1\",\"a3\"]\n[{\"id\":\"a1\"},{\"id\":\"a2\"}]\n",
      "a1 b1\nb1 a3\na1 a2\n",
      "a1,b1\nb1,a3\na1, a2\n",
      "a1\tb1\nb1\ta3\na1\ta2\n",
      "r1: a1 b1\nr3: a1,a2\n\nr2:\tb1\ta3\n",
  }));
  CAPTURE(slates);
  const Json json = shop.json(slates);
  CHECK(json.at("pages") == 3);
  CHECK(json.at("clean") == 2);
  CHECK(json.at("not_judged") == 0);
  CHECK(json.at("rules").at(0).at("rule") == "shop/apart");
  CHECK(json.at("rules").at(0).at("examples") == Json::array({"r3"}));
}

TEST_CASE("the worst pages come first, each with what it breaks", "[verify]") {
  const Shop shop;
  const Output output = shop.verify("r1: a1 a2 b1\nr2: a1 a2 a3\nr3: a1 b1 a2\n");
  CHECK(output.exit_code == 1);
  CHECK_THAT(output.out, Catch::Contains("r2 (2), r1 (1)"));
  CHECK_THAT(output.out, Catch::Contains("worst pages"));
  CHECK_THAT(output.out, Catch::Contains("not ok: 1 of 3 pages break no hard rule"));
  const Json json = shop.json("r1: a1 a2 b1\nr2: a1 a2 a3\nr3: a1 b1 a2\n");
  CHECK(json.at("violations") == 3);
  CHECK(json.at("worst_pages").at(0).at("id") == "r2");
  CHECK(json.at("worst_pages").at(0).at("rules").at("apart") == 2);
  CHECK(json.at("worst_pages").at(0).at("slate") == Json::array({"a1", "a2", "a3"}));
  CHECK(json.at("worst_pages").at(1).at("line") == 1);
}

TEST_CASE("an item that a filter forbids is a violation of that rule", "[verify]") {
  const Shop shop;
  const Json json = shop.json("r1: h1 a1 h2\n");
  CHECK(json.at("clean") == 0);
  CHECK(json.at("not_judged") == 0);
  CHECK(json.at("rules").back().at("rule") == "shop/hide");
  CHECK(json.at("rules").back().at("violations") == 2);
}

TEST_CASE("pages that cannot be judged are counted and say why", "[verify]") {
  const Shop shop;
  const Output output = shop.verify("r1: a1 zz\nr2: a1 b1 a1\nr9: a1\n");
  CHECK(output.exit_code == 1);
  CHECK_THAT(output.out, Catch::Contains("3 pages could not be judged"));
  CHECK_THAT(output.out, Catch::Contains("r1: slot 2: `zz` is not among the candidates"));
  CHECK_THAT(output.out, Catch::Contains("r2: `a1` stands on slots 1 and 3"));
  CHECK_THAT(output.out, Catch::Contains("r9: there is no request with this id"));
  CHECK_THAT(output.out, Catch::Contains("1 requests have no page"));
}

TEST_CASE("a page longer than the policy's is judged at its own length", "[verify]") {
  const Shop shop;
  CHECK(shop.json("r1: a1 b1 a2\n").at("clean") == 1);
  const Json json = shop.json("r1: b1 a1 a2 a3\n");
  CHECK(json.at("not_judged") == 0);
  CHECK(json.at("violations") == 2);
}

TEST_CASE("pages are judged as at another time", "[verify]") {
  const Shop shop;
  std::string policy = shop_policy(3);
  const std::string use = "{use: apart, ";
  REQUIRE(policy.find(use) != std::string::npos);
  policy.replace(policy.find(use), use.size(), "{use: apart, from: 2030-12-01, ");
  shop.folder.write("policies/shop.yaml", policy);
  const std::string page = "r1: a1 a2 b1\n";
  CHECK(shop.verify(page, {"--at", "2030-11-30T23:59Z"}).exit_code == 0);
  CHECK(shop.verify(page, {"--at", "2030-12-01"}).exit_code == 1);
  CHECK(shop.verify(page, {"--at", "soon"}).exit_code == 2);
}

TEST_CASE("a file of pages that makes no sense is refused with its line", "[verify]") {
  const Shop shop;
  struct Case {
    const char* slates;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"{\"id\":\"r1\",\"slate\":[\"a1\"]}\na1 a2\n", ":2: the lines before hold an object"},
      {"{\"id\":\"r1\",\"slate\":[\"a1\"]}\n{\"id\":\"r1\",\"slate\":[]}\n",
       ":2: a second page for request `r1`"},
      {"{\"id\":\"r1\"}\n", ":1: `slate` must be a list of ids"},
      {"[1.5]\n", ":1: an item, or its `id`, must be text or a whole number"},
      {"{\"id\":\n", ":1: "},
  }));
  CAPTURE(c.slates);
  const Output output = shop.verify(c.slates);
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains(c.message));
}
