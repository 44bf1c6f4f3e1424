// SPDX-License-Identifier: Apache-2.0
//
// `lineup diff` as an operator meets it: two bundles, recorded requests, what changes.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

std::string request(const std::string& id, const std::string& more = "") {
  return R"({"id":")" + id + R"(","scene":"shop",)" + more + R"("candidates":[)" +
         R"({"id":"a1","score":0.9,"category":"a","title":"First"},)"
         R"({"id":"a2","score":0.8,"category":"a","title":"Second"},)"
         R"({"id":"b1","score":0.7,"category":"b","title":"<Third>"},)"
         R"({"id":"c1","score":0.6,"category":"c","title":"Fourth"},)"
         R"({"id":"h1","score":1.0,"category":"hidden","title":"Hidden"}]})"
         "\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  text.replace(text.find(what), what.size(), with);
  return text;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Two shops that are the same until one is edited.
struct Shops {
  Shops() {
    write_shop(before);
    write_shop(after);
    requests = files.write("requests.jsonl", request("r1") + request("r2"));
  }
  [[nodiscard]] Output diff(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"diff", before.path(), after.path(), "--requests",
                                          requests};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  [[nodiscard]] Json json(std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const Output output = diff(more);
    INFO(output.err);
    REQUIRE(output.exit_code <= 1);
    return Json::parse(output.out);
  }
  // Adds rules to the new policy.
  void add_rules(const std::string& lines) const {
    after.write("policies/shop.yaml", replaced(shop_policy(3), "rules:\n", "rules:\n" + lines));
  }

  Folder before, after, files;
  std::string requests;
};

}  // namespace

TEST_CASE("bundles that do the same have no difference", "[diff]") {
  const Shops shops;
  const Output output = shops.diff();
  INFO(output.err);
  CHECK(output.exit_code == 0);
  CHECK_THAT(output.out, Catch::Contains("same: no page changes"));
  CHECK_THAT(output.out, Catch::Contains("rank-biased overlap  1.0000"));
  CHECK(output.err.empty());  // no bar where there is no terminal
}

TEST_CASE("diff says which pages, slots and rules change", "[diff]") {
  const Shops shops;
  shops.add_rules("  - {use: pin, with: {id: c1, slot: 1}, priority: 90}\n");
  const Output output = shops.diff();
  INFO(output.err);
  CHECK(output.exit_code == 1);
  CHECK_THAT(output.out, Catch::Contains("changed: 2 of 2 pages change"));
  CHECK_THAT(output.out, Catch::Contains("request r1 (line 1)"));

  const Json json = shops.json();
  CHECK(json.at("same") == false);
  CHECK(json.at("pages") == 2);
  CHECK(json.at("pages_changed") == 2);
  // a1 b1 a2 becomes c1 a1 b1: all three slots of both pages.
  CHECK(json.at("slots_changed") == 6);
  CHECK(json.at("overlap").at("1") == 0.0);
  CHECK(json.at("overlap").at("page").get<double>() == Approx(2.0 / 3.0));
  const Json& pin = json.at("rules").back();
  CHECK(pin.at("rule") == "pin");
  CHECK(pin.at("pages_acted").at("old").is_null());
  CHECK(pin.at("pages_acted").at("new") == 2);
  CHECK(pin.at("violations").at("new") == 0);
  const Json& page = json.at("most_changed").at(0);
  CHECK(page.at("id") == "r1");
  CHECK(page.at("new").at("items").at(0).at("id") == "c1");
  CHECK(page.at("new").at("items").at(0).at("change") == "other");
  CHECK(page.at("new").at("items").at(1).at("change") == "moved");
  // relevance: 0.9 + 0.7 / log2(3) + 0.8 / 2 before, 0.6 + 0.9 / log2(3) + 0.7 / 2 after.
  const Json& expected = json.at("objectives").at(0).at("expected");
  CHECK(expected.at("old").get<double>() == Approx(1.741651).epsilon(1e-6));
  CHECK(expected.at("new").get<double>() == Approx(1.517837).epsilon(1e-6));
}

TEST_CASE("diff counts exposure by every category column", "[diff]") {
  const Shops shops;
  shops.add_rules("  - {use: pin, with: {id: c1, slot: 1}, priority: 90}\n");
  const Json columns = shops.json().at("exposure");
  REQUIRE(columns.size() == 1);
  CHECK(columns.at(0).at("column") == "category");
  CHECK(columns.at(0).at("different") == 3);
  for (const Json& value : columns.at(0).at("values")) {
    const std::string name = value.at("value");
    CAPTURE(name);
    CHECK(value.at("shown").at("old") == (name == "a" ? 4 : name == "b" ? 2 : 0));
    CHECK(value.at("shown").at("new") == 2);
  }
}

TEST_CASE("diff counts rules that cannot be kept on either side", "[diff]") {
  const Shops shops;
  shops.add_rules(
      "  - {use: cold_start_quota, as: all_c, with: {where: 'category == \"c\"', min: 2}, "
      "priority: 10}\n");
  const Json json = shops.json();
  CHECK(json.at("old").at("status").at("ok") == 2);
  CHECK(json.at("new").at("status").at("relaxed") == 2);
  const Json& rule = json.at("rules").back();
  CHECK(rule.at("rule") == "all_c");
  CHECK(rule.at("pages_not_kept").at("new") == 2);
  CHECK(rule.at("violations").at("new") == 2);
  CHECK_THAT(shops.diff().out, Catch::Contains("new: relaxed, not all_c"));
}

