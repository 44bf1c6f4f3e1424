// SPDX-License-Identifier: Apache-2.0
//
// What a rule can reach, and nothing else: everything that hangs on the globals is walked and
// compared with a list that a person can read.
#include "script/sandbox.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "script/library.hpp"
#include "script/load.hpp"
#include "script/request.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

// Every path from the globals: "string.rep function". Views are opened as only the engine can.
void walk(lua_State* L, const std::string& path, std::set<std::string>& seen) {
  if (push_behind_view(L, -1)) lua_replace(L, -2);
  if (lua_type(L, -1) != LUA_TTABLE) {
    seen.insert(path + " " + luaL_typename(L, -1));
    return;
  }
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    walk(L, (path.empty() ? "" : path + ".") + lua_tostring(L, -2), seen);
  }
}

const std::set<std::string> kReachable = {
    // Lua's own
    "assert function", "error function", "ipairs function", "pairs function", "pcall function",
    "select function", "tonumber function", "tostring function", "type function",
    "math.abs function", "math.ceil function", "math.exp function", "math.floor function",
    "math.fmod function", "math.huge number", "math.log function", "math.max function",
    "math.maxinteger number", "math.min function", "math.mininteger number", "math.modf function",
    "math.pi number", "math.sqrt function", "math.tointeger function", "math.type function",
    "math.ult function", "string.byte function", "string.char function", "string.find function",
    "string.format function", "string.gmatch function", "string.gsub function",
    "string.len function", "string.lower function", "string.match function", "string.rep function",
    "string.reverse function", "string.sub function", "string.upper function",
    "table.concat function", "table.insert function", "table.move function", "table.pack function",
    "table.remove function", "table.sort function", "table.unpack function", "utf8.char function",
    "utf8.charpattern string", "utf8.codepoint function", "utf8.codes function",
    "utf8.len function", "utf8.offset function",
    // the words of rule files
    "rule function", "when function", "first function", "refuse function", "integer function",
    "number function", "amount function", "boolean function", "text function", "condition function",
    "column function", "columns function", "slots function", "list function", "id function",
    "choice function", "window function", "spacing function", "quota function", "cap function",
    "place function", "adjacent function", "budget function", "similar function", "filter function",
    "boost function", "mix function", "order function", "page_end string", "page_start string"};

// What `code` raises at the top level of a file, "" when it runs.
std::string raised(const std::string& code) {
  Sandbox sandbox(1 << 20);
  sandbox.begin({100'000, 1'000'000'000});
  const bool ran = sandbox.protect([&](lua_State* L) {
    open_rule_state(L);
    push_chunk(L, code);
    lua_call(L, 0, 0);
  });
  return ran ? "" : sandbox.fault();
}

}  // namespace

TEST_CASE("a rule reaches what the list says and nothing else", "[sandbox]") {
  Sandbox sandbox(1 << 20);
  sandbox.begin({100'000, 1'000'000'000});
  std::set<std::string> seen;
  REQUIRE(sandbox.protect([&](lua_State* L) {
    open_rule_state(L);
    push_globals(L);
    walk(L, "", seen);
    lua_pushliteral(L, "");  // texts have methods: the same string library, and no more
    REQUIRE(lua_getmetatable(L, -1) != 0);
    CHECK(lua_getfield(L, -1, "__index") == LUA_TTABLE);
    lua_pushnil(L);
    int fields = 0;
    for (; lua_next(L, -3) != 0; lua_pop(L, 1)) ++fields;
    CHECK(fields == 2);  // __index and __metatable
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushnil(L);
    CHECK(lua_next(L, -2) == 0);  // Lua's own globals are empty
  }));
  CHECK(seen == kReachable);
}

TEST_CASE("what the sandbox gives cannot be changed", "[sandbox]") {
  CHECK(raised("string.rep = nil") == "string cannot be changed");
  CHECK(raised("math.pi = 3") == "math cannot be changed");
  CHECK(raised("local s = 'x' s.rep = nil").find("attempt to index") == 0);
  CHECK(raised("x = 1") ==
        "writes the undeclared global `x`; a rule keeps no state: write `local`");
  CHECK(raised("local e = _ENV e.x = 1").find("writes the undeclared global `x`") == 0);
  CHECK(raised("table.insert(table, 1)") == "table cannot be changed");
}

TEST_CASE("what is not there is an error, not a nil", "[sandbox]") {
  CHECK(raised("return missing") == "undeclared global `missing`");
  CHECK(raised("local n = 'du' .. 'mp' return string[n]") == "rules have no `string.dump`");
  CHECK(raised("return ('x'):dump()").find("rules have no `string.dump`") == 0);
  CHECK(raised("return '1' + 1").find("attempt to perform arithmetic") == 0);
  CHECK(raised("return window({ by = 'a' }).by") == "a `window` cannot be read, only returned");
}

