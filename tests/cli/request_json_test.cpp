// SPDX-License-Identifier: Apache-2.0
//
// Lines of JSON become requests: types, ids, paths, and every way a line can be wrong.
#include "cli/request/request_json.hpp"

#include <catch2/catch.hpp>
#include <string>

using lineup::OwnedColumn;
using lineup::OwnedRows;
using lineup::cli::RequestLine;
using lineup::cli::RequestReader;

namespace {

// A request whose candidates are `candidates`, and more keys before them.
std::string line_with(const std::string& candidates, const std::string& more = "") {
  return R"({"id":"r1","scene":"s",)" + more + R"("candidates":)" + candidates + "}";
}

RequestLine read(const std::string& line) {
  RequestReader reader;
  RequestLine request;
  const auto done = reader.read(line, request);
  INFO((done ? std::string() : done.error().message));
  REQUIRE(done.has_value());
  return request;
}

std::string fault(const std::string& line) {
  RequestReader reader;
  RequestLine request;
  const auto done = reader.read(line, request);
  REQUIRE_FALSE(done.has_value());
  return done.error().message;
}

const lineup_column& column(const RequestLine& request, const std::string& name) {
  const OwnedColumn* found = request.candidates.find(name);
  REQUIRE(found != nullptr);
  REQUIRE_FALSE(found->is_empty());
  return *found->view();
}

bool has_value(const lineup_column& column, std::uint32_t row) {
  return column.validity == nullptr || ((column.validity[row / 64] >> (row % 64)) & 1U) != 0;
}

}  // namespace

// Found by fuzzing: a view without an address was copied from.
TEST_CASE("a line of nothing is refused like any other that is no JSON", "[request]") {
  RequestReader reader;
  RequestLine request;
  const auto done = reader.read(std::string_view(), request);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == "request/json");
}

TEST_CASE("a column's type follows from its values", "[request]") {
  const RequestLine request = read(line_with(
      R"([{"id":1,"whole":1,"mixed":1,"yes":true,"text":"a","tags":["x","y"],"vector":[1,0.5]},
          {"id":2,"whole":-2,"mixed":1.5,"yes":false,"text":"b","tags":["z"],"vector":[0,2]}])"));
  CHECK(column(request, "whole").type == LINEUP_TYPE_I64);
  CHECK(column(request, "mixed").type == LINEUP_TYPE_F64);
  CHECK(column(request, "yes").type == LINEUP_TYPE_BOOL);
  CHECK(column(request, "text").type == LINEUP_TYPE_TEXT);
  CHECK(column(request, "tags").type == LINEUP_TYPE_TEXT_LIST);
  CHECK(column(request, "vector").type == LINEUP_TYPE_VECTOR);

  CHECK(static_cast<const std::int64_t*>(column(request, "whole").data)[1] == -2);
  CHECK(static_cast<const double*>(column(request, "mixed").data)[0] == 1.0);
  CHECK(static_cast<const double*>(column(request, "mixed").data)[1] == 1.5);
  CHECK(column(request, "vector").dimension == 2);
  CHECK(static_cast<const float*>(column(request, "vector").data)[3] == 2.0F);
  const lineup_column& tags = column(request, "tags");
  CHECK(tags.list_offsets[1] == 2);
  CHECK(tags.list_offsets[2] == 3);
  CHECK(std::string(static_cast<const char*>(tags.data) + tags.offsets[1], 1) == "y");
}

TEST_CASE("null and absent values are missing, and a column of nothing is no column", "[request]") {
  const RequestLine request =
      read(line_with(R"([{"id":1,"a":null,"b":null},{"id":2,"a":7},{"id":3},{"id":4,"tags":[]}])"));
  const lineup_column& a = column(request, "a");
  CHECK_FALSE(has_value(a, 0));
  CHECK(has_value(a, 1));
  CHECK_FALSE(has_value(a, 2));
  CHECK_FALSE(has_value(a, 3));
  CHECK(request.candidates.find("b")->is_empty());
  CHECK(request.candidates.find("tags")->is_empty());
}

TEST_CASE("missing values are padded in every type", "[request]") {
  const RequestLine request = read(line_with(
      R"([{"id":1},{"id":2,"n":1,"f":0.5,"b":true,"t":"x","l":["y"],"v":[1,2,3]},{"id":3}])"));
  for (const char* name : {"n", "f", "b", "t", "l", "v"}) {
    CAPTURE(name);
    const lineup_column& c = column(request, name);
    CHECK_FALSE(has_value(c, 0));
    CHECK(has_value(c, 1));
    CHECK_FALSE(has_value(c, 2));
  }
  CHECK(column(request, "t").offsets[3] == 1);
  CHECK(column(request, "l").list_offsets[3] == 1);
  CHECK(static_cast<const float*>(column(request, "v").data)[5] == 3.0F);
}

