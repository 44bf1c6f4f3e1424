// SPDX-License-Identifier: Apache-2.0
//
// What conditions mean, row by row: the table is the specification. Both evaluators are asked.
#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "condition/condition.hpp"
#include "condition/rows.hpp"
#include "condition/scene.hpp"

namespace lineup {

namespace {

constexpr std::monostate kNone;

std::int64_t at(const char* date) { return parse_time_ms(date).value(); }

// Three rows: one with low values, one with high values, one with nothing at all.
Rows three_rows(const Schema& schema) {
  Rows rows(schema);
  rows.add("m1", {1.0, 2.0, std::int64_t{10}, std::string("Drama"), std::string("a"),
                  Texts{"short", "new"}, true, false, at("2010-01-01"), kNone});
  rows.add("42", {9.5, 9.5, std::int64_t{500}, std::string("Comedy"), std::string("Comedy"),
                  Texts{"long"}, false, false, at("2020-06-01T12:00:00Z"), kNone});
  rows.add("m3", std::vector<Cell>(schema.size(), Cell{}));
  return rows;
}

// "110": holds for the first and second row.
std::string truth(const std::string& text, Rows& rows, ColumnScene& scene,
                  const RequestContext& request) {
  Diagnostics diagnostics;
  Condition condition;
  if (!condition.compile(text, scene.scope(), {}, 0, diagnostics)) {
    return diagnostics.all()[0].message;
  }
  Arena arena;
  const Table& table = rows.table();
  std::vector<Word> bits(word_count(table.row_count), ~Word{0});
  condition.select(table, rows.vocabularies(), request, arena, bits);
  std::string out;
  for (std::uint32_t row = 0; row < table.row_count; ++row) {
    const bool selected = test_bit(bits.data(), row);
    CHECK(condition.holds(table, rows.vocabularies(), request, row) == selected);
    out += selected ? '1' : '0';
  }
  if (!bits.empty() && table.row_count < 64) CHECK(bits[0] >> table.row_count == 0);
  return out;
}

struct Case {
  const char* text;
  const char* expected;
};

}  // namespace

TEST_CASE("columns compare by type, and missing values only with ~=", "[condition]") {
  const auto c = GENERATE(values<Case>({
      {"price < 5", "100"},
      {"price >= 1 and price <= 1.0", "100"},
      {"5 > price", "100"},
      {"price ~= 1", "011"},
      {"price != 1", "011"},
      {"not (price == 1)", "011"},
      {"not price == 1", "011"},
      {"price == list_price", "010"},
      {"price < list_price", "100"},
      {"votes in 10..499", "100"},
      {"votes not in 10..499", "011"},
      {"votes > 10.5", "010"},
      {"votes in {10, 500.0}", "110"},
      {"price in {9.5, 3}", "010"},
      {"category == \"Drama\"", "100"},
      {"category ~= \"Drama\"", "011"},
      {"category == 'Horror'", "000"},
      {"category < \"D\"", "010"},
      {"category in {\"Drama\", \"Horror\",}", "100"},
      {"category not in {\"Drama\"}", "011"},
      {"category in {}", "000"},
      {"category == author", "010"},
      {"category ~= author", "101"},
      {"author in list.blocked_authors", "100"},
      {"author not in list.blocked_authors", "011"},
      {"tags == \"new\"", "100"},
      {"tags ~= \"new\"", "011"},
      {"tags in {\"long\", \"new\"}", "110"},
      {"tags in list.blocked_authors", "000"},
      {"is_new", "100"},
      {"not is_new", "011"},
      {"is_new == false", "010"},
      {"is_new ~= true", "011"},
      {"is_new == sponsored", "010"},
      {"released >= time(\"2010-01-01\")", "110"},
      {"released > \"2010-01-01\"", "010"},
      {"released in \"2010-01-01\"..\"2010-12-31\"", "100"},
      {"released in {\"2010-01-01\"}", "100"},
      {"released == \"2020-06-01T14:00:00+02:00\"", "010"},
      {"author == nil", "001"},
      {"nil ~= author", "110"},
      {"price == nil or tags == nil", "001"},
      {"vector == nil", "111"},
      {"true", "111"},
      {"false or false", "000"},
      {"author is missing", "001"},
      {"author is not missing", "110"},
      {"not author is missing", "110"},
      {"price is missing or tags is missing", "001"},
      {"category starts with \"Com\"", "010"},
      {"category ends with 'a'", "100"},
      {"category starts with \"\"", "110"},
      {"category starts with \"Dramatic\"", "000"},
      {"not category starts with \"Com\"", "101"},
      {"tags starts with \"n\"", "100"},
      {"tags ends with \"g\"", "010"},
      {"released >= now - 7d", "010"},
      {"released >= now -7d and released < now+1h", "010"},
      {"released + 7d >= now", "010"},
      {"now - 7d <= released", "010"},
      {"released < now - 1w - 12h", "100"},
      {"released in now - 30d..now", "010"},
      {"released not in now - 30d..now", "101"},
      {"released in time(\"2010-01-01\") - 1d..now", "110"},
      {"released in now..now - 30d", "000"},
      {"released + 1d - 24h == released", "110"},
      {"released + 1d == released", "000"},
      {"released == time(\"2010-01-08\") - 168h", "100"},
      {"released == time(\"2010-01-01T01:00\", \"Europe/Berlin\")", "100"},
      {"released == time(\"2010-01-01T00:00Z\", \"Europe/Berlin\")", "100"},
      {"now > time(\"2020-06-02\")", "111"},
      {"now in \"2020-06-01\"..\"2020-07-01\"", "111"},
      {"now ~= nil", "111"},
      {"price in list.prices", "110"},
      {"votes in list.prices", "000"},
      {"votes in list.blocked_authors", "000"},
      {"is_new and price < 5 or votes == 500", "110"},
      {"is_new and (price > 5 or votes == 500)", "000"},
  }));
  CAPTURE(c.text);
  ColumnScene scene;
  Rows rows = three_rows(scene.schema);
  rows.finish();
  RequestContext request;
  request.now_ms = at("2020-06-03T12:00:00Z");
  CHECK(truth(c.text, rows, scene, request) == c.expected);
}

TEST_CASE("a date without a zone is read in that of its policy", "[condition]") {
  ColumnScene scene;
  Rows rows = three_rows(scene.schema);
  rows.finish();
  const auto berlin = TimeZone::find("Europe/Berlin");
  scene.zone = &*berlin;
  CHECK(truth("released == \"2010-01-01\"", rows, scene, {}) == "000");
  CHECK(truth("released == \"2010-01-01T01:00\"", rows, scene, {}) == "100");
  CHECK(truth("released == time(\"2020-06-01T14:00\")", rows, scene, {}) == "010");
  CHECK(truth("released == time(\"2010-01-01\", \"UTC\")", rows, scene, {}) == "100");
}

TEST_CASE("durations do not run over at the ends of time", "[condition]") {
  ColumnScene scene;
  Rows rows(scene.schema);
  std::vector<Cell> cells(scene.schema.size(), Cell{});
  for (const std::int64_t moment : {INT64_MAX, INT64_MIN, std::int64_t{0}}) {
    cells[*scene.schema.find("released")] = moment;
    rows.add(moment, cells);
  }
  rows.finish();
  RequestContext request;
  CHECK(truth("released > now + 1w", rows, scene, request) == "100");
  CHECK(truth("released + 1w > released", rows, scene, request) == "101");
  CHECK(truth("released - 1w < released", rows, scene, request) == "011");
  request.now_ms = INT64_MAX;
  CHECK(truth("released >= now + 1w", rows, scene, request) == "100");
}

TEST_CASE("the variant that a request is in is a text", "[condition]") {
  ColumnScene scene;
  scene.context.slot("experiment.ranking");
  Rows rows = three_rows(scene.schema);
  rows.finish();
  const Scalar variant = Scalar::of(std::string_view("B"));
  RequestContext request;
  request.context = {&variant, 1};
  CHECK(truth("experiment.ranking == \"B\"", rows, scene, request) == "111");
  CHECK(truth("experiment.ranking in {\"A\", \"B\"}", rows, scene, request) == "111");
  CHECK(truth("context.experiment.ranking == \"B\"", rows, scene, request) == "111");
  CHECK(truth("experiment.ranking starts with \"C\"", rows, scene, request) == "000");
  CHECK(truth("experiment.other is missing", rows, scene, request) == "111");
  CHECK(truth("experiment.other ~= \"A\"", rows, scene, request) == "111");
}

TEST_CASE("ids match across their numeric and text forms", "[condition]") {
  const auto c = GENERATE(values<Case>({
      {"id == 42", "010"},
      {"id == \"42\"", "010"},
      {"id == \"042\"", "000"},
      {"id ~= 42", "101"},
      {"id in {42, 7}", "010"},
      {"id in {\"42\"}", "010"},
      {"id in list.blocked_authors", "001"},
      {"id == context.number", "010"},
      {"id == context.text", "010"},
      {"id == context.fraction", "000"},
      {"id ~= nil", "111"},
      {"id starts with \"4\"", "110"},
      {"id ends with \"2\"", "010"},
      {"id is missing", "000"},
  }));
  CAPTURE(c.text);
  ColumnScene scene;
  const Cell none;
  const std::vector<Cell> empty(scene.schema.size(), none);
  Rows numbers(scene.schema);
  Rows texts(scene.schema);
  for (const std::int64_t id : {41, 42, 3}) {
    numbers.add(id, empty);
    texts.add(std::to_string(id), empty);
  }
  numbers.finish();
  texts.finish();
  for (const char* path : {"number", "text", "fraction"}) scene.context.slot(path);
  const Scalar values[] = {Scalar::of(std::int64_t{42}), Scalar::of(std::string_view("42")),
                           Scalar::of(42.5)};
  RequestContext request;
  request.context = values;
  CHECK(truth(c.text, numbers, scene, request) == c.expected);
  CHECK(truth(c.text, texts, scene, request) == c.expected);
}

TEST_CASE("context values compare by the kind they turn out to have", "[condition]") {
  const auto c = GENERATE(values<Case>({
      {"context.number < 8", "111"},
      {"context.number == \"7\"", "000"},
      {"context.number ~= \"7\"", "111"},
      {"context.text in {\"Drama\", 3}", "111"},
      {"context.text in 1..3", "000"},
      {"context.text == category", "100"},
      {"category ~= context.text", "011"},
      {"context.missing == 1", "000"},
      {"context.missing ~= 1", "111"},
      {"context.missing == nil", "111"},
      {"context.flag", "111"},
      {"not context.number", "111"},
      {"context.flag == true", "111"},
      {"context.fraction > 0.25 and context.fraction < 1", "111"},
      {"price > context.fraction", "110"},
      {"context.number in list.blocked_authors", "000"},
      {"context.day >= time(\"2026-01-01\")", "111"},
      {"released < context.day", "110"},
      {"released < context.number", "000"},
      {"context.number < context.fraction", "000"},
      {"context.day + 1d > time(\"2026-03-01T12:00\")", "111"},
      {"context.day + 11h > time(\"2026-03-01T12:00\")", "000"},
      {"context.flag + 1d > now", "000"},
      {"context.missing - 1d < now", "000"},
      {"context.text starts with \"Dr\"", "111"},
      {"context.number starts with \"7\"", "000"},
      {"context.missing starts with \"\"", "000"},
      {"context.fraction in list.prices", "111"},
      {"context.number in list.prices", "000"},
      {"segment.night", "111"},
      {"segment.newcomers", "000"},
      {"not segment.newcomers and is_new", "100"},
  }));
  CAPTURE(c.text);
  ColumnScene scene;
  Rows rows = three_rows(scene.schema);
  rows.finish();
  for (const char* path : {"number", "text", "missing", "flag", "fraction", "day"}) {
    scene.context.slot(path);
  }
  const Scalar values[] = {Scalar::of(std::int64_t{7}),
                           Scalar::of(std::string_view("Drama")),
                           Scalar{},
                           Scalar::of(true),
                           Scalar::of(0.5),
                           Scalar::of(std::string_view("2026-03-01"))};
  const Word segments = 0b10;
  RequestContext request;
  request.context = values;
  request.segments = &segments;
  CHECK(truth(c.text, rows, scene, request) == c.expected);
}

TEST_CASE("a column that the request does not carry is missing in every row", "[condition]") {
  ColumnScene scene;
  Rows rows = three_rows(scene.schema);
  for (std::uint32_t column = 0; column < scene.schema.size(); ++column) rows.leave_out(column);
  rows.finish();
  CHECK(truth("price < 5 or is_new or category == author", rows, scene, {}) == "000");
  CHECK(truth("tags == nil and released == nil and price ~= 1", rows, scene, {}) == "111");
}

TEST_CASE("a condition knows what it reads", "[condition]") {
  ColumnScene scene;
  Diagnostics diagnostics;
  Condition condition;
  REQUIRE(condition.compile("category == \"a\" and (price > 1 or category == author)",
                            scene.scope(), {}, 0, diagnostics));
  CHECK(condition.columns() == std::vector<std::uint32_t>{0, 3, 4});
  CHECK(condition.reads_rows());
  CHECK_FALSE(condition.reads_ids());
  REQUIRE(condition.compile("id == 3", scene.scope(), {}, 0, diagnostics));
  CHECK(condition.reads_ids());
  CHECK(condition.columns().empty());
  REQUIRE(
      condition.compile("segment.night or context.hour > 20", scene.scope(), {}, 0, diagnostics));
  CHECK_FALSE(condition.reads_rows());
  const Word night = 0b10;
  RequestContext request;
  CHECK_FALSE(condition.holds(request));
  request.segments = &night;
  CHECK(condition.holds(request));
}

TEST_CASE("an empty condition holds for every row", "[condition]") {
  ColumnScene scene;
  Rows rows = three_rows(scene.schema);
  rows.finish();
  CHECK(truth("", rows, scene, {}) == "111");
  CHECK(Condition().holds(RequestContext{}));
  CHECK_FALSE(Condition().reads_rows());
}

}  // namespace lineup