TEST_CASE("no text shows an address", "[sandbox]") {
  CHECK(
      raised("assert(tostring({}) == 'table' and tostring(print_me or tostring) == 'function')") ==
      "undeclared global `print_me`");
  CHECK(raised("assert(tostring({}) == 'table' and tostring(tostring) == 'function')") == "");
  CHECK(raised("assert(string.format('%s %s', {}, print) == '')") == "undeclared global `print`");
  CHECK(raised("assert(string.format('%-6s|%s', {}, pcall) == 'table |function')") == "");
  CHECK(raised("string.format('%p', {})") == "`format` has no `%p`: a rule sees no addresses");
  CHECK(raised("error({})") == "raised an error that is not a text");
}

TEST_CASE("pairs visits keys in order, whatever the state's seed", "[sandbox]") {
  CHECK(raised(R"(
    local t = { 10, 20, zeta = 1, alpha = 2, [true] = 3, [-5] = 4, [2.5] = 5 }
    local s = ""
    for k, v in pairs(t) do s = s .. tostring(k) .. "=" .. v .. " " end
    assert(s == "-5=4 1=10 2=20 2.5=5 alpha=2 zeta=1 true=3 ", s))") == "");
  CHECK(raised("local t = { 1, 2, 3 } local n = 0\n"
               "for k in pairs(t) do t[k + 1] = nil n = n + 1 end assert(n == 2)") == "");
  CHECK(raised("for k in pairs({ [{}] = 1 }) do end") ==
        "`pairs` visits keys in order, so they must be numbers, texts or booleans");
}

TEST_CASE("sort is stable and takes a comparator", "[sandbox]") {
  CHECK(raised(R"(
    local t = {}
    for i = 1, 200 do t[i] = { key = (i * 37) % 10, at = i } end
    table.sort(t, function(a, b) return a.key < b.key end)
    for i = 2, 200 do
      assert(t[i - 1].key < t[i].key or (t[i - 1].key == t[i].key and t[i - 1].at < t[i].at))
    end
    local words = { "pear", "apple", "fig" }
    table.sort(words)
    assert(table.concat(words, " ") == "apple fig pear")
    assert(not pcall(table.sort, { 1, "x" })))") == "");
}

TEST_CASE("helpers that make much from little are capped", "[sandbox]") {
  const std::string much = " would make a text of more than 64 KiB";
  CHECK(raised("('x'):rep(65537)") == "`rep`" + much);
  CHECK(raised("('x'):rep(math.maxinteger, 'yy')") == "`rep`" + much);
  CHECK(raised("assert(#('x'):rep(65536) == 65536 and ('ab'):rep(3, '-') == 'ab-ab-ab')") == "");
  CHECK(raised("local s = ('x'):rep(40000) string.format('%s%s', s, s)") == "`format`" + much);
  CHECK(raised("local s = ('x'):rep(40000) table.concat({ s, s })") == "`concat`" + much);
  CHECK(raised("('x'):rep(700):gsub('x', ('y'):rep(100))") == "`gsub`" + much);
  CHECK(raised("table.unpack({}, 1, 10001)") ==
        "`unpack` works on at most 10000 elements, got 10001");
  CHECK(raised("table.unpack({}, math.mininteger, math.maxinteger)").find("`unpack` works on") ==
        0);
  CHECK(raised("table.move({}, 1, math.maxinteger, 2)").find("`move` works on") == 0);
  CHECK(raised("table.insert({}, math.mininteger, 1)").find("`insert` works on") == 0);
}

TEST_CASE("a state at its cap is spent, and the next request gets a fresh one", "[sandbox]") {
  CodeRun run(header("allow = function(item) if item.id == 'm0' then\n"
                     "local t = {} for i = 1, 1e6 do t[i] = {} end end return true end"),
              with({}), [] {
                ScriptLimits limits;
                limits.state_bytes_max = 1 << 20;
                limits.call_ns_max = 10'000'000'000;
                limits.call_instructions_max = 100'000'000;
                return limits;
              }());
  add_rows(run.rows());
  run.bind();
  CHECK(run.answer({}, 1) == "true");
  CHECK(run.answer({}, 0) == "r.lua:2: used up its 1024 KiB of memory");
  CHECK(run.worker().is_spent());
  CHECK(run.answer({}, 1) == "r.lua: the state ran out of memory before");
  CHECK(run.worker().memory_bytes() <= (1 << 20));
  run.bind();  // the next request
  CHECK_FALSE(run.worker().is_spent());
  CHECK(run.answer({}, 1) == "true");
  CHECK(run.answer({}, 0) == "r.lua:2: used up its 1024 KiB of memory");
}

TEST_CASE("budgets are per call: ten thousand long calls are as good as one", "[sandbox]") {
  CodeRun run(
      header("score = function(item) local s = 0 for i = 1, 500 do s = s + i end return s end"));
  add_rows(run.rows());
  run.bind();
  int broken = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) broken += run.judge({}, i % 6).broken ? 1 : 0;
  CHECK(broken == 0);
}