TEST_CASE("more than sixty-four rows have validity in words", "[request]") {
  std::string rows;
  for (int i = 0; i < 130; ++i) {
    rows += (i > 0 ? "," : "") + std::string(R"({"id":)") + std::to_string(i) +
            (i % 3 == 0 ? R"(,"x":1})" : "}");
  }
  const RequestLine request = read(line_with("[" + rows + "]"));
  for (std::uint32_t i = 0; i < 130; ++i) CHECK(has_value(column(request, "x"), i) == (i % 3 == 0));
}

TEST_CASE("columns and rows are two forms of the same", "[request]") {
  const RequestLine request =
      read(line_with(R"({"score":[0.5,null,1],"id":["a","b","c"],"tags":[["x"],[],["y","z"]]})"));
  CHECK(request.candidates.row_count() == 3);
  CHECK(request.candidates.ids().text(2) == "c");
  CHECK_FALSE(has_value(column(request, "score"), 1));
  CHECK(static_cast<const double*>(column(request, "score").data)[2] == 1.0);
  CHECK(column(request, "tags").list_offsets[3] == 3);
}

TEST_CASE("ids remember how they came", "[request]") {
  const RequestLine numbers = read(line_with(R"([{"id":7},{"id":-1}])"));
  CHECK(const_cast<OwnedRows&>(numbers.candidates).ids().view()->numbers[1] == -1);
  CHECK(numbers.candidates.ids().came_as_number(0));

  const RequestLine mixed =
      read(line_with(R"([{"id":1},{"id":"1"},{"id":18446744073709551615},{"id":"x"}])"));
  const auto& ids = mixed.candidates.ids();
  CHECK(const_cast<OwnedRows&>(mixed.candidates).ids().view()->numbers == nullptr);
  CHECK(ids.text(0) == "1");
  CHECK(ids.came_as_number(0));
  CHECK(ids.text(1) == "1");
  CHECK_FALSE(ids.came_as_number(1));
  CHECK(ids.text(2) == "18446744073709551615");
  CHECK(ids.came_as_number(2));
}

TEST_CASE("an empty batch may be a list or an object", "[request]") {
  CHECK(read(line_with("[]")).candidates.row_count() == 0);
  CHECK(read(line_with("{}")).candidates.row_count() == 0);
  CHECK(read(line_with(R"({"id":[],"score":[]})")).candidates.row_count() == 0);
}

TEST_CASE("nested context objects are paths, lists are passed over", "[request]") {
  const RequestLine request = read(line_with(
      "[]",
      R"("context":{"hour":20,"trigger":{"category":"x","deep":{"ok":true}},"p":0.5,"l":[1],"n":null},)"));
  REQUIRE(request.context.size() == 5);
  CHECK(request.context[0].path == "hour");
  CHECK(request.context[0].kind == LINEUP_VALUE_INTEGER);
  CHECK(request.context[1].path == "trigger.category");
  CHECK(request.context[1].text == "x");
  CHECK(request.context[2].path == "trigger.deep.ok");
  CHECK(request.context[2].kind == LINEUP_VALUE_BOOL);
  CHECK(request.context[3].number == 0.5);
  CHECK(request.context[4].kind == LINEUP_VALUE_MISSING);
}

TEST_CASE("overrides may be flat or nested", "[request]") {
  const RequestLine request = read(line_with(
      "[]", R"("overrides":{"boost.add":0.1,"scatter":{"max":2}},"weights":{"relevance":1},)"));
  REQUIRE(request.overrides.size() == 2);
  CHECK(request.overrides[0].first == "boost.add");
  CHECK(request.overrides[1] == std::pair<std::string, double>("scatter.max", 2.0));
  CHECK(request.weights[0] == std::pair<std::string, double>("relevance", 1.0));
}

TEST_CASE("time is a date or milliseconds; the seed follows from the id", "[request]") {
  CHECK(read(line_with("[]", R"("time":"2026-11-21T09:00:00Z",)")).now_ms == 1795251600000);
  CHECK(read(line_with("[]", R"("time":1795251600000,)")).now_ms == 1795251600000);
  CHECK(read(line_with("[]")).now_ms == LINEUP_NO_TIME);
  CHECK(read(line_with("[]")).seed == read(line_with("[]", R"("page":3,)")).seed);
  CHECK(read(line_with("[]")).seed != read(R"({"id":"r2","scene":"s","candidates":[]})").seed);
  CHECK(read(line_with("[]", R"("seed":12,)")).seed == 12);
}

TEST_CASE("an unknown key is a warning that names the nearest", "[request]") {
  const RequestLine request = read(line_with("[]", R"("wieghts":{},)"));
  REQUIRE(request.warnings.size() == 1);
  CHECK(request.warnings[0] == "nothing reads `wieghts`; did you mean `weights`?");
}

