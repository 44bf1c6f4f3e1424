// SPDX-License-Identifier: Apache-2.0
//
// Pool files as they are read, and what is said of those that are wrong.
#include "policy/pool.hpp"

#include <catch2/catch.hpp>

namespace lineup {

namespace {

std::string findings(const std::string& text) {
  PoolDocument pool;
  Diagnostics diagnostics;
  const bool good = parse_pool("banners.yaml", "banners", text, pool, diagnostics);
  CHECK(good == !diagnostics.has_errors());
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out += render(diagnostic, "");
  return out;
}

}  // namespace

TEST_CASE("a pool is a list of rows, each with an id and an end", "[pool]") {
  PoolDocument pool;
  Diagnostics diagnostics;
  REQUIRE(parse_pool("banners.yaml", "banners",
                     "- {id: spring, type: banner, score: 0.5, expires: 2026-05-01}\n"
                     "- id: 42\n"
                     "  from: 2026-03-29T02:30\n"
                     "  zone: Europe/Berlin\n"
                     "  expires: never\n"
                     "  tags: [a, b]\n",
                     pool, diagnostics));
  CHECK(diagnostics.empty());
  CHECK(pool.name == "banners");
  REQUIRE(pool.rows.size() == 2);
  CHECK(pool.rows[0].id == "spring");
  CHECK(pool.rows[0].expires == "2026-05-01");
  CHECK(pool.rows[0].values.size() == 2);
  CHECK(pool.rows[1].id == "42");
  CHECK(pool.rows[1].from == "2026-03-29T02:30");
  CHECK(pool.rows[1].zone == "Europe/Berlin");
  CHECK(pool.rows[1].expires.empty());
  CHECK(pool.rows[1].span.line == 2);
  CHECK(findings("").empty());
  CHECK(findings("# nothing yet\n").empty());
}

TEST_CASE("a wrong pool is answered with place, reason and what would be right", "[pool]") {
  CHECK(findings("rows: []\n") ==
        "banners.yaml:1:1: error[pool/type]: a pool must be a list of rows, found a map; write - "
        "{id: NAME, expires: 2026-12-31, ...} for each row\n");
  CHECK(findings("- {id: a, score: 1}\n") ==
        "banners.yaml:1:3: error[pool/missing-key]: row `a` does not say when it ends; write "
        "expires: 2026-12-31, the first moment without it, or expires: never\n");
  CHECK(findings("- {expires: never}\n") ==
        "banners.yaml:1:3: error[pool/missing-key]: a row needs the key `id`\n");
  CHECK(findings("- {id: a, expires: never}\n- {id: a, expires: never}\n") ==
        "banners.yaml:2:8: error[pool/duplicate-id]: there are two rows with the id `a`; the other "
        "stands on line 1\n");
  CHECK(findings("- {id: a, expires: soon}\n") ==
        "banners.yaml:1:20: error[pool/date]: `soon` is no date; dates are written 2026-01-31 or "
        "2026-01-31T09:00\n");
  CHECK(findings("- {id: a, from: 3, expires: never}\n") ==
        "banners.yaml:1:17: error[pool/date]: `from` must be a date, found a whole number; dates "
        "are written 2026-01-31 or 2026-01-31T09:00\n");
  CHECK(findings("- {id: [a], expires: never}\n") ==
        "banners.yaml:1:8: error[pool/type]: `id` must be a text or a whole number, found a "
        "list\n");
  CHECK(findings("- {id: a, zone: Mars, expires: never}\n") ==
        "banners.yaml:1:17: error[pool/zone]: `Mars` is no time zone; write a place such as "
        "Europe/Berlin, an offset such as '+08:00', or UTC\n");
  CHECK(findings("- a\n") ==
        "banners.yaml:1:3: error[pool/type]: a row must be a map, found text; write {id: NAME, "
        "expires: 2026-12-31, ...}\n");
}

TEST_CASE("all that is wrong with a pool is said at once", "[pool]") {
  const std::string all = findings("- {id: a}\n- {expires: 1}\n- b\n");
  CHECK_THAT(all, Catch::Contains(":1:"));
  CHECK_THAT(all, Catch::Contains(":2:"));
  CHECK_THAT(all, Catch::Contains(":3:"));
}

}  // namespace lineup
