// SPDX-License-Identifier: Apache-2.0
//
// A rule's function answers from its arguments alone: every place where it could keep state is
// refused when the file is loaded, or cannot be written.
#include <catch2/catch.hpp>

#include "script/request.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

// What loading says of a rule with `before` in front and `body` in its `allow`.
std::string fault(const std::string& before, const std::string& body) {
  return faults_of(before +
                   "\nreturn rule { name = 'r', about = 'a', allow = function(item, slate) " +
                   body + " return true end }");
}

std::string first_answer(const std::string& before, const std::string& body) {
  CodeRun run(before + "\nreturn rule { name = 'r', about = 'a', allow = function(item, slate) " +
              body + " return true end }");
  add_rows(run.rows());
  run.bind();
  return run.answer({}, 0);
}

}  // namespace

TEST_CASE("a function that assigns a variable outside it is refused", "[state]") {
  const std::string says = "which lives outside it: a rule keeps no state between calls";
  CHECK(fault("local n = 0", "n = n + 1").find("script/state: `allow` changes `n`, " + says) !=
        std::string::npos);
  CHECK(fault("local n = 0\nlocal function up() n = n + 1 end", "up()").find("`n`, " + says) !=
        std::string::npos);
  CHECK(fault("local n = 0", "local function up() n = n + 1 end up()").find("`n`, " + says) !=
        std::string::npos);
  CHECK(fault("local function counter() local n = 0 return function() n = n + 1 return n end end\n"
              "local up = counter()",
              "up()")
            .find("`n`, " + says) != std::string::npos);
  CHECK(fault("local n = 0\nlocal box = { deep = { function() n = n + 1 end } }", "box.deep[1]()")
            .find("`n`, " + says) != std::string::npos);
}

TEST_CASE("variables of the call itself are free", "[state]") {
  CHECK(fault("", "local n = 0 local function up() n = n + 1 end up()") == "");
  CHECK(fault("", "local t = {} for i = 1, 3 do t[i] = i end table.sort(t)") == "");
  CHECK(fault("local function counter() local n = 0 return function() n = n + 1 return n end end",
              "local up = counter() up()") == "");
}

TEST_CASE("an iterator that remembers its place is refused", "[state]") {
  CHECK(fault("local words = ('a b'):gmatch('%a')", "words()")
            .find("captures `words`, an iterator that remembers its place") != std::string::npos);
  CHECK(fault("local each = pairs({ 1, 2 })", "each()").find("captures `each`") !=
        std::string::npos);
}

TEST_CASE("captured tables read as they are and cannot be changed", "[state]") {
  const std::string tables =
      "local box = { 5, 6, name = 'x', inner = { deep = { 7 } } }\nbox.self = box\n"
      "local other = box.inner";
  CHECK(
      first_answer(tables,
                   "if #box ~= 2 or box[2] ~= 6 or box.name ~= 'x' or box.self.inner.deep[1] ~= 7 "
                   "or box.self ~= box or other ~= box.inner then return false end") == "true");
  CHECK(first_answer(tables,
                     "local s = '' for k, v in pairs(box.inner.deep) do s = s .. k .. v end\n"
                     "for _, v in ipairs(box) do s = s .. v end\n"
                     "s = s .. table.concat(box, '+') .. select('#', table.unpack(box))\n"
                     "if s ~= '17565+62' then return false end") == "true");
  const std::string refused = "a table that a rule's function captured cannot be changed";
  for (const char* change :
       {"box.count = 1", "box[1] = 0", "box.inner.deep[1] = 0", "other.x = 1",
        "table.insert(box, 1)", "table.remove(box)",
        "table.sort(box, function(a, b) return a > b end)", "table.move({ 1 }, 1, 1, 1, box)"}) {
    CAPTURE(change);
    CHECK(first_answer(tables, change).find(refused) != std::string::npos);
  }
}

TEST_CASE("what is nested without end is refused", "[state]") {
  const std::string deep = "local t = {} for i = 1, 20000 do t = { t } end";
  CHECK(fault(deep, "local x = t").find("nested too deep") != std::string::npos);
  const std::string chain =
      "local f = function() end for i = 1, 20000 do local g = f f = function() return g() end end";
  CHECK(fault(chain, "f()").find("nested too deep") != std::string::npos);
}

TEST_CASE("a function keeps nothing between calls", "[state]") {
  CodeRun run(
      "local limits = { drama = 2 }\n"
      "local function limit(c) return limits[c] or 1 end\n"
      "return rule { name = 'r', about = 'a', score = function(item, slate)\n"
      "  local seen = {}\n"
      "  for i = 1, #slate do seen[#seen + 1] = slate[i].id end\n"
      "  return #seen + limit(item.category) end }");
  add_rows(run.rows());
  run.bind();
  for (int i = 0; i < 3; ++i) {
    CHECK(run.answer({1, 2}, 0) == "4");
    CHECK(run.answer({}, 1) == "1");
  }
}
