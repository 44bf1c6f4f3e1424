// SPDX-License-Identifier: Apache-2.0
#include "policy/emergency.hpp"

#include <catch2/catch.hpp>

#include "base/clock.hpp"

using namespace lineup;

namespace {

const std::int64_t kNow = *parse_time_ms("2026-11-23T00:00:00Z");

std::string with(const std::string& rest, const std::string& until = "'2026-11-24T00:00:00Z'") {
  return "emergency: 1\nwho: ann\nwhy: a recall\nuntil: " + until + "\n" + rest;
}

std::string messages(const std::string& text) {
  EmergencyDocument document;
  Diagnostics diagnostics;
  const bool fine = parse_emergency("emergency.yaml", text, kNow, document, diagnostics);
  CHECK(fine == !diagnostics.has_errors());
  std::string out;
  for (const Diagnostic& finding : diagnostics.all()) out += render(finding, text);
  return out;
}

}  // namespace

TEST_CASE("an overlay says what it takes away, until when, by whom and why", "[emergency]") {
  EmergencyDocument document;
  Diagnostics diagnostics;
  REQUIRE(parse_emergency("emergency.yaml",
                          with("zone: Europe/Berlin\nmost: '5%'\nscenes: [home]\n"
                               "block: {id: [m1, 42], author: spammer}\n"
                               "block_lists: {author: blocked}\nswitch_off: [promo]\n",
                               "2026-11-23T18:00"),
                          kNow, document, diagnostics));
  CHECK(document.who == "ann");
  CHECK(document.why == "a recall");
  CHECK(document.until_ms == parse_time_ms("2026-11-23T17:00:00Z"));
  CHECK(document.most == Approx(0.05));
  CHECK(document.speaks_for("home"));
  CHECK_FALSE(document.speaks_for("detail"));
  REQUIRE(document.values.size() == 2);
  CHECK(document.values[0].values == std::vector<std::string>{"m1", "42"});
  CHECK(document.values[1].values == std::vector<std::string>{"spammer"});
  CHECK(document.lists.at(0).list == "blocked");
  CHECK(document.switched_off.at(0).name == "promo");
}

TEST_CASE("there is no key that adds or promotes", "[emergency]") {
  for (const char* key : {"pin: {id: a}", "boost: {id: a}", "allow: {id: a}", "insert: [a]",
                          "weights: {relevance: 2}", "rules: []", "pools: [a]"}) {
    CAPTURE(key);
    CHECK_THAT(messages(with(std::string("block: {id: a}\n") + key + "\n")),
               Catch::Contains("policy/unknown-key"));
  }
}

TEST_CASE("an overlay that is not right says where and what would be", "[emergency]") {
  struct Case {
    const char* name;
    std::string text;
    const char* said;
  };
  const auto c = GENERATE(values<Case>({
      {"no time to live", "emergency: 1\nwho: a\nwhy: b\nblock: {id: a}\n",
       "needs the key `until`"},
      {"nobody", "emergency: 1\nwhy: b\nuntil: 2026-11-24\nblock: {id: a}\n",
       "needs the key `who`"},
      {"no reason", "emergency: 1\nwho: b\nuntil: 2026-11-24\nblock: {id: a}\n",
       "needs the key `why`"},
      {"for too long", with("block: {id: a}\n", "2026-12-24"), "more than 7 days ahead"},
      {"for ever", with("block: {id: a}\n", "never"), "date"},
      {"nothing", with(""), "takes nothing away"},
      {"everything", with("most: '100%'\nblock: {id: a}\n"), "up to 50%"},
      {"a count", with("most: 5\nblock: {id: a}\n"), "up to 50%"},
      {"a value with blanks", with("block: {id: ' a'}\n"), "cannot be blocked"},
      {"a value that would be a comment", with("block: {id: '# a'}\n"), "cannot be blocked"},
      {"a value of two lines", with("block: {id: \"a\\nb\"}\n"), "cannot be blocked"},
      {"a nested value", with("block: {id: [[a]]}\n"), "must be a text or a number"},
      {"another version", "emergency: 2\nwho: a\nwhy: b\nuntil: 2026-11-24\nblock: {id: a}\n", "1"},
      {"a list of lists", with("block_lists: {id: [a]}\n"), "the name of one list"},
      {"no map", "- a\n", "must be a map"},
      {"no YAML", "a: [\n", "emergency.yaml:"},
  }));
  CAPTURE(c.name);
  CHECK_THAT(messages(c.text), Catch::Contains(c.said));
}

TEST_CASE("the time to live is at most seven days to the millisecond", "[emergency]") {
  CHECK(messages(with("block: {id: a}\n", "'2026-11-30T00:00:00Z'")).empty());
  CHECK_THAT(messages(with("block: {id: a}\n", "'2026-11-30T00:00:00.001Z'")),
             Catch::Contains("more than 7 days"));
}
