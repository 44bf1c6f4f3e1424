// SPDX-License-Identifier: Apache-2.0
#include "fuzz/grammar.hpp"

namespace lineup::fuzz {

namespace {

constexpr int kDepthMax = 5;

constexpr const char* kNames[] = {"a",       "b", "c",   "f",    "t",  "item", "slate",
                                  "context", "p", "box", "_ENV", "_G", "self"};
// What the sandbox gives, what it leaves out, and what nobody has.
constexpr const char* kFunctions[] = {"pcall",
                                      "error",
                                      "assert",
                                      "select",
                                      "tostring",
                                      "tonumber",
                                      "type",
                                      "ipairs",
                                      "pairs",
                                      "string.rep",
                                      "string.find",
                                      "string.gsub",
                                      "string.gmatch",
                                      "string.match",
                                      "string.format",
                                      "string.byte",
                                      "string.char",
                                      "string.sub",
                                      "string.dump",
                                      "string.pack",
                                      "table.concat",
                                      "table.insert",
                                      "table.remove",
                                      "table.sort",
                                      "table.unpack",
                                      "table.move",
                                      "table.pack",
                                      "math.floor",
                                      "math.fmod",
                                      "math.random",
                                      "math.tointeger",
                                      "utf8.char",
                                      "utf8.codes",
                                      "utf8.codepoint",
                                      "utf8.offset",
                                      "load",
                                      "setmetatable",
                                      "getmetatable",
                                      "rawset",
                                      "coroutine.wrap",
                                      "collectgarbage",
                                      "window",
                                      "filter",
                                      "refuse",
                                      "rule",
                                      "integer",
                                      "f",
                                      "a",
                                      "slate.count",
                                      "item.same",
                                      "slate.count_same"};
constexpr const char* kMethods[] = {
    "count", "count_same", "distance_to_same", "same",  "has", "rep", "find", "gsub",
    "sub",   "upper",      "nothing",          "format"};
constexpr const char* kFields[] = {"id",   "score", "category", "is_new", "tags", "released",
                                   "page", "x",     "__index",  "__gc",   "rep"};
constexpr const char* kOperators[] = {"+",  "-", "*",  "/",   "//", "%", "^", "..", "==", "~=", "<",
                                      "<=", ">", ">=", "and", "or", "&", "|", "~",  "<<", ">>"};
constexpr const char* kNumbers[] = {"0",
                                    "1",
                                    "-1",
                                    "2",
                                    "0.5",
                                    "1e308",
                                    "math.huge",
                                    "math.maxinteger",
                                    "math.mininteger",
                                    "0/0",
                                    "60000",
                                    "1000000",
                                    "0x7fffffff"};
constexpr const char* kTexts[] = {"''",
                                  "'x'",
                                  "'%d'",
                                  "'%s%99.99f'",
                                  "'(a*)*b'",
                                  "'.-'",
                                  "'%b()'",
                                  "'[^%'",
                                  "'category'",
                                  "'is_new'",
                                  "('x'):rep(60000)",
                                  "'%1%2'",
                                  "'category == \\'x\\''",
                                  "'\\255\\0\\27Lua'"};

}  // namespace

// Once the bytes are used up everything is the first, shortest choice, so that programs end.
std::uint8_t Grammar::byte() {
  return next_ < choices_.size() ? static_cast<std::uint8_t>(choices_[next_++]) : 0;
}
std::string Grammar::name() { return one_of(kNames); }
std::string Grammar::text() { return one_of(kTexts); }
std::string Grammar::number() { return one_of(kNumbers); }

std::string Grammar::call(int depth) {
  std::string out;
  if (byte() % 3 == 0) {
    out = "(" + expression(depth - 1) + "):" + one_of(kMethods) + "(";
  } else {
    out = one_of(kFunctions) + "(";
  }
  const int count = byte() % 4;
  for (int i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + expression(depth - 1);
  return out + ")";
}

std::string Grammar::expression(int depth) {
  if (depth <= 0 || next_ >= choices_.size()) {
    return byte() % 2 == 0 ? number() : text();
  }
  switch (byte() % 10) {
    case 0:
      return number();
    case 1:
      return text();
    case 2:
      return name();
    case 3:
      return name() + "." + one_of(kFields);
    case 4:
      return name() + "[" + expression(depth - 1) + "]";
    case 5:
      return "(" + expression(depth - 1) + " " + one_of(kOperators) + " " + expression(depth - 1) +
             ")";
    case 6:
      return std::string(byte() % 2 == 0 ? "not " : "#") + "(" + expression(depth - 1) + ")";
    case 7:
      return "{ " + expression(depth - 1) + ", x = " + expression(depth - 1) + " }";
    case 8:
      return "function(a, b) " + block(depth - 1) + " end";
    default:
      return call(depth);
  }
}

std::string Grammar::statement(int depth) {
  if (depth <= 0) return "local a = " + expression(0);
  switch (byte() % 12) {
    case 0:
      return "local " + name() + " = " + expression(depth);
    case 1:
      return name() + " = " + expression(depth);
    case 2:
      return name() + "[" + expression(depth - 1) + "] = " + expression(depth - 1);
    case 3:
      return "while " + expression(depth - 1) + " do " + block(depth - 1) + " end";
    case 4:
      return "for a = " + expression(depth - 1) + ", " + expression(depth - 1) + " do " +
             block(depth - 1) + " end";
    case 5:
      return "for a, b in " + call(depth) + " do " + block(depth - 1) + " end";
    case 6:
      return "if " + expression(depth - 1) + " then " + block(depth - 1) + " else " +
             block(depth - 1) + " end";
    case 7:
      return "repeat " + block(depth - 1) + " until " + expression(depth - 1);
    case 8:
      return "local function f(a, ...) " + block(depth - 1) + " return f(...) end";
    case 9:
      return "pcall(function() " + block(depth - 1) + " end)";
    case 10:
      return "do return " + expression(depth) + " end";
    default:
      return call(depth);
  }
}

std::string Grammar::block(int depth) {
  std::string out;
  const int count = 1 + byte() % 3;
  for (int i = 0; i < count; ++i) out += statement(depth) + "; ";
  return out;
}

std::string Grammar::rule() {
  const std::string before = byte() % 4 == 0 ? block(2) : "";
  return "local box = { 1, x = { 2 } }\n" + before +
         "\nreturn rule { name = 'r', about = 'a', allow = function(item, slate, context, p)\n"
         "  if item.id ~= 'm0' then return true end\n  local a, b, c, f, t = 1, 'b', nil, nil, "
         "{}\n  " +
         block(kDepthMax) + "\n  return true\nend }\n";
}

}  // namespace lineup::fuzz
