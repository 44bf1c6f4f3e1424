// SPDX-License-Identifier: Apache-2.0
//
// Rows that operations insert, as the users of the program meet them.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

const std::string kPolicy = R"(lineup: 1
scene: shop
zone: Europe/Berlin
page: 3
columns:
  score:    {type: float}
  type:     {type: category}
  tags:     {type: categories, split: ','}
  released: {type: time}
  is_new:   {type: bool, default: false}
pools: [banners, picks]
rules:
  - {use: pin, as: banner_first, with: {where: 'type == "banner"', slot: 1}, priority: 9}
  - {use: pin, as: pick_last, with: {id: 7, slot: 3}, priority: 8}
)";

const std::string kBanners = R"(
- {id: spring, type: banner, tags: 'sale, shoes', expires: 2026-06-01}
- {id: summer, type: banner, released: 2026-05-01, from: 2026-06-01, expires: 2026-09-01}
)";

struct Shop {
  Shop() {
    folder.write("policies/shop.yaml", kPolicy);
    folder.write("pools/banners.yaml", kBanners);
    folder.write("pools/picks.yaml", "- {id: 7, score: 0.1, type: post, expires: never}\n");
    requests = write(R"([{"id":1,"score":0.9,"type":"post"},{"id":2,"score":0.8},)"
                     R"({"id":3,"score":0.7}])");
  }
  [[nodiscard]] std::string write(const std::string& candidates) const {
    return folder.write("requests.jsonl",
                        R"({"id":"r1","scene":"shop","candidates":)" + candidates + "}\n");
  }
  [[nodiscard]] Json run(const std::string& at) const {
    const Output output =
        run_program({"run", "--bundle", folder.path(), "--requests", requests, "--at", at});
    INFO(output.err);
    REQUIRE(output.lines().size() == 1);
    return Json::parse(output.lines().front());
  }
  Folder folder;
  std::string requests;
};

}  // namespace

TEST_CASE("rows of a pool stand behind the candidates, for as long as they say", "[run][pool]") {
  const Shop shop;
  const Json spring = shop.run("2026-05-31T21:59:59Z");
  CHECK(spring.at("slate") == Json({"spring", 1, 7}));
  CHECK(spring.at("status") == "ok");
  CHECK(spring.at("warnings").empty());
  // Midnight in Berlin: one banner follows the other.
  CHECK(shop.run("2026-05-31T22:00:00Z").at("slate") == Json({"summer", 1, 7}));
  CHECK(shop.run("2026-09-01").at("slate") == Json({1, 2, 7}));
}

TEST_CASE("a candidate stands for the row of a pool that has its id", "[run][pool]") {
  const Shop shop;
  (void)shop.write(R"([{"id":"spring","score":0.9,"type":"post"},{"id":"x","score":0.8}])");
  const Json page = shop.run("2026-01-01");
  CHECK(page.at("slate") == Json({"spring", "x", "7"}));
  CHECK(page.at("warnings").empty());
}

TEST_CASE("an empty batch is filled from the pools", "[run][pool]") {
  const Shop shop;
  (void)shop.write("[]");
  CHECK(shop.run("2026-01-01").at("slate") == Json({"spring", "7"}));
}

TEST_CASE("explain and verify know the rows of pools", "[explain][verify][pool]") {
  const Shop shop;
  const Output explained = run_program({"explain", "--bundle", shop.folder.path(), "--requests",
                                        shop.requests, "--at", "2026-01-01"});
  CHECK(explained.exit_code == 0);
  CHECK_THAT(explained.out, Catch::Contains("spring"));
  const auto why = [&](const char* item) {
    return run_program({"explain", "--bundle", shop.folder.path(), "--requests", shop.requests,
                        "--at", "2026-01-01", "--why", item})
        .out;
  };
  CHECK_THAT(why("spring"), Catch::Contains("spring stands at slot 1"));
  CHECK_THAT(why("summer"), Catch::Contains("is a row of a pool that is not shown at this time"));
  const auto verify = [&](const std::string& slate) {
    const std::string slates =
        shop.folder.write("slates.jsonl", R"({"id":"r1","slate":)" + slate + "}\n");
    return run_program({"verify", "--bundle", shop.folder.path(), "--requests", shop.requests,
                        "--slates", slates});
  };
  shop.folder.write("pools/banners.yaml",
                    "- {id: spring, type: banner, expires: never}\n"
                    "- {id: old, type: banner, expires: 2020-01-01}\n");
  CHECK(verify(R"(["spring", 1, 7])").exit_code == 0);
  const Output unknown = verify(R"(["winter", 1, 7])");
  CHECK(unknown.exit_code == 1);
  CHECK_THAT(unknown.out, Catch::Contains("`winter` is not among the candidates"));
  const Output old = verify(R"(["old", 1, 7])");
  CHECK(old.exit_code == 1);
  CHECK_THAT(old.out, Catch::Contains("slot 1: row `old` of pool `banners` is not shown at this"));
}

TEST_CASE("check holds pools against the columns of the policy", "[check][pool]") {
  const Shop shop;
  const auto check = [&](std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"check", "--bundle", shop.folder.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  };
  CHECK(check({"--at", "2026-01-01"}).exit_code == 0);
  const Output later = check({"--at", "2026-08-01"});
  CHECK(later.exit_code == 0);
  CHECK_THAT(later.out, Catch::Contains("pools/banners.yaml:2:60: warning[pool/expired]: row "
                                        "`spring` ended at 2026-05-31T22:00:00Z"));

  shop.folder.write("pools/banners.yaml", R"(
- {id: a, typ: banner, expires: never}
- {id: b, score: high, type: 3, tags: [x, true], released: soon, is_new: 1, expires: never}
- {id: 7, expires: never}
- {id: c, from: 2026-02-01, expires: 2026-01-01}
)");
  shop.folder.write("policies/shop.yaml", kPolicy + "segments: {}\n");
  const Output wrong = check();
  CHECK(wrong.exit_code == 1);
  for (const char* sentence :
       {"pools/banners.yaml:2:11: error[pool/unknown-column]: scene `shop` has no column `typ`; "
        "did "
        "you mean `type`?",
        "pools/banners.yaml:3:18: error[pool/type]: `score` must be a number, found text",
        "`tags` must be text or a list of texts, found a list",
        "`released` must be a date such as 2026-01-31, found text",
        "`is_new` must be true or false, found a whole number",
        "error[pool/duplicate-id]: the row `7` stands in pool `banners` already",
        "pools/banners.yaml:5:38: error[pool/dates]: `expires` is not after `from`"}) {
    CHECK_THAT(wrong.out, Catch::Contains(sentence));
  }
  CHECK_THAT(wrong.out, !Catch::Contains("`type` must be"));
}

TEST_CASE("a pool that is not there is named with the one that was meant", "[check][pool]") {
  const Shop shop;
  shop.folder.write("policies/shop.yaml",
                    kPolicy.substr(0, kPolicy.find("pools:")) + "pools: [bannres, shelf, picks]\n");
  shop.folder.write("pools/picks.yaml", "# nothing\n");
  const Output output = run_program({"check", "--bundle", shop.folder.path()});
  CHECK(output.exit_code == 1);
  CHECK_THAT(output.out, Catch::Contains("unknown pool `bannres`; did you mean `banners`?"));
  CHECK_THAT(output.out,
             Catch::Contains("unknown pool `shelf`; a pool is a file: pools/shelf.yaml"));
  CHECK_THAT(output.out, Catch::Contains("warning[policy/empty-pool]: pool `picks` has no rows"));
}
