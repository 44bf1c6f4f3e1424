// SPDX-License-Identifier: Apache-2.0
//
// Rules that begin, end and expire, tried at times to come with --at.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

const std::string kRequest =
    R"({"id":"r1","scene":"shop","time":"2026-01-01","candidates":[)"
    R"({"id":"a","score":0.9},{"id":"b","score":0.8},{"id":"c","score":0.7}]})";

// A shop that pins `c` first from one morning in Berlin on, and hides `b` for a day.
struct Calendar {
  Calendar() {
    folder.write("policies/shop.yaml", R"(lineup: 1
scene: shop
zone: Europe/Berlin
page: 3
columns:
  score: {type: float}
rules:
  - {use: pin, with: {id: c, slot: 1}, priority: 9, from: 2026-03-29T02:30}
  - {use: block, with: {where: 'id == "b"'}, from: 2026-10-25, until: 2026-10-26}
)");
    requests = folder.write("requests.jsonl", kRequest + "\n");
  }
  [[nodiscard]] Json run(const std::string& at) const {
    const Output output =
        run_program({"run", "--bundle", folder.path(), "--requests", requests, "--at", at});
    INFO(output.err);
    CHECK(output.exit_code == 0);
    REQUIRE(output.lines().size() == 1);
    return Json::parse(output.lines().front());
  }
  Folder folder;
  std::string requests;
};

}  // namespace

TEST_CASE("rules begin and end at the moments that their zone's clocks show", "[run][time]") {
  const Calendar calendar;
  struct Case {
    const char* at;
    Json slate;
  };
  const auto c = GENERATE(values<Case>({
      {"2026-01-01", {"a", "b", "c"}},
      // The clocks skip 02:30; they go forward at 01:00 UTC.
      {"2026-03-29T00:59:59Z", {"a", "b", "c"}},
      {"2026-03-29T01:00:00Z", {"c", "a", "b"}},
      // A day of 25 hours: from 22:00 UTC to 23:00 UTC.
      {"2026-10-24T21:59:59Z", {"a", "b", "c"}},
      {"2026-10-24T22:00:00Z", {"a", "c"}},
      {"2026-10-25T22:59:59Z", {"a", "c"}},
      {"2026-10-26T00:00:00+01:00", {"a", "b", "c"}},
  }));
  CAPTURE(c.at);
  CHECK(calendar.run(c.at).at("slate") == c.slate);
}

TEST_CASE("a pin that begins expires after ninety days, and every response says so",
          "[run][time]") {
  const Calendar calendar;
  CHECK(calendar.run("2026-06-27T00:59:59Z").at("slate") == Json({"c", "a", "b"}));
  CHECK(calendar.run("2026-06-27T00:59:59Z").at("warnings").empty());
  const Json after = calendar.run("2026-06-27T01:00:00Z");
  CHECK(after.at("slate") == Json({"a", "b", "c"}));
  CHECK(after.at("warnings") ==
        Json({"rule `pin` expired at 2026-06-27T01:00:00Z and is not applied"}));
}

TEST_CASE("explain answers as at another time", "[explain][time]") {
  const Calendar calendar;
  const Output output = run_program({"explain", "--bundle", calendar.folder.path(), "--requests",
                                     calendar.requests, "--at", "2026-04-01", "--json"});
  CHECK(output.exit_code == 0);
  CHECK_THAT(output.out, Catch::Contains(R"("placed_by":"pin")"));
}

TEST_CASE("cases that say no time run at the one that is given", "[test][time]") {
  const Folder folder;
  folder.write("rules/soon.lua", R"(return rule {
  name = "soon",
  about = "Keeps what begins later off the page.",
  required = true,
  constraints = function(p) return { filter { where = "released > now" } } end,
}
)");
  folder.write("rules/soon.cases.yaml", R"(- name: says its time
  time: 2026-01-01
  columns: &columns {released: {type: time}}
  rows: &rows
    - {id: 1, score: 1, released: 2025-12-31}
    - {id: 2, score: 2, released: 2026-06-01}
  expect: {slate: [1]}
- name: says none
  columns: *columns
  rows: *rows
  expect: {slate: [2, 1]}
)");
  const auto test_at = [&](const char* at) {
    return run_program({"test", "--rules", folder.path("rules"), "--at", at});
  };
  CHECK(test_at("2026-07-01").exit_code == 0);
  const Output early = test_at("2026-05-01");
  CHECK(early.exit_code == 1);
  CHECK_THAT(early.out, Catch::Contains("passed  soon: says its time"));
  CHECK_THAT(early.out, Catch::Contains("failed  soon: says none"));
}

TEST_CASE("a rule acts in the variant of an experiment that it names", "[run][experiment]") {
  const Folder folder;
  folder.write("policies/shop.yaml", R"(lineup: 1
scene: shop
page: 3
columns:
  score: {type: float}
segments:
  bold: 'experiment.ranking in {"B", "C"}'
rules:
  - {use: pin, with: {id: c, slot: 1}, priority: 9, when: 'experiment.ranking == "B"'}
  - {use: block, with: {where: 'id == "b"'}, when: segment.bold}
)");
  const auto slate_in = [&](const std::string& experiments) {
    const Output output = run_program(
        {"run", "--bundle", folder.path()},
        R"({"id":"r1","scene":"shop","experiments":)" + experiments +
            R"(,"candidates":[{"id":"a","score":3},{"id":"b","score":2},{"id":"c","score":1}]})");
    REQUIRE(output.lines().size() == 1);
    return Json::parse(output.lines().front()).at("slate");
  };
  CHECK(slate_in("{}") == Json({"a", "b", "c"}));
  CHECK(slate_in(R"({"ranking":"A"})") == Json({"a", "b", "c"}));
  CHECK(slate_in(R"({"other":"B","ranking":"B"})") == Json({"c", "a"}));
  CHECK(slate_in(R"({"ranking":"C"})") == Json({"a", "c"}));
}

TEST_CASE("what is no time is refused, and a simulation is not recorded", "[run][time]") {
  const Calendar calendar;
  const Output wrong = run_program({"run", "--bundle", calendar.folder.path(), "--at", "tomorrow"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Catch::Contains("`tomorrow` is no time; write 2026-12-24"));
  const Output recorded =
      run_program({"run", "--bundle", calendar.folder.path(), "--at", "2026-01-01", "--record",
                   calendar.folder.path("seen.jsonl")});
  CHECK(recorded.exit_code == 2);
}
