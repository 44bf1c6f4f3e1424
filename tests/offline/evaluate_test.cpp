// SPDX-License-Identifier: Apache-2.0
//
// `lineup evaluate` as its users meet it: a bundle, a log, what is said of both.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

// `shop` lets at most one of a category stand in two neighbouring slots: a page of three is a1, b1,
// a2 where scores say a1, a2, b1.
std::string logged(int number, const std::string& feedback) {
  return fmt::format(
      R"({{"id":"r{}","scene":"shop","user":"u{}","candidates":[)"
      R"({{"id":"a1","score":0.9,"category":"a"}},{{"id":"a2","score":0.8,"category":"a"}},)"
      R"({{"id":"b1","score":0.7,"category":"b"}}],"feedback":{}}})"
      "\n",
      number, number / 2, feedback);
}

constexpr const char* kClickOnB =
    R"({"exposed":["a1","a2","b1"],"events":[{"id":"b1","type":"click"}]})";

std::string log_of(int requests) {
  std::string out;
  for (int i = 0; i < requests; ++i) out += logged(i, kClickOnB);
  return out;
}

struct Shop {
  Shop() { write_shop(bundle); }
  [[nodiscard]] Output evaluate(std::vector<std::string> more,
                                const std::string& input = "") const {
    std::vector<std::string> all = {"evaluate", bundle.path()};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all, input);
  }
  [[nodiscard]] Json report(const std::string& log, std::vector<std::string> more = {}) const {
    const std::string path = files.write("log.jsonl", log);
    more.insert(more.end(), {"--data", path, "--json"});
    const Output output = evaluate(more);
    INFO(output.err);
    REQUIRE(output.exit_code == 0);
    return Json::parse(output.out);
  }
  Folder bundle, files;
};

}  // namespace

TEST_CASE("the bundle's page is judged by what was clicked", "[evaluate]") {
  const Shop shop;
  const Json report = shop.report(log_of(40), {"--category", "category"});
  const Json& arms = report["groups"]["all"]["arms"];
  CHECK(arms["score order"]["ndcg"]["mean"].get<double>() == Approx(0.5));
  CHECK(arms["bundle"]["ndcg"]["mean"].get<double>() == Approx(1.0 / std::log2(3.0)));
  CHECK(arms["bundle"]["map"]["mean"].get<double>() == Approx(0.5));
  CHECK(arms["bundle"]["ndcg"]["verdict"] == "more");
  CHECK(arms["logged"]["ndcg"]["difference"].get<double>() == Approx(0.0));
  CHECK(arms["bundle"]["rewards_on_page"]["mean"].get<double>() == Approx(1.0));
  CHECK(arms["bundle"]["different_pairs"]["mean"].get<double>() == Approx(2.0 / 3.0));
  CHECK(report["groups"].contains("length 03"));
  CHECK(report["different_items_offered"].get<double>() == Approx(3.0).epsilon(0.01));
}

TEST_CASE("a bundle against itself shows no difference", "[evaluate]") {
  const Shop shop;
  const Json report = shop.report(log_of(40), {"--baseline", shop.bundle.path()});
  const Json& ndcg = report["groups"]["all"]["arms"]["bundle"]["ndcg"];
  CHECK(ndcg["difference"] == 0.0);
  CHECK(ndcg["verdict"] == "no difference shown");
}

TEST_CASE("few pages give no verdict", "[evaluate]") {
  const Shop shop;
  CHECK(shop.report(log_of(5))["groups"]["all"]["arms"]["bundle"]["ndcg"]["verdict"] ==
        "too few pages");
}

TEST_CASE("propensities weigh what the bundle would have shown", "[evaluate]") {
  const Shop shop;
  std::string log;
  for (int i = 0; i < 100; ++i) {
    // b1 on slot 2, where the bundle puts it; a2 there is what it would not do.
    const bool is_b = i % 4 == 0;
    log += logged(i, fmt::format(R"({{"exposed":["{}"],"slots":[2],"propensities":[{}],)"
                                 R"("events":[{}]}})",
                                 is_b ? "b1" : "a2", is_b ? 0.25 : 0.75,
                                 is_b ? R"({"id":"b1","type":"click"})" : ""));
  }
  const Json report = shop.report(log);
  const Json& found = report["groups"]["all"]["arms"]["bundle"]["inverse_propensity"];
  CHECK(found["ips"].get<double>() == Approx(1.0));
  CHECK(found["snips"].get<double>() == Approx(1.0));
  CHECK(found["effective_samples"].get<double>() == Approx(25.0));
  CHECK_THAT(found["verdict"].get<std::string>(), Catch::Contains("fewer than 500"));
  // What stood on the other slots is not known, so there is no page to compare.
  CHECK_FALSE(report["groups"]["all"]["arms"]["bundle"].contains("ndcg"));
}

