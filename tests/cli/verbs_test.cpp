// SPDX-License-Identifier: Apache-2.0
//
// The other verbs, each by its promise and its exit code.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

const std::string kRequest = R"({"id":"r1","scene":"shop","candidates":[)"
                             R"({"id":"a1","score":0.9,"category":"a","title":"First"},)"
                             R"({"id":"a2","score":0.8,"category":"a","title":"Second"},)"
                             R"({"id":"b1","score":0.7,"category":"b","title":"Third"},)"
                             R"({"id":"b2","score":0.1,"category":"b","title":"Fourth"},)"
                             R"({"id":"h1","score":1.0,"category":"hidden","title":"Hidden"}]})";

// The shop with a file of one request.
struct Shop {
  Shop() {
    write_shop(folder);
    requests = folder.write("requests.jsonl", kRequest + "\n");
  }
  [[nodiscard]] Output run(const std::string& verb, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {verb, "--bundle", folder.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  Folder folder;
  std::string requests;
};

}  // namespace

TEST_CASE("every verb has help with examples", "[cli]") {
  for (const char* verb : {"check", "run", "explain", "test", "watch", "replay", "verify", "diff",
                           "graph", "rules", "bench", "audit", "metrics"}) {
    CAPTURE(verb);
    const Output output = run_program({verb, "--help"});
    CHECK(output.exit_code == 0);
    CHECK_THAT(output.out, Catch::Contains("Examples:\n  "));
  }
  CHECK_THAT(run_program({"plugin", "new", "--help"}).out, Catch::Contains("Examples:"));
  CHECK_THAT(run_program({"--version"}).out, Catch::StartsWith("lineup 0."));
}

TEST_CASE("check says ok, or all that is wrong with carets", "[check]") {
  const Shop shop;
  const Output fine = shop.run("check");
  CHECK(fine.exit_code == 0);
  CHECK_THAT(fine.out, Catch::StartsWith("ok: 1 scene: shop, revision "));

  shop.folder.write("policies/shop.yaml", shop_policy(3) + "fallbak: score_order\npage: 4\n");
  const Output wrong = shop.run("check");
  CHECK(wrong.exit_code == 1);
  CHECK_THAT(wrong.out, Catch::Contains("policies/shop.yaml:"));
  CHECK_THAT(wrong.out, Catch::Contains("did you mean `fallback`?"));
  CHECK_THAT(wrong.out, Catch::Contains("^"));
  CHECK_THAT(wrong.out, Catch::Contains("`page` is there twice"));
  CHECK_THAT(wrong.out, Catch::Contains("not ok: 2 errors"));
  CHECK_THAT(wrong.out, !Catch::Contains("\033["));

  const Json json = Json::parse(shop.run("check", {"--json"}).out);
  CHECK(json.at("ok") == false);
  CHECK(json.at("diagnostics").size() == 2);
  CHECK(json.at("diagnostics").at(0).at("line").get<int>() > 0);
}

TEST_CASE("explain says who stands where and what held others back", "[explain]") {
  const Shop shop;
  const Output output = shop.run("explain", {"--requests", shop.requests, "--request", "r1"});
  INFO(output.err);
  REQUIRE(output.exit_code == 0);
  CHECK_THAT(output.out, Catch::Contains("status ok"));
  CHECK_THAT(output.out, Catch::Contains("First"));
  CHECK_THAT(output.out, Catch::Contains("held back by"));
  CHECK_THAT(output.out, Catch::Contains("apart"));

  const Json json = Json::parse(shop.run("explain", {"--requests", shop.requests, "--json"}).out);
  REQUIRE(json.at("slots").size() == 3);
  CHECK(json.at("slots").at(1).at("id") == "b1");
  CHECK(json.at("slots").at(1).at("held_back").at(0).at("id") == "a2");
  CHECK(json.at("slots").at(1).at("held_back").at(0).at("rule") == "apart");
}

TEST_CASE("explain says why an item is not on the page", "[explain]") {
  const Shop shop;
  const auto why = [&shop](const std::string& item) {
    return shop.run("explain", {"--requests", shop.requests, "--why", item});
  };
  CHECK_THAT(why("b2").out, Catch::Contains("b2 (Fourth) is not on the page"));
  CHECK_THAT(why("b2").out, Catch::Contains("at slot 2: breaks no rule"));
  CHECK_THAT(why("b2").out, Catch::Contains("at slot 1: would break `apart`"));
  CHECK_THAT(why("h1").out, Catch::Contains("h1 (Hidden) may not be shown"));
  CHECK_THAT(why("a1").out, Catch::Contains("a1 (First) stands at slot 1"));
  CHECK(why("zz").exit_code == 2);
}

TEST_CASE("explain names the nearest request", "[explain]") {
  const Shop shop;
  const Output output = shop.run("explain", {"--requests", shop.requests, "--request", "r2"});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("holds no request `r2`"));
}

