// SPDX-License-Identifier: Apache-2.0
//
// `lineup run`: a line in, a line out, in order, whatever happens.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

const std::string kRows =
    R"([{"id":"a1","score":0.9,"category":"a"},{"id":"a2","score":0.8,"category":"a"},)"
    R"({"id":"b1","score":0.7,"category":"b"},{"id":"h1","score":1.0,"category":"hidden"}])";

std::string request(const std::string& id, const std::string& candidates = kRows,
                    const std::string& more = "") {
  return R"({"id":)" + id + R"(,"scene":"shop",)" + more + R"("candidates":)" + candidates + "}";
}

// The response to one line.
Json respond(const std::string& line, int exit_code) {
  const Folder bundle;
  write_shop(bundle);
  const Output output = run_program({"run", "--bundle", bundle.path()}, line + "\n");
  INFO(output.err);
  CHECK(output.exit_code == exit_code);
  REQUIRE(output.lines().size() == 1);
  return Json::parse(output.lines().front());
}

}  // namespace

TEST_CASE("a page follows the rules and the response says so", "[run]") {
  const Json response = respond(request(R"("r1")"), 0);
  CHECK(response.at("id") == "r1");
  CHECK(response.at("slate") == Json({"a1", "b1", "a2"}));
  CHECK(response.at("status") == "ok");
  CHECK(response.at("search") == "complete");
  CHECK(response.at("relaxed").empty());
  CHECK(response.at("error").is_null());
  CHECK(response.at("weights").at("relevance") == 1.0);
  CHECK_FALSE(response.at("revision").get<std::string>().empty());
  CHECK(response.at("elapsed_us").get<double>() > 0.0);
}

TEST_CASE("what is wrong with a line is said in its response", "[run]") {
  struct Case {
    const char* name;
    std::string line;
    Json id;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"malformed", R"({"id":"r1","scene":)", nullptr, "line 1: not JSON at byte"},
      {"an empty line", "", nullptr, "line 1: not JSON"},
      {"unknown scene", R"({"id":5,"scene":"shap","candidates":[]})", 5, "unknown scene"},
      {"candidates of another kind", request(R"("r1")", "7"), "r1", "candidates"},
      {"columns of unequal length", request(R"("r1")", R"({"id":[1,2],"score":[1]})"), "r1",
       "column `id` has 2 rows"},
      {"text among numbers", request("3", R"([{"id":1,"score":1},{"id":2,"score":"x"}])"), 3,
       "row 1 has text"},
      {"a column of another type", request("3", R"([{"id":1,"score":"high"}])"), 3, "score"},
  }));
  CAPTURE(c.name);
  const Json response = respond(c.line, 1);
  CHECK(response.at("id") == c.id);
  CHECK(response.at("status") == "error");
  CHECK(response.at("slate").empty());
  CHECK_THAT(response.at("error").get<std::string>(), Catch::Contains(c.message));
}

TEST_CASE("an empty batch is a page of nothing", "[run]") {
  for (const char* empty : {"[]", "{}", R"({"id":[],"score":[]})"}) {
    const Json response = respond(request("1", empty), 0);
    CHECK(response.at("status") == "ok");
    CHECK(response.at("slate").empty());
  }
}

TEST_CASE("a page longer than the batch shows what there is", "[run]") {
  const Json response = respond(request("1", kRows, R"("page":50,)"), 0);
  CHECK(response.at("status") == "ok");
  CHECK(response.at("slate").size() == 3);
}

TEST_CASE("a missing score sorts last, with a warning", "[run]") {
  const Json response = respond(
      request("1",
              R"([{"id":"x","score":null,"category":"a"},{"id":"y","score":0.1,"category":"b"}])"),
      0);
  CHECK(response.at("slate") == Json({"y", "x"}));
  CHECK(response.at("warnings").size() == 1);
}

TEST_CASE("of a duplicate id the first is kept, with a warning", "[run]") {
  const Json response = respond(
      request("1", R"([{"id":7,"score":0.1,"category":"a"},{"id":8,"score":0.5,"category":"b"},)"
                   R"({"id":7,"score":0.9,"category":"c"}])"),
      0);
  CHECK(response.at("slate") == Json({8, 7}));
  CHECK(response.at("warnings").size() == 1);
}

TEST_CASE("ids are echoed as they came", "[run]") {
  const Json response = respond(
      request("1",
              R"([{"id":1,"score":0.9,"category":"a"},{"id":"2","score":0.5,"category":"b"}])"),
      0);
  CHECK(response.at("slate") == Json({1, "2"}));
}

TEST_CASE("columns give the same page as rows", "[run]") {
  const Json response =
      respond(request("1", R"({"id":["a1","a2","b1","h1"],"score":[0.9,0.8,0.7,1],)"
                           R"("category":["a","a","b","hidden"]})"),
              0);
  CHECK(response.at("slate") == Json({"a1", "b1", "a2"}));
}

