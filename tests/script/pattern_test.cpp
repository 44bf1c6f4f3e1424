// SPDX-License-Identifier: Apache-2.0
//
// The matcher against Lua's own: the same scripts run in the sandbox and in a plain state, on cases
// by hand and on random patterns, and must say the same.
#include <catch2/catch.hpp>
#include <lua.hpp>
#include <random>
#include <string>

#include "script/load.hpp"
#include "script/sandbox.hpp"

using namespace lineup;

namespace {

// A state with Lua's own string library.
class PlainLua {
 public:
  PlainLua() : L_(luaL_newstate()) {
    luaL_requiref(L_, "_G", luaopen_base, 1);
    luaL_requiref(L_, "string", luaopen_string, 1);
    lua_settop(L_, 0);
  }
  ~PlainLua() { lua_close(L_); }
  PlainLua(const PlainLua&) = delete;
  PlainLua& operator=(const PlainLua&) = delete;

  // The text that `code` returns, or "error".
  std::string run(const std::string& code) {
    lua_settop(L_, 0);
    const bool ran =
        luaL_loadstring(L_, code.c_str()) == LUA_OK && lua_pcall(L_, 0, 1, 0) == LUA_OK;
    return ran ? lua_tostring(L_, -1) : "error";
  }

 private:
  lua_State* L_;
};

class Sandboxed {
 public:
  Sandboxed() : sandbox_(4 << 20) {
    sandbox_.begin({10'000'000, 10'000'000'000});
    REQUIRE(sandbox_.protect([](lua_State* L) { open_rule_state(L); }));
  }
  std::string run(const std::string& code) {
    std::string out = "error";
    sandbox_.begin({10'000'000, 10'000'000'000});
    sandbox_.protect([&](lua_State* L) {
      push_chunk(L, code);
      lua_call(L, 0, 1);
      out = lua_tostring(L, -1);
    });
    return out;
  }

 private:
  Sandbox sandbox_;
};

// Calls one function and joins all it returns.
std::string script(const std::string& call) {
  return "local function join(...) local s = '' for i = 1, select('#', ...) do s = s .. '|' .. "
         "tostring((select(i, ...))) end return s end return join(" +
         call + ")";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

TEST_CASE("patterns mean what they mean in Lua", "[pattern]") {
  const char* calls[] = {"('hello world'):find('o w')",
                         "('hello'):find('l+')",
                         "('hello'):find('xyz')",
                         "('hello'):find('')",
                         "('hello'):find('', 10)",
                         "('hello'):find('', 6)",
                         "('hello'):find('l', -2)",
                         "('hello'):find('h', -100)",
                         "('a.b'):find('.', 1, true)",
                         "('a.b'):find('%.')",
                         "('key = value'):match('^(%w+)%s*=%s*(%w+)$')",
                         "('  trim  '):match('^%s*(.-)%s*$')",
                         "('2024-05-06'):match('(%d+)-(%d+)-(%d+)')",
                         "('f(a(b)c)d'):match('%b()')",
                         "('THE (quick) fox'):find('%((%a+)%)')",
                         "('hello'):match('()ll()')",
                         "('abcabc'):match('(abc)%1')",
                         "('x'):match('[]]')",
                         "('a]b'):match('[]]')",
                         "('a-b'):match('[a%-]+')",
                         "('a^b'):match('[b^]+')",
                         "('THE (quick) fox'):gsub('%f[%a]%a+', string.lower)",
                         "('abc'):gsub('', '-')",
                         "('hello world'):gsub('o', '0', 1)",
                         "('hello'):gsub('(l)(l)', '%2%1%0%%')",
                         "('abc'):gsub('%w', { a = 1, b = true })",
                         "('abc'):gsub('%w', { a = 'x', b = false })",
                         "('abc'):gsub('b', function() return nil end)",
                         "('abc'):gsub('^a', 'x')",
                         "('aaa'):gsub('^a', 'x')",
                         "('abc'):gsub('.', '%1')",
                         "('abc'):gsub('(b)', '%2')",
                         "('abc'):match('(')",
                         "('abc'):match('[a')",
                         "('abc'):match('%')",
                         "('abc'):match('%f')",
                         "('abc'):match(')')",
                         "('abc'):match('%b')",
                         "('abc'):gsub('a', '%')",
                         "('abc'):match('%1')",
                         "('a\\0b'):find('\\0')",
                         "('äö'):match('%a+')",
                         "('x1y22'):gsub('%d+', '<%0>')",
                         "('$5'):match('^%$%d$')",
                         "('a$'):find('a$', 1, true)",
                         "('a$b'):find('$')",
                         "('aXb'):gsub('%u', '%0%0')",
                         "(''):gsub('x*', '-')",
                         "('axb'):gsub('x*', '-')",
                         "('[]'):match('^%[%]$')",
                         "('a-z'):match('[a-]+')",
                         "('m-n'):match('[%a-]+')",
                         "('word'):rep(3, ','):gsub('%w+', '%0!', 2)",
                         "('0xFF'):match('%x+', 3)",
                         "('tab\\tnew'):match('%c')",
                         "('a,b,,c'):gsub(',', ';')"};
  PlainLua plain;
  Sandboxed sandboxed;
  for (const char* call : calls) {
    CAPTURE(call);
    CHECK(sandboxed.run(script(call)) == plain.run(script(call)));
  }
}

TEST_CASE("gmatch visits what Lua's visits", "[pattern]") {
  PlainLua plain;
  Sandboxed sandboxed;
  for (const char* call :
       {"('one two  three'):gmatch('%a+')", "('k=v, x=y'):gmatch('(%w+)=(%w+)')",
        "('abc'):gmatch('')", "('abc'):gmatch('x*')", "('abcd'):gmatch('()', 3)"}) {
    CAPTURE(call);
    const std::string code = std::string("local s = '' for a, b in ") + call +
                             " do s = s .. tostring(a) .. ':' .. tostring(b) .. ';' end return s";
    CHECK(sandboxed.run(code) == plain.run(code));
  }
}

TEST_CASE("random patterns match alike", "[pattern]") {
  const char* pieces[] = {"a",   "b",    ".", "%a", "%d", "[ab]", "[^a]", "[a-c]", "*",  "+",
                          "-",   "?",    "(", ")",  "%1", "()",   "^",    "$",     "%b", "ab",
                          "%f[", "[%d]", "%", "[",  "]",  "x",    "%w",   "%s",    "1",  " "};
  PlainLua plain;
  Sandboxed sandboxed;
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string pattern;
    for (unsigned i = 1 + random() % 6; i > 0; --i) pattern += pieces[random() % std::size(pieces)];
    std::string text;
    for (unsigned i = random() % 12; i > 0; --i) text += "abcx1 ab"[random() % 8];
    const char* functions[] = {"find", "match", "gsub"};
    const std::string function = functions[random() % 3];
    const std::string call = "(" + quoted(text) + "):" + function + "(" + quoted(pattern) +
                             (function == "gsub" ? ", '<%0>')" : ")");
    CAPTURE(call);
    REQUIRE(sandboxed.run(script(call)) == plain.run(script(call)));
  }
}