TEST_CASE("test runs the cases beside the rules", "[test]") {
  const Shop shop;
  const Output output = shop.run("test");
  INFO(output.out << output.err);
  CHECK(output.exit_code == 0);
  CHECK_THAT(output.out, Catch::Contains("passed  apart: two of a kind do not meet"));
  CHECK_THAT(output.out, Catch::EndsWith("3 passed, 0 failed\n"));

  shop.folder.write("rules/hide.cases.yaml",
                    "- name: wrong on purpose\n  with: {where: 'category == \"x\"'}\n"
                    "  rows: [{id: 1, category: x}, {id: 2, category: y}]\n"
                    "  expect: {slate: [1, 2]}\n"
                    "- name: a parameter that is none\n  with: {whre: 'true'}\n"
                    "  rows: []\n  expect: {slate: []}\n");
  const Output failed = shop.run("test", {"--rule", "hide"});
  CHECK(failed.exit_code == 1);
  CHECK_THAT(failed.out, Catch::Contains("expected slate [1, 2], came [2]"));
  CHECK_THAT(failed.out, Catch::Contains("whre"));
  CHECK_THAT(failed.out, Catch::Contains("hide.cases.yaml:1:"));
  CHECK_THAT(failed.out, Catch::EndsWith("0 passed, 2 failed\n"));

  shop.folder.write("rules/hide.cases.yaml", "- name: x\n  expct: {}\n");
  const Output unreadable = shop.run("test", {"--rule", "hide"});
  CHECK(unreadable.exit_code == 1);
  CHECK_THAT(unreadable.out, Catch::Contains("did you mean `expect`?"));
  CHECK(shop.run("test", {"--rule", "nothing"}).exit_code == 2);
}

TEST_CASE("verify holds anybody's page against the rules", "[verify]") {
  const Shop shop;
  struct Case {
    const char* slate;
    int exit_code;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {R"(["a1","b1","a2"])", 0, "ok: 1 of 1 pages break no hard rule"},
      {R"(["a1","a2","b1"])", 1, "shop/apart"},
      {R"(["h1","a1","b1"])", 1, "not ok: 0 of 1"},
      {R"(["a1","a1"])", 1, "not ok"},
      {R"(["zz"])", 1, "slot 1: `zz` is not among the candidates"},
  }));
  CAPTURE(c.slate);
  const std::string slates =
      shop.folder.write("slates.jsonl", std::string(R"({"id":"r1","slate":)") + c.slate + "}\n");
  const Output output = shop.run("verify", {"--requests", shop.requests, "--slates", slates});
  INFO(output.out << output.err);
  CHECK(output.exit_code == c.exit_code);
  CHECK_THAT(output.out, Catch::Contains(c.message));
}

TEST_CASE("the pages that run makes pass verify", "[verify]") {
  const Shop shop;
  const std::string pages = shop.folder.path("pages.jsonl");
  REQUIRE(shop.run("run", {"--requests", shop.requests, "--out", pages}).exit_code == 0);
  const Output output =
      shop.run("verify", {"--requests", shop.requests, "--slates", pages, "--json"});
  CHECK(output.exit_code == 0);
  CHECK(Json::parse(output.out).at("clean") == 1);
}

TEST_CASE("a recorded request is replayed to the byte", "[replay]") {
  const Shop shop;
  const std::string records = shop.folder.path("records.jsonl");
  REQUIRE(
      shop.run("run", {"--requests", shop.requests, "--record", records, "--explain"}).exit_code ==
      0);
  const Output same = shop.run("replay", {"r1", "--records", records});
  INFO(same.out << same.err);
  CHECK(same.exit_code == 0);
  CHECK_THAT(same.out, Catch::StartsWith("same: r1"));
  CHECK(shop.run("replay", {"r9", "--records", records}).exit_code == 2);

  shop.folder.write("policies/shop.yaml", shop_policy(2));
  const Output refused = shop.run("replay", {"r1", "--records", records});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, Catch::Contains("--allow-other-revision"));
  const Output different =
      shop.run("replay", {"r1", "--records", records, "--allow-other-revision"});
  CHECK(different.exit_code == 1);
  CHECK_THAT(different.out, Catch::StartsWith("different: r1"));
}