TEST_CASE("a stream in parts, merged, gives the report of one run", "[evaluate]") {
  const Shop shop;
  std::string log;
  for (int i = 0; i < 60; ++i) {
    log += logged(i, i % 3 == 0 ? kClickOnB : R"({"exposed":["a1","a2"],"events":[]})");
  }
  const std::string path = shop.files.write("log.jsonl", log);
  const Output counts = run_program({"evaluate", "--fit", "--data", path});
  REQUIRE(counts.exit_code == 0);
  const std::string models = shop.files.write("counts.json", counts.out);
  const std::string parts = shop.files.path("parts.jsonl");
  // GNU parallel where it is there; else xargs, which is on every machine.
  const std::string each = fmt::format("{} evaluate {} --data {{}} --models {} --partial",
                                       LINEUP_PROGRAM, shop.bundle.path(), models);
  const bool has_parallel = std::system("parallel --version > /dev/null 2>&1") == 0;
  const std::string run =
      has_parallel
          ? fmt::format("parallel -a {} --pipe-part --block 1k {} - > {}", path,
                        each.substr(0, each.find("{}")) + "- --partial --models " + models, parts)
          : fmt::format(
                "cd {0} && split -n l/4 log.jsonl part_ && ls {0}/part_* | xargs "
                "-P 2 -I {{}} sh -c '{1} > {{}}.sums' && cat part_*.sums > {2}",
                shop.files.path(), each, parts);
  INFO(run);
  REQUIRE(std::system(run.c_str()) == 0);
  const Output merged = run_program({"evaluate", "--merge", parts, "--json"});
  const Output whole = shop.evaluate({"--data", path, "--models", models, "--json"});
  INFO(merged.err);
  CHECK(merged.exit_code == 0);
  CHECK(merged.out == whole.out);
  CHECK_FALSE(merged.out.empty());
  // The same through a pipe and through several threads.
  CHECK(shop.evaluate({"--data", "-", "--models", models, "--json"}, log).out == whole.out);
  CHECK(shop.evaluate({"--data", path, "--models", models, "--json", "--threads", "1"}).out ==
        whole.out);
}

TEST_CASE("a sweep judges every value of a weight within its bounds", "[evaluate]") {
  const Shop shop;
  const std::string path = shop.files.write("log.jsonl", log_of(40));
  const Output unknown = shop.evaluate({"--data", path, "--sweep", "nothing=0:1:3"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, Catch::Contains("no weight or live parameter is called `nothing`"));
  const Output wrong = shop.evaluate({"--data", path, "--sweep", "relevance=0:1"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Catch::Contains("PARAMETER=FROM:TO:POINTS"));
}

TEST_CASE("each point of a sweep is judged by the page it makes", "[evaluate]") {
  // Lifted by less than 0.2 the item that was clicked stands second of the two slots, else first.
  const Shop shop;
  shop.bundle.write("rules/lift.lua", R"(return rule {
  name = "lift",
  about = "Adds to the score of matching items.",
  parameters = {
    where = condition { about = "Which items." },
    add = number { default = 0.0, about = "How much." },
  },
  constraints = function(p) return { boost { where = p.where, add = p.add } } end,
}
)");
  std::string policy = shop_policy(2);
  policy.insert(policy.find("limits:"),
                "  - {use: lift, with: {where: 'category == \"b\"', add: {value: 0, live: {min: 0, "
                "max: 1}}}}\n");
  shop.bundle.write("policies/shop.yaml", policy);
  const Json report = shop.report(log_of(40), {"--sweep", "lift.add=0:0.6:3"});
  CHECK(report["sweep"] == "lift.add");
  const Json& arms = report["groups"]["all"]["arms"];
  CHECK(arms["lift.add=0"]["ndcg"]["mean"].get<double>() == Approx(1.0 / std::log2(3.0)));
  CHECK(arms["lift.add=0.3"]["ndcg"]["mean"].get<double>() == Approx(1.0));
  CHECK(arms["lift.add=0.6"]["ndcg"]["mean"].get<double>() == Approx(1.0));

  const std::string path = shop.files.write("log.jsonl", log_of(40));
  const Output past = shop.evaluate({"--data", path, "--sweep", "lift.add=0:3:4"});
  CHECK(past.exit_code == 2);
  CHECK_THAT(past.err, Catch::Contains("the policy's bounds make `lift.add`"));
}

TEST_CASE("the page of a report is whole in itself", "[evaluate]") {
  const Shop shop;
  const std::string html = shop.files.path("report.html");
  static_cast<void>(shop.report(log_of(40), {"--html", html, "--category", "category"}));
  std::ostringstream text;
  text << std::ifstream(html).rdbuf();
  CHECK_THAT(text.str(), Catch::Contains("<svg") && Catch::Contains("40 requests"));
  CHECK_THAT(text.str(), !Catch::Contains("http") && !Catch::Contains("<script"));
  CHECK_THAT(text.str(), !Catch::Contains("nan") && !Catch::Contains("inf "));
}

TEST_CASE("requests that cannot be judged are counted and named", "[evaluate]") {
  const Shop shop;
  const Json report =
      shop.report(log_of(2) + "{\"id\":\n" + logged(9, R"({"exposed":["zz"]})") +
                  R"({"id":"r","scene":"shop","candidates":[{"id":"a1","score":1,"category":"a"}]})"
                  "\n");
  CHECK(report["not_judged"] == 2);
  CHECK(report["without_feedback"] == 1);
  CHECK_THAT(report["not_judged_first"].get<std::string>(), Catch::StartsWith("line 3: "));
  const std::string none = shop.files.write("none.jsonl", "\n");
  CHECK(shop.evaluate({"--data", none}).exit_code == 2);
  CHECK(run_program({"evaluate", "--merge", none}).exit_code == 2);
  CHECK(run_program({"evaluate", "--data", none}).exit_code == 2);
}

TEST_CASE("feedback in a request line changes nothing for `run`", "[evaluate]") {
  const Shop shop;
  const Output output = run_program({"run", "--bundle", shop.bundle.path()}, log_of(1));
  REQUIRE(output.exit_code == 0);
  const Json response = Json::parse(output.out);
  CHECK(response.value("warnings", Json::array()).empty());
}
