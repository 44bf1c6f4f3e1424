// SPDX-License-Identifier: Apache-2.0
//
// Conditions written as tables say what their text says.
#include "condition/table_form.hpp"

#include <catch2/catch.hpp>

#include "condition/condition.hpp"
#include "condition/scene.hpp"

namespace lineup {

namespace {

Value text(std::string value) {
  Value out;
  out.kind = Value::Kind::Text;
  out.text = std::move(value);
  return out;
}
Value number(double value) {
  Value out;
  out.kind = Value::Kind::Float;
  out.number = value;
  return out;
}
Value whole(std::int64_t value) {
  Value out;
  out.kind = Value::Kind::Integer;
  out.integer = value;
  return out;
}
Value truth(bool value) {
  Value out;
  out.kind = Value::Kind::Bool;
  out.boolean = value;
  return out;
}
Value list(std::vector<Value> items) {
  Value out;
  out.kind = Value::Kind::List;
  out.items = std::move(items);
  return out;
}
Value table(std::vector<ValueEntry> entries) {
  Value out;
  out.kind = Value::Kind::Map;
  out.entries = std::move(entries);
  return out;
}

// The text, which must compile, or what is wrong.
std::string written(const Value& value) {
  const auto out = condition_text(value);
  if (!out) return "! " + out.error().message;
  ColumnScene scene;
  Diagnostics diagnostics;
  Condition condition;
  INFO(*out);
  CHECK(condition.compile(*out, scene.scope(), {}, 0, diagnostics));
  return *out;
}

}  // namespace

TEST_CASE("names and values of a table all have to hold", "[condition][table]") {
  CHECK(written(table({{"category", text("ad")}, {"price", list({text(">"), whole(5)})}})) ==
        "category == \"ad\" and price > 5");
  CHECK(written(table({{"votes", whole(3)}, {"author", Value()}, {"is_new", truth(false)}})) ==
        "author == nil and is_new == false and votes == 3");
  CHECK(written(table({{"price", number(0.5)}})) == "price == 0.5");
}

TEST_CASE("a list is a set, or operators with their values", "[condition][table]") {
  CHECK(written(table({{"category", list({text("Drama"), text("Comedy")})}})) ==
        "category in {\"Drama\", \"Comedy\"}");
  CHECK(written(table({{"category", list({})}})) == "category in {}");
  CHECK(written(table({{"votes", list({text(">="), whole(10), text("<"), whole(20)})}})) ==
        "votes >= 10 and votes < 20");
  CHECK(written(table({{"votes", list({text("not in"), list({whole(1), whole(2)})})}})) ==
        "votes not in {1, 2}");
  CHECK(written(table({{"author", list({text("in"), text("list.blocked_authors")})}})) ==
        "author in list.blocked_authors");
  CHECK(written(table({{"tags", list({text("starts with"), text("li")})}})) ==
        "tags starts with \"li\"");
  CHECK(written(table({{"released", list({text(">="), text("now - 7d")})}})) ==
        "released >= now - 7d");
  CHECK(written(table({{"released", list({text(">="), text("2026-01-01")})}})) ==
        "released >= \"2026-01-01\"");
}

TEST_CASE("the request and other tables can be asked for", "[condition][table]") {
  CHECK(written(table({{"context.trigger.category", text("x")},
                       {"experiment.ranking", text("B")},
                       {"segment.night", truth(false)},
                       {"segment.newcomers", truth(true)}})) ==
        "context.trigger.category == \"x\" and experiment.ranking == \"B\" and "
        "segment.newcomers and not segment.night");
  const Value fresh = table({{"is_new", truth(true)}});
  const Value dear = table({{"price", list({text(">"), whole(9)})}, {"votes", whole(0)}});
  CHECK(written(table({{"any", list({fresh, dear})}, {"category", text("a")}})) ==
        "((is_new == true) or (price > 9 and votes == 0)) and category == \"a\"");
  CHECK(written(table({{"none", list({fresh})}})) == "not ((is_new == true))");
  CHECK(written(table({{"all", list({fresh, dear})}})) ==
        "((is_new == true) and (price > 9 and votes == 0))");
}

TEST_CASE("texts are quoted whatever they hold", "[condition][table]") {
  CHECK(written(table({{"category", text("a\"b\\c\nd")}})) == "category == \"a\\\"b\\\\c\\nd\"");
}

TEST_CASE("a table that writes no condition is refused with the name at fault",
          "[condition][table]") {
  CHECK(written(table({})) == "! a condition is a table of names and values, found an empty one");
  CHECK(written(whole(3)) == "! a condition is a table of names and values, found a whole number");
  CHECK(written(table({{"a-b", whole(1)}})) ==
        "! `a-b` is no column, `context.NAME`, `segment.NAME` or `experiment.NAME`");
  CHECK(written(table({{"price", list({text(">")})}})) ==
        "! `price`: behind every operator stands one value");
  CHECK(written(table({{"price", list({text(">"), whole(1), whole(2), whole(3)})}})) ==
        "! `price`: operators and values take turns");
  CHECK(written(table({{"price", list({text(">"), list({})})}})) ==
        "! `price` is compared with a list");
  CHECK(written(table({{"author", list({text("in"), text("blocked")})}})) ==
        "! `author`: behind `in` stands a list of values, or `list.NAME`");
  CHECK(written(table({{"tags", list({text("ends with"), whole(3)})}})) ==
        "! `tags`: behind `ends with` stands a text");
  CHECK(written(table({{"segment.night", whole(1)}})) == "! `segment.night` is true or false");
  CHECK(written(table({{"price", table({{"x", whole(1)}})}})) ==
        "! `price` is compared with a map");
  Value deep = table({{"price", whole(1)}});
  for (int i = 0; i < 40; ++i) deep = table({{"any", list({deep})}});
  CHECK(written(deep) == "! the tables are nested too deep");
}

}  // namespace lineup
