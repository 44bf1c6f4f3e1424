// SPDX-License-Identifier: Apache-2.0
//
// `lineup import` on made-up rows in the formats of the public logs, and on the real ones where
// they are there.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/paths.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

std::vector<Json> import(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"import"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Output output = run_program(all);
  INFO(output.err);
  REQUIRE(output.exit_code == 0);
  std::vector<Json> out;
  for (const std::string& line : output.lines()) out.push_back(Json::parse(line));
  return out;
}

constexpr const char* kImpressions =
    "user_id,video_id,date,hourmin,time_ms,is_click,is_like,long_view,tab\n"
    "7,v1,20220501,1,100,1,0,1,1\n"
    "7,v2,20220501,1,101,0,0,0,1\n"
    "7,v9,20220504,1,301,1,1,1,0\n"  // another tab
    "7,v2,20220504,1,203,1,1,1,1\n"
    "7,v1,20220504,1,202,0,0,0,1\n"
    "8,v1,20220504,1,300,0,0,0,1\n";
constexpr const char* kItems =
    "video_id,author_id,video_type,tag\nv1,a1,NORMAL,39\nv2,a2,AD,\nv9,a3,NORMAL,1\n";

}  // namespace

TEST_CASE("kuairand becomes lists of a user's consecutive videos", "[import]") {
  const Folder folder;
  folder.write("impressions.csv", kImpressions);
  folder.write("items.csv", kItems);
  const auto lists = import({"kuairand", folder.path(), "--length", "2"});
  REQUIRE(lists.size() == 1);  // the other is of the days before, user 8 has one video
  const Json& list = lists[0];
  CHECK(list["feedback"]["exposed"] == Json({"v1", "v2"}));  // by time
  CHECK(list["feedback"]["events"].size() == 3);
  CHECK(list["user"] == "7");
  CHECK(list["candidates"][0]["tag"] == "39");
  CHECK(list["candidates"][1]["type"] == "ad");
  CHECK_FALSE(list["candidates"][1].contains("tag"));
  // Learned from the first list alone: (1 + 20 * 0.5) / 21.
  CHECK(list["candidates"][0]["score"].get<double>() == Approx(11.0 / 21.0));
  CHECK(import({"kuairand", folder.path(), "--length", "2", "--part", "all"}).size() == 2);
}

TEST_CASE("rows of a user that do not stand together are refused with their line", "[import]") {
  const Folder folder;
  folder.write("impressions.csv", std::string(kImpressions) + "7,v1,20220505,1,1,0,0,0,1\n");
  folder.write("items.csv", kItems);
  const Output output = run_program({"import", "kuairand", folder.path()});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("impressions.csv:8: the rows of user `7`"));
}

TEST_CASE("movielens becomes pages of ratings, scored without the user's own", "[import]") {
  const Folder folder;
  folder.write("movies.csv",
               "movieId,title,genres\n1,\"One, the\",A|B\n2,Two,(no genres listed)\n");
  folder.write("ratings.csv",
               "userId,movieId,rating,timestamp\n1,1,5.0,20\n1,2,2.0,10\n2,1,4.0,5\n2,2,3.5,6\n");
  const auto pages = import({"movielens", folder.path(), "--length", "2", "--scene", "films"});
  REQUIRE(pages.size() == 2);
  CHECK(pages[0]["scene"] == "films");
  CHECK(pages[0]["feedback"]["exposed"] == Json({"2", "1"}));
  CHECK(pages[0]["feedback"]["events"] == Json({{{"id", "1"}, {"type", "click"}}}));
  CHECK(pages[0]["candidates"][1]["genres"] == Json({"A", "B"}));
  // One other rating, which was liked; the mean of all is a half.
  CHECK(pages[0]["candidates"][1]["score"].get<double>() == Approx((1.0 + 5.0) / 11.0));
}

TEST_CASE("obd becomes one request per recorded slot, with its propensity", "[import]") {
  const Folder folder;
  const std::string rows =
      ",timestamp,item_id,position,click,propensity_score,user-item_affinity_0,user-item_affinity_"
      "1\n"
      "0,2019-11-24 00:01:03.979311+00:00,1,2,1,0.25,0.0,3.0\n";
  const std::string items = ",item_id,item_feature_0\n0,0,-0.5\n1,1,0.5\n";
  folder.write("random_men.csv", rows);
  folder.write("item_context_men.csv", items);
  folder.write("bts/women/women.csv", rows);  // the original layout
  folder.write("bts/women/item_context.csv", items);
  const auto lines = import({"obd", folder.path()});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["feedback"]["slots"] == Json({2}));
  CHECK(lines[0]["feedback"]["propensities"] == Json({0.25}));
  CHECK(lines[0]["feedback"]["events"][0]["id"] == "1");
  CHECK(lines[0]["candidates"][1]["score"] == 3.0);
  CHECK(lines[0]["time"] == 1574553663979);
  CHECK(lines[1]["context"]["campaign"] == "women");
}

TEST_CASE("logs of one's own are joined by request", "[import]") {
  const Folder folder;
  folder.write("requests.jsonl", R"({"id":"r1","scene":"s","candidates":[{"id":"a"}]})"
                                 "\n"
                                 R"({"id":"r2","scene":"s","candidates":[{"id":"b"}]} )"
                                 "\n"
                                 R"({"id":"r3","scene":"s","candidates":[{"id":"c"}]})"
                                 "\n");
  folder.write("feedback.jsonl",
               R"({"id":"r2","exposed":["b"],"events":[{"id":"b","type":"click"}]})"
               "\n"
               R"({"id":"r1","exposed":["a"]})"
               "\n");
  const auto lines = import({"jsonl", folder.path()});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["feedback"]["exposed"] == Json({"a"}));
  CHECK(lines[1]["feedback"]["events"][0]["type"] == "click");
}

TEST_CASE("a folder without the log is refused", "[import]") {
  const Folder folder;
  for (const char* format : {"kuairand", "movielens", "obd", "jsonl"}) {
    const Output output = run_program({"import", format, folder.path()});
    CHECK(output.exit_code == 2);
    CHECK_FALSE(output.err.empty());
  }
}

TEST_CASE("the real logs are read whole", "[import][data]") {
  const std::string data = lineup::kSourceDir + "/../shared/data/";
  if (!std::filesystem::exists(data + "kuairand")) {
    WARN("skipped: " << data << " is not there");
    return;
  }
  CHECK(import({"kuairand", data + "kuairand"}).size() == 6699);
  CHECK(import({"movielens", data + "movielens"}).size() == 9722);
}
