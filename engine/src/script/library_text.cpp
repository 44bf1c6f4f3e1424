// SPDX-License-Identifier: Apache-2.0
//
// `string` and `utf8`. What only reads its arguments is Lua's own, paid by length; what matches
// patterns, or makes long texts from short ones, is ours.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "script/library.hpp"
#include "script/pattern.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

std::string_view check_text(lua_State* L, int index) {
  std::size_t size = 0;
  const char* data = luaL_checklstring(L, index, &size);
  return {data, size};
}

void check_bytes(lua_State* L, const char* name, std::size_t bytes) {
  if (bytes > kTextBytesMax) {
    raise(L, "`" + std::string(name) + "` would make a text of more than 64 KiB");
  }
}

int text_rep(lua_State* L) {
  const std::string_view text = check_text(L, 1);
  const lua_Integer count = luaL_checkinteger(L, 2);
  std::size_t separator_size = 0;
  const char* separator = luaL_optlstring(L, 3, "", &separator_size);
  if (count <= 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  const std::size_t each = std::max<std::size_t>(text.size() + separator_size, 1);
  if (static_cast<lua_Unsigned>(count) > kTextBytesMax / each) check_bytes(L, "rep", SIZE_MAX);
  Sandbox::of(L).charge(1 + static_cast<std::uint64_t>(count) * each / 16);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (lua_Integer i = 0; i < count; ++i) {
    luaL_addlstring(&buffer, text.data(), text.size());
    if (i + 1 < count) luaL_addlstring(&buffer, separator, separator_size);
  }
  luaL_pushresult(&buffer);
  return 1;
}

// The conversion that begins at the `%` of text[at]: its letter's index.
std::size_t conversion_end(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_not_of("-+ #0123456789.", at + 1);
  return std::min(end, text.size() - 1);
}

// Gate before Lua's own: `%p` shows addresses, and so does `%s` of a table.
int text_format(lua_State* L) {
  const std::string_view format = check_text(L, 1);
  std::size_t bytes = format.size();
  int argument = 1;
  for (std::size_t at = format.find('%'); at != std::string_view::npos && at + 1 < format.size();
       at = format.find('%', at + 1)) {
    at = conversion_end(format, at);
    if (format[at] == '%') continue;
    ++argument;
    if (format[at] == 'p') raise(L, "`format` has no `%p`: a rule sees no addresses");
    if (format[at] == 's' && argument <= lua_gettop(L)) {
      push_text_of(L, argument);
      lua_replace(L, argument);
    }
    // Widths and precisions have at most two digits; Lua's own function says so.
    bytes += 128 + (lua_type(L, argument) == LUA_TSTRING ? lua_rawlen(L, argument) : 0);
    if (bytes > kTextBytesMax) check_bytes(L, "format", bytes);
  }
  Sandbox::of(L).charge(1 + bytes / 16);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

bool has_specials(std::string_view pattern) {
  return pattern.find_first_of("^$*+?.([%-") != std::string_view::npos;
}

// Where `needle` is in `text`, paying for every place that is compared.
std::size_t find_plain(lua_State* L, std::string_view text, std::string_view needle) {
  if (needle.empty()) return 0;
  const std::uint64_t units = 1 + needle.size() / 16;
  std::size_t from = 0;
  while (from + needle.size() <= text.size()) {
    const std::size_t at = text.find(needle[0], from);
    if (at == std::string_view::npos || at + needle.size() > text.size()) break;
    Sandbox::of(L).charge(units + (at - from) / 16);
    if (std::memcmp(text.data() + at, needle.data(), needle.size()) == 0) return at;
    from = at + 1;
  }
  return std::string_view::npos;
}

// The 0-based place that `init` means, at most one past the end.
std::size_t start_index(lua_Integer init, std::size_t size) {
  const auto length = static_cast<lua_Integer>(size);
  if (init > 0) return static_cast<std::size_t>(std::min(init, length + 2) - 1);
  if (init == 0 || init < -length) return 0;
  return static_cast<std::size_t>(length + init);
}

int find_or_match(lua_State* L, bool is_find) {
  const std::string_view text = check_text(L, 1);
  std::string_view pattern = check_text(L, 2);
  const std::size_t init = start_index(luaL_optinteger(L, 3, 1), text.size());
  if (init > text.size()) {
    lua_pushnil(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) != 0 || !has_specials(pattern))) {
    const std::size_t at = find_plain(L, text.substr(init), pattern);
    if (at == std::string_view::npos) {
      lua_pushnil(L);
      return 1;
    }
    lua_pushinteger(L, static_cast<lua_Integer>(init + at + 1));
    lua_pushinteger(L, static_cast<lua_Integer>(init + at + pattern.size()));
    return 2;
  }
  const bool anchored = !pattern.empty() && pattern[0] == '^';
  if (anchored) pattern.remove_prefix(1);
  Matcher matcher(L, text, pattern);
  const char* const text_end = text.data() + text.size();
  for (const char* start = text.data() + init; start <= text_end; ++start) {
    if (const char* end = matcher.match_at(start); end != nullptr) {
      if (!is_find) return matcher.push_captures(start, end);
      lua_pushinteger(L, start - text.data() + 1);
      lua_pushinteger(L, end - text.data());
      return 2 + (matcher.capture_count() > 0 ? matcher.push_captures(start, end) : 0);
    }
    if (anchored) break;
  }
  lua_pushnil(L);
  return 1;
}

int text_find(lua_State* L) { return find_or_match(L, true); }
int text_match(lua_State* L) { return find_or_match(L, false); }

// Upvalues: text, pattern, where to go on, where the last match ended (-1: none yet).
int next_match(lua_State* L) {
  const std::string_view text = check_text(L, lua_upvalueindex(1));
  const lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(4));
  Matcher matcher(L, text, check_text(L, lua_upvalueindex(2)));
  const char* const text_end = text.data() + text.size();
  for (const char* start = text.data() + lua_tointeger(L, lua_upvalueindex(3)); start <= text_end;
       ++start) {
    const char* end = matcher.match_at(start);
    if (end == nullptr || end - text.data() == last_end) continue;
    lua_pushinteger(L, end - text.data());
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return matcher.push_captures(start, end);
  }
  return 0;
}