TEST_CASE("weights out of bounds are clamped with a warning; experiments are echoed", "[run]") {
  const Json response =
      respond(request("1", kRows, R"("weights":{"relevance":9},"experiments":{"arm":"b"},)"), 0);
  CHECK(response.at("weights").at("relevance") == 5.0);
  CHECK(response.at("experiments").at("arm") == "b");
  CHECK(response.at("warnings").size() == 1);
}

TEST_CASE("with --explain the response has the trace", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  const Output output =
      run_program({"run", "--bundle", bundle.path(), "--explain"}, request("1") + "\n");
  REQUIRE(output.exit_code == 0);
  CHECK(Json::parse(output.out).at("trace").at("slots").size() == 3);
}

TEST_CASE("responses keep the order of requests on any number of threads", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  std::string input;
  for (int i = 0; i < 500; ++i) {
    if (i % 50 == 7) {
      input += "not json\n";
    } else if (i % 50 == 8) {
      input += request(std::to_string(i), "[]") + "\n";
    } else {
      input += request(std::to_string(i)) + "\n";
    }
  }
  const std::string requests = bundle.write("requests.jsonl", input);
  std::string first;
  for (const char* threads : {"1", "4"}) {
    const std::string out = bundle.path(std::string("out") + threads);
    const Output output =
        run_program({"run", "--bundle", bundle.path(), "--requests", requests, "--out", out,
                     "--threads", threads, "--workers", threads[0] == '1' ? "0" : "2"});
    CHECK(output.exit_code == 1);
    std::ifstream lines(out);
    std::string line;
    std::string pages;
    for (int i = 0; i < 500; ++i) {
      REQUIRE(std::getline(lines, line));
      const Json response = Json::parse(line);
      CHECK(response.at("id") == (i % 50 == 7 ? Json() : Json(i)));
      pages += response.at("slate").dump();
    }
    CHECK_FALSE(std::getline(lines, line));
    if (first.empty()) first = pages;
    CHECK(pages == first);
  }
}

TEST_CASE("a partner who waits for each answer gets it", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  Running program({"run", "--bundle", bundle.path(), "--threads", "2"});
  for (int i = 0; i < 3; ++i) {
    program.write(request(std::to_string(i)) + "\n");
    const std::string line = program.read_line();
    REQUIRE_FALSE(line.empty());
    CHECK(Json::parse(line).at("id") == i);
  }
  program.close_input();
  CHECK(program.wait() == 0);
}

TEST_CASE("the last line needs no end", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  const Output output = run_program({"run", "--bundle", bundle.path()},
                                    "\xEF\xBB\xBF" + request("1") + "\r\n" + request("2"));
  CHECK(output.exit_code == 0);
  CHECK(output.lines().size() == 2);
}

TEST_CASE("after Ctrl-C the lines that were written are whole", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  Running program({"run", "--bundle", bundle.path(), "--threads", "2"});
  program.write(request("1") + "\n");
  REQUIRE_FALSE(program.read_line().empty());
  program.write(request("2") + "\n" + R"({"id":3,"scene":)");
  REQUIRE_FALSE(program.read_line().empty());
  program.signal(SIGINT);
  CHECK(program.wait() == 130);
  CHECK(program.read_line().empty());
}

TEST_CASE("a reader of the pipe who goes away ends the program quietly", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  std::string input;
  for (int i = 0; i < 5000; ++i) input += request("1") + "\n";
  const std::string requests = bundle.write("requests.jsonl", input);
  const std::string command = std::string(LINEUP_PROGRAM) + " run --bundle " + bundle.path() +
                              " --requests " + requests + " 2>" + bundle.path("err") +
                              " | head -n 1 >/dev/null";
  CHECK(std::system(command.c_str()) == 0);
  std::ifstream err(bundle.path("err"));
  CHECK(std::string(std::istreambuf_iterator<char>(err), {}).empty());
}

TEST_CASE("what cannot be run ends with 2 and says why", "[run]") {
  const Folder bundle;
  write_shop(bundle);
  const Folder broken;
  broken.write("policies/shop.yaml", "lineup: 1\nscene: shop\npage: 3\nruls: []\n");
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"no such file",
       {"run", "--bundle", bundle.path(), "--requests", "nowhere.jsonl"},
       "cannot open `nowhere.jsonl`"},
      {"no such directory", {"run", "--bundle", bundle.path() + "/nowhere"}, "nowhere"},
      {"a broken bundle", {"run", "--bundle", broken.path()}, "did you mean `rules`?"},
      {"an unwritable output",
       {"run", "--bundle", bundle.path(), "--out", "/nowhere/x"},
       "cannot write `/nowhere/x`"},
      {"an unknown option", {"run", "--bundel", "x"}, "--bundle"},
      {"no verb", {}, "subcommand"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Output output = run_program(c.arguments);
    CHECK(output.exit_code == 2);
    CHECK(output.out.empty());
    CHECK_THAT(output.err, Catch::Contains(c.message));
  }
}