TEST_CASE("what is wrong with a line is said with its place", "[request]") {
  struct Case {
    const char* name;
    std::string line;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"not JSON", R"({"id": "r1", )", "not JSON at byte 14"},
      {"empty", "", "not JSON"},
      {"a list", "[1]", "the line must be a JSON object"},
      {"no scene", R"({"id":1,"candidates":[]})", "`scene` is missing"},
      {"no candidates", R"({"id":1,"scene":"s"})", "`candidates` is missing"},
      {"id of another type", R"({"id":[],"scene":"s"})", "`id` must be text or a whole number"},
      {"page 0", line_with("[]", R"("page":0,)"), "`page` must be a whole number from 1"},
      {"page as text", line_with("[]", R"("page":"9",)"), "`page` must be a whole number"},
      {"no time", line_with("[]", R"("time":"soon",)"), "`time` must be a time such as"},
      {"weight as text", line_with("[]", R"("weights":{"a":"b"},)"),
       "`weights.a` must be a number"},
      {"experiment as number", line_with("[]", R"("experiments":{"a":1},)"),
       "`experiments.a` must be text"},
      {"text among numbers", line_with(R"([{"id":1,"score":1},{"id":2,"score":"x"}])"),
       "candidates: column `score` mixes types: row 0 has a number, row 1 has text"},
      {"bool among numbers", line_with(R"([{"id":1,"score":1},{"id":2,"score":true}])"),
       "row 1 has true or false"},
      {"vectors of two lengths", line_with(R"([{"id":1,"v":[1,2]},{"id":2,"v":[1]}])"),
       "candidates: column `v`: row 0 has 2 numbers, row 1 has 1"},
      {"a list that mixes", line_with(R"([{"id":1,"v":[1,"x"]}])"), "mixes text and numbers"},
      {"an object as value", line_with(R"([{"id":1,"v":{}}])"), "an object is no column value"},
      {"a key twice", line_with(R"([{"id":1,"v":1,"v":2}])"), "`v` occurs twice in row 0"},
      {"an id twice", line_with(R"([{"id":1,"id":2}])"), "row 0: `id` occurs twice"},
      {"no id", line_with(R"([{"id":1},{"score":1}])"), "candidates: row 1: `id` is missing"},
      {"a fraction as id", line_with(R"([{"id":1.5}])"), "`id` must be text or a whole number"},
      {"a row that is none", line_with("[7]"), "candidates: row 0 must be an object"},
      {"columns of two lengths", line_with(R"({"id":[1,2],"a":[1]})"),
       "column `id` has 2 rows, column `a` has 1"},
      {"columns without id", line_with(R"({"a":[1]})"), "`id` is missing"},
      {"a column twice", line_with(R"({"id":[1],"a":[1],"a":[1]})"), "column `a` occurs twice"},
      {"a column that is no list", line_with(R"({"id":[1],"a":1})"), "column `a` must be a list"},
      {"candidates as text", line_with(R"("x")"), "`candidates` must be a list of rows"},
      {"history of another type", line_with("[]", R"("history":3,)"), "`history` must be a list"},
  }));
  CAPTURE(c.name);
  CHECK_THAT(fault(c.line), Catch::Contains(c.message));
}

TEST_CASE("the id is known even when something else is wrong", "[request]") {
  RequestReader reader;
  RequestLine request;
  CHECK_FALSE(reader.read(R"({"candidates":7,"id":"late","scene":"s"})", request));
  CHECK(request.has_id);
  CHECK(request.id == "late");
}

TEST_CASE("history rows may lack ids, all or none", "[request]") {
  CHECK(read(line_with("[]", R"("history":[{"c":"x"},{"c":"y"}],)")).history.row_count() == 2);
  CHECK_THAT(fault(line_with("[]", R"("history":[{"id":1},{"c":"y"}],)")),
             Catch::Contains("history: row 1: `id` is missing"));
}

TEST_CASE("a reader and its request can be used again and again", "[request]") {
  RequestReader reader;
  RequestLine request;
  REQUIRE(reader.read(line_with(R"([{"id":"a","t":"long text","n":1}])", R"("page":5,)"), request));
  REQUIRE(reader.read(line_with(R"([{"id":2,"n":0.5},{"id":3,"t":["x"]}])"), request));
  CHECK(request.page == 0);
  CHECK(request.candidates.row_count() == 2);
  CHECK(column(request, "n").type == LINEUP_TYPE_F64);
  CHECK(column(request, "t").type == LINEUP_TYPE_TEXT_LIST);
  CHECK(request.candidates.column_count() == 2);
}

TEST_CASE("many columns are told apart", "[request]") {
  std::string row = R"({"id":1)";
  for (int i = 0; i < 100; ++i) row += ",\"c" + std::to_string(i) + "\":" + std::to_string(i);
  const RequestLine request = read(line_with("[" + row + "}," + row + "}]"));
  CHECK(request.candidates.column_count() == 100);
  CHECK(static_cast<const std::int64_t*>(column(request, "c77").data)[1] == 77);
}
