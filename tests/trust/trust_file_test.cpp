// SPDX-License-Identifier: Apache-2.0
#include "trust/trust_file.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/clock.hpp"

using namespace lineup;

namespace {

const std::string kKey(64, 'a');

std::string with_key(const std::string& fields, const std::string& rest = "") {
  return fmt::format(
      R"({{"lineup_trust": 1, "keys": [{{"name": "ann", "public_key": "{}", {}}}]{}}})", kKey,
      fields, rest);
}

std::string with_freeze(const std::string& fields) {
  return with_key(R"("role": "engineer")", R"(, "freezes": [{"name": "f", )" + fields + "}]");
}

std::string messages(const std::string& text) {
  Diagnostics diagnostics;
  const auto trust = parse_trust(text, "trust.json", diagnostics);
  CHECK(trust.has_value() == !diagnostics.has_errors());
  std::string out;
  for (const Diagnostic& finding : diagnostics.all()) {
    CHECK(finding.code == "trust/file");
    out += finding.message + "; " + finding.hint + '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("a trust file says keys, how many must agree, and when nothing may change", "[trust]") {
  Diagnostics diagnostics;
  const auto trust =
      parse_trust(with_key(R"("role": "operator", "owner": "Ann B.", "scenes": ["home"],
                  "from": "2026-01-01", "until": "2027-01-01T00:00:00Z")",
                           R"(, "signatures": 1, "scenes": {"checkout": {"signatures": 2}},
                  "freezes": [{"name": "sale", "from": "2026-11-27", "until": "2026-12-01T06:00",
                               "zone": "Europe/Berlin", "scenes": ["home"], "except": ["ann"]},
                              {"name": "nights", "days": ["fri", "sat"], "from": "18:00",
                               "until": "06:00"}])"),
                  "trust.json", diagnostics);
  REQUIRE(trust);
  REQUIRE(trust->keys.size() == 1);
  const TrustedKey& ann = trust->keys[0];
  CHECK(ann.owner == "Ann B.");
  CHECK(ann.role == Role::Operator);
  CHECK(ann.owns("home"));
  CHECK_FALSE(ann.owns("checkout"));
  CHECK(ann.from_ms == parse_time_ms("2026-01-01"));
  CHECK(trust->find(ann.id) == &ann);
  CHECK(trust->find("0") == nullptr);
  CHECK(trust->signatures_for("home") == 1);
  CHECK(trust->signatures_for("checkout") == 2);
  CHECK(trust->freezes[0].from_ms == parse_time_ms("2026-11-26T23:00:00Z"));
  CHECK(trust->freezes[0].until_ms == parse_time_ms("2026-12-01T05:00:00Z"));
  CHECK(trust->freezes[1].days != 0);
}

TEST_CASE("operators ship rules, policies, lists and pools; plugins and models take an engineer",
          "[trust]") {
  TrustedKey key;
  for (const char* path : {"rules/a.lua", "policies/a.yaml", "lists/a.txt", "pools/a.yaml"}) {
    key.role = Role::Operator;
    CHECK(key.may_ship(path));
    key.role = Role::Engineer;
    CHECK(key.may_ship(path));
  }
  for (const char* path : {"plugins/a.so", "models/a.bin"}) {
    key.role = Role::Operator;
    CHECK_FALSE(key.may_ship(path));
    key.role = Role::Engineer;
    CHECK(key.may_ship(path));
  }
}

TEST_CASE("a fault makes the whole trust file void, and says what would be right", "[trust]") {
  struct Case {
    const char* name;
    std::string text;
    const char* said;
  };
  const auto c = GENERATE(values<Case>({
      {"no version", R"({"keys": []})", "`lineup_trust` is missing"},
      {"an unknown field", with_key(R"("rolle": "engineer")"), "did you mean `role`?"},
      {"a role nobody has", with_key(R"("role": "root")"), "it must be `operator` or `engineer`"},
      {"an operator of no scene", with_key(R"("role": "operator")"), "`keys[0].scenes` is missing"},
      {"a key that is none",
       R"({"lineup_trust": 1, "keys": [{"name": "a", "role": "engineer", "public_key": "00"}]})",
       "must be 64 hexadecimal digits"},
      {"a date that is none", with_key(R"("role": "engineer", "until": "tomorrow")"),
       "`keys[0].until` is `tomorrow`, which is no time"},
      {"no signature needed", with_key(R"("role": "engineer")", R"(, "signatures": 0)"),
       "must be between 1 and 16"},
      {"a zone that is none",
       with_freeze(R"("from": "2026-01-01", "until": "2026-01-02", "zone": "Europe/Berln")"),
       "did you mean `Europe/Berlin`?"},
      {"a window backwards", with_freeze(R"("from": "2026-01-02", "until": "2026-01-01")"),
       "`freezes[0].until` must come after `from`"},
      {"a window without an end", with_freeze(R"("from": "2026-01-02")"),
       "needs `from` and `until`"},
      {"a day that is none",
       with_freeze(R"("days": ["someday"], "from": "18:00", "until": "19:00")"),
       "which is no day of the week"},
      {"a time that is none", with_freeze(R"("days": ["fri"], "from": "25:00", "until": "19:00")"),
       "must be a time of the day"},
      {"an exception nobody is",
       with_freeze(R"("from": "2026-01-01", "until": "2026-01-02", "except": ["an"])"),
       "did you mean `ann`?"},
  }));
  CAPTURE(c.name);
  CHECK_THAT(messages(c.text), Catch::Contains(c.said));
}

TEST_CASE("two keys of one name or one key twice are refused", "[trust]") {
  const std::string one = R"({"name": "ann", "role": "engineer", "public_key": ")" + kKey + "\"}";
  CHECK_THAT(messages(R"({"lineup_trust": 1, "keys": [)" + one + "," + one + "]}"),
             Catch::Contains("is that of another key") && Catch::Contains("is given twice"));
}

TEST_CASE("the entry that is printed for a new key can be put into a trust file", "[trust]") {
  const SecretKey key = make_key("ann");
  const std::string entry = write_key_entry(key, Role::Operator, {"home", "detail"});
  Diagnostics diagnostics;
  const auto trust =
      parse_trust(R"({"lineup_trust": 1, "keys": [)" + entry + "]}", "trust.json", diagnostics);
  REQUIRE(trust);
  CHECK(trust->keys[0].key == key.public_key);
  CHECK(trust->keys[0].owns("detail"));
  CHECK_FALSE(trust->keys[0].owns("other"));
}