TEST_CASE("rules are listed and described", "[rules]") {
  const Shop shop;
  const Output list = shop.run("rules");
  CHECK(list.exit_code == 0);
  CHECK_THAT(list.out, Catch::Contains("One of a category in `size`"));

  const Output one = shop.run("rules", {"apart"});
  CHECK(one.exit_code == 0);
  CHECK_THAT(one.out, Catch::Contains("2..50"));
  CHECK_THAT(one.out, Catch::Contains("- {use: apart, with: {size: 2}, priority: 50}"));

  const Output none = shop.run("rules", {"apert"});
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, Catch::Contains("did you mean `apart`?"));
  CHECK(Json::parse(shop.run("rules", {"hide", "--json"}).out).at("required_by_default") == true);
}

TEST_CASE("plugin new writes a folder for every language and kind", "[plugin]") {
  const Folder folder;
  for (const std::string language : {"c", "cpp"}) {
    for (const std::string kind : {"scorer", "generator", "evaluator", "constraint"}) {
      CAPTURE(language, kind);
      const std::string target = folder.path(language + "_" + kind);
      const Output output = run_program({"plugin", "new", "fresh_first", "--language", language,
                                         "--kind", kind, "--directory", target});
      INFO(output.err);
      REQUIRE(output.exit_code == 0);
      std::ifstream source(target + "/fresh_first." + language);
      const std::string text(std::istreambuf_iterator<char>(source), {});
      CHECK_FALSE(text.empty());
      CHECK(text.find("@NAME@") == std::string::npos);
      CHECK(std::ifstream(target + "/CMakeLists.txt").good());
      CHECK(run_program({"plugin", "new", "fresh_first", "--directory", target}).exit_code == 2);
    }
  }
  CHECK(run_program({"plugin", "new", "Fresh-First"}).exit_code == 2);
}

TEST_CASE("plugin check says what is wrong with a file", "[plugin]") {
  const Folder folder;
  const std::string path = folder.write("x.so", "no library");
  const Output output = run_program({"plugin", "check", path});
  CHECK(output.exit_code != 0);
  CHECK_FALSE((output.out + output.err).empty());
}

TEST_CASE("plugin check lists its cases with a sentence each", "[plugin]") {
  const Output output = run_program({"plugin", "check", "--list", "--json"});
  REQUIRE(output.exit_code == 0);
  const Json list = Json::parse(output.out).at("cases");
  CHECK(list.size() >= 20);
  for (const Json& each : list) CHECK(each.at("about").get<std::string>().back() == '.');
  CHECK(run_program({"plugin", "check", "--list"}).lines().size() == list.size());
  CHECK(run_program({"plugin", "check"}).exit_code == 2);
}

TEST_CASE("bench prints one object per line with the names of the contract", "[bench]") {
  const Output output =
      run_program({"bench", "--workload", "w5", "--n", "50", "--k", "5", "--json"});
  INFO(output.err);
  REQUIRE(output.exit_code == 0);
  REQUIRE(output.lines().size() >= 2);
  const Json first = Json::parse(output.lines()[0]);
  CHECK(first.at("workload") == "w5");
  CHECK(first.at("variant") == "satisfiable");
  CHECK(first.at("columns") == "coded");
  CHECK(Json::parse(output.lines()[1]).at("columns") == "strings");
  for (const char* name : {"n", "k", "threads", "p50_us", "p99_us", "p999_us", "rps",
                           "allocs_per_request", "peak_rss_kb"}) {
    CHECK(first.at(name).is_number());
  }
  CHECK(run_program({"bench", "--workload", "w0"}).exit_code == 2);
  CHECK(run_program({"bench", "--variant", "other"}).exit_code == 2);
}

TEST_CASE("graph draws the scene that is named, or the only one", "[graph]") {
  Folder folder;
  write_shop(folder);
  const Output only = run_program({"graph", folder.path()});
  INFO(only.err);
  CHECK(only.exit_code == 0);
  CHECK_THAT(only.out, Catch::StartsWith("digraph \"shop\" {"));
  CHECK_THAT(run_program({"graph", folder.path(), "--svg"}).out, Catch::StartsWith("<svg "));
  const Output unknown = run_program({"graph", folder.path(), "--scene", "shoe"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, Catch::Contains("unknown scene `shoe`; there are: `shop`"));
}