int text_gmatch(lua_State* L) {
  const std::string_view text = check_text(L, 1);
  check_text(L, 2);
  const std::size_t init = start_index(luaL_optinteger(L, 3, 1), text.size());
  lua_settop(L, 2);
  lua_pushinteger(L, static_cast<lua_Integer>(init));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

// Pushes what a match is replaced by when argument 3 is a text: `%0`, `%1`, ... are captures.
void push_template(lua_State* L, Matcher& matcher, const char* start, const char* end) {
  const std::string_view replacement = check_text(L, 3);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '%') {
      luaL_addchar(&buffer, replacement[i]);
      check_bytes(L, "gsub", ++bytes);
      continue;
    }
    const char next = ++i < replacement.size() ? replacement[i] : '\0';
    if (next == '%') {
      luaL_addchar(&buffer, '%');
    } else if (next == '0') {
      luaL_addlstring(&buffer, start, static_cast<std::size_t>(end - start));
      bytes += static_cast<std::size_t>(end - start);
    } else if (next >= '1' && next <= '9') {
      matcher.push_capture(next - '1', start, end);
      bytes += lua_rawlen(L, -1);
      luaL_tolstring(L, -1, nullptr);
      lua_remove(L, -2);
      luaL_addvalue(&buffer);
    } else {
      raise(L, "`%` in a replacement needs a digit or `%` after it");
    }
    check_bytes(L, "gsub", bytes);
  }
  luaL_pushresult(&buffer);
}

// Pushes what replaces the match [start, end): the match itself when the answer is nil or false.
void push_replacement(lua_State* L, Matcher& matcher, const char* start, const char* end) {
  switch (lua_type(L, 3)) {
    case LUA_TTABLE:
      matcher.push_capture(0, start, end);
      lua_gettable(L, 3);
      break;
    case LUA_TFUNCTION:
      lua_pushvalue(L, 3);
      lua_call(L, matcher.push_captures(start, end), 1);
      break;
    default:
      push_template(L, matcher, start, end);
      break;
  }
  if (lua_toboolean(L, -1) == 0) {
    lua_pop(L, 1);
    lua_pushlstring(L, start, static_cast<std::size_t>(end - start));
  } else if (lua_isstring(L, -1) == 0) {
    raise(L, std::string("`gsub` got a replacement that is a ") + luaL_typename(L, -1));
  }
}

// The result grows in a buffer on top of the stack; pieces are pushed there and added.
struct Pieces {
  lua_State* L;
  luaL_Buffer buffer;
  std::size_t bytes = 0;

  explicit Pieces(lua_State* state) : L(state) { luaL_buffinit(L, &buffer); }
  void add(const char* data, std::size_t size) {
    count(size);
    luaL_addlstring(&buffer, data, size);
  }
  void add_top() {
    count(lua_rawlen(L, -1));
    luaL_addvalue(&buffer);
  }
  void count(std::size_t size) {
    bytes += size;
    check_bytes(L, "gsub", bytes);
    Sandbox::of(L).charge(1 + size / 16);
  }
};

int text_gsub(lua_State* L) {
  const std::string_view text = check_text(L, 1);
  std::string_view pattern = check_text(L, 2);
  const int type = lua_type(L, 3);
  if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TTABLE && type != LUA_TFUNCTION) {
    raise(L, "`gsub` takes a text, a table or a function as its third argument");
  }
  const lua_Integer most = luaL_optinteger(L, 4, static_cast<lua_Integer>(text.size()) + 1);
  const bool anchored = !pattern.empty() && pattern[0] == '^';
  if (anchored) pattern.remove_prefix(1);
  Matcher matcher(L, text, pattern);
  Pieces pieces(L);
  const char* const text_end = text.data() + text.size();
  const char* start = text.data();
  const char* last_end = nullptr;
  lua_Integer count = 0;
  while (count < most) {
    const char* end = matcher.match_at(start);
    if (end != nullptr && end != last_end) {
      ++count;
      push_replacement(L, matcher, start, end);
      pieces.add_top();
      start = last_end = end;
    } else if (start < text_end) {
      pieces.add(start++, 1);
    } else {
      break;
    }
    if (anchored) break;
  }
  pieces.add(start, static_cast<std::size_t>(text_end - start));
  luaL_pushresult(&pieces.buffer);
  lua_pushinteger(L, count);
  return 2;
}

}  // namespace

// Not there: dump (bytecode), pack, unpack, packsize.
void fill_text(lua_State* L, int stock) {
  for (const char* name : {"byte", "char", "len", "lower", "reverse", "sub", "upper"}) {
    add_charged(L, name, stock_function(L, stock, name));
  }
  add_gate(L, "format", text_format, stock_function(L, stock, "format"));
  add_function(L, "find", text_find);
  add_function(L, "gmatch", text_gmatch);
  add_function(L, "gsub", text_gsub);
  add_function(L, "match", text_match);
  add_function(L, "rep", text_rep);
}

void fill_utf8(lua_State* L, int stock) {
  for (const char* name : {"char", "codepoint", "codes", "len", "offset"}) {
    add_charged(L, name, stock_function(L, stock, name));
  }
  lua_getfield(L, stock, "charpattern");
  lua_setfield(L, -2, "charpattern");
}

}  // namespace lineup