TEST_CASE("diff at another time meets rules that have not begun", "[diff]") {
  const Shops shops;
  shops.add_rules(
      "  - {use: pin, with: {id: c1, slot: 1}, priority: 90, from: 2030-12-24, until: "
      "2030-12-27}\n");
  CHECK(shops.diff({"--at", "2030-12-23T12:00:00Z"}).exit_code == 0);
  CHECK(shops.diff({"--at", "2030-12-25T12:00:00Z"}).exit_code == 1);
  CHECK(shops.diff({"--at", "2030-12-27T12:00:00Z"}).exit_code == 0);
  const Output wrong = shops.diff({"--at", "christmas"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Catch::Contains("`christmas` is no time"));
}

TEST_CASE("diff looks only at the segment that is asked for", "[diff]") {
  Shops shops;
  shops.after.write("policies/shop.yaml",
                    replaced(replaced(shop_policy(3), "rules:\n",
                                      "segments:\n  newcomers: 'context.days < 7'\nrules:\n"
                                      "  - {use: pin, with: {id: c1, slot: 1}, priority: 90, "
                                      "when: segment.newcomers}\n"),
                             "lineup: 1", "lineup: 1"));
  shops.requests = shops.files.write(
      "segments.jsonl", request("new", R"("context":{"days":2},)") +
                            request("old", R"("context":{"days":20},)") + request("unknown"));
  CHECK(shops.json().at("pages") == 3);
  const Json json = shops.json({"--segment", "newcomers"});
  CHECK(json.at("pages") == 1);
  CHECK(json.at("not_in_segment") == 2);
  CHECK(json.at("most_changed").at(0).at("id") == "new");
  const Output wrong = shops.diff({"--segment", "regulars"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Catch::Contains("neither bundle has a segment `regulars`"));
  CHECK_THAT(wrong.err, Catch::Contains("`newcomers`"));
}

TEST_CASE("requests that cannot be compared are counted and named, the others are compared",
          "[diff]") {
  Shops shops;
  shops.requests = shops.files.write(
      "some.jsonl", request("r1") + "{not json}\n\n" +
                        replaced(request("r3"), "\"shop\"", "\"shoe\"") + request("r4"));
  const Json json = shops.json();
  CHECK(json.at("pages") == 2);
  CHECK(json.at("not_compared") == 2);
  CHECK(json.at("not_compared_first").at(0).at("line") == 2);
  CHECK(json.at("not_compared_first").at(1).at("id") == "r3");
  CHECK_THAT(shops.diff().out, Catch::Contains("unknown scene `shoe`"));

  shops.requests = shops.files.write("none.jsonl", "{}\n");
  CHECK(shops.diff().exit_code == 2);
  shops.requests = shops.files.write("empty.jsonl", "");
  CHECK(shops.diff().exit_code == 2);
  shops.requests = shops.files.path("absent.jsonl");
  CHECK(shops.diff().exit_code == 2);
}

TEST_CASE("a bundle that does not open is named with its mistakes", "[diff]") {
  const Shops shops;
  shops.after.write("policies/shop.yaml", shop_policy(3) + "fallbak: score_order\n");
  const Output output = shops.diff();
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("new bundle"));
  CHECK_THAT(output.err, Catch::Contains("did you mean `fallback`?"));
}

TEST_CASE("the page with plots stands alone and shows nothing as markup", "[diff]") {
  const Shops shops;
  shops.add_rules("  - {use: pin, with: {id: c1, slot: 1}, priority: 90}\n");
  const std::string path = shops.files.path("diff.html");
  CHECK(shops.diff({"--html", path}).exit_code == 1);
  const std::string html = read_file(path);
  CHECK_THAT(html, Catch::StartsWith("<!doctype html>"));
  CHECK_THAT(html, Catch::Contains("<svg "));
  CHECK_THAT(html, Catch::Contains("prefers-color-scheme: dark"));
  CHECK_THAT(html, Catch::Contains("&lt;Third&gt;"));
  for (const char* foreign : {"<script", "http://", "https://", "<Third>", "<link", "<img"}) {
    CAPTURE(foreign);
    CHECK_THAT(html, !Catch::Contains(foreign));
  }
  CHECK(shops.diff({"--html", shops.files.path("no/such/folder.html")}).exit_code == 2);
}

TEST_CASE("the number of threads changes no figure of a diff", "[diff]") {
  Shops shops;
  shops.add_rules(
      "  - {use: pin, with: {id: c1, slot: 1}, priority: 90, when: 'context.hour < 12'}\n");
  std::string lines;
  for (int i = 0; i < 200; ++i) {
    lines += request("r" + std::to_string(i),
                     R"("context":{"hour":)" + std::to_string(i * 7 % 24) + "},");
  }
  shops.requests = shops.files.write("many.jsonl", lines);
  const auto figures = [&](const char* threads) {
    Json json = shops.json({"--threads", threads});
    for (const char* key : {"elapsed_s", "threads"}) json.erase(key);
    for (const char* side : {"old", "new"}) json.at(side).erase("latency_us");
    return json;
  };
  const Json one = figures("1");
  CHECK(one.at("pages_changed").get<int>() > 0);
  CHECK(figures("4") == one);
}
