// SPDX-License-Identifier: Apache-2.0
//
// A channel is a condition, a value of the column `by`, or a table with a name. What names a
// channel later (a turn of the pattern, a part of the ratio) may say its name or its number.
#include "script/channel_reader.hpp"

#include <algorithm>
#include <cmath>

#include "script/arguments.hpp"
#include "script/declare.hpp"
#include "script/library.hpp"

namespace lineup {

namespace {

// LIMIT: entries read of one list; the compiler of rules allows fewer.
constexpr lua_Integer kItemsMax = 4096;

constexpr const char* kChannelWords =
    "a list of channels, each a condition, a value of `by` or {name = .., where = ..}";
constexpr const char* kPatternWords = "a list of channels by name or number, or 'any'";
constexpr const char* kRatioWords = "a number of at least 0 for every channel";
constexpr const char* kShareWords = "a list of {where = .., share = '40%'}";

// Pushes the field of the table at `index`, past a read-only view. False when it is absent.
bool push_field(lua_State* L, int index, const char* field) {
  if (lua_getfield(L, index, field) == LUA_TNIL) return false;
  if (push_behind_view(L, -1)) lua_replace(L, -2);
  return true;
}

// Calls read(i) with each entry of the list on top of the stack on top of it; false as soon as one
// is not right, or when there is no list.
template <typename Read>
bool each_item(lua_State* L, Read&& read) {
  if (lua_type(L, -1) != LUA_TTABLE) return false;
  const int list = lua_gettop(L);
  const auto length = static_cast<lua_Integer>(lua_rawlen(L, list));
  if (length < 1 || length > kItemsMax) return false;
  for (lua_Integer i = 1; i <= length; ++i) {
    lua_rawgeti(L, list, i);
    if (push_behind_view(L, -1)) lua_replace(L, -2);
    const bool good = read(i);
    lua_settop(L, list);
    if (!good) return false;
  }
  return true;
}

// The text on top of the stack, when it is one and not empty.
bool read_text(lua_State* L, std::string& out) {
  if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) == 0) return false;
  out = lua_tostring(L, -1);
  return true;
}

// The condition that `column` has the value `text`.
std::string equals(const std::string& column, const std::string& text) {
  std::string out = column + " == \"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out += '"';
}

// Reads a field of the table on top of the stack as a text.
bool read_text_field(lua_State* L, const char* field, std::string& out) {
  lua_getfield(L, -1, field);
  const bool good = read_text(L, out);
  lua_pop(L, 1);
  return good;
}

bool read_channel(lua_State* L, const std::string& by, Channel& out) {
  if (read_text(L, out.name)) {
    out.where = by.empty() ? out.name : equals(by, out.name);
    return true;
  }
  if (lua_type(L, -1) != LUA_TTABLE || !read_text_field(L, "name", out.name)) return false;
  return read_text_field(L, "where", out.where);
}

// The channel that the value on top of the stack names.
bool find_channel(lua_State* L, const std::vector<Channel>& channels, std::uint32_t& out) {
  if (lua_isinteger(L, -1) != 0) {
    const lua_Integer number = lua_tointeger(L, -1);
    out = static_cast<std::uint32_t>(number - 1);
    return number >= 1 && number <= static_cast<lua_Integer>(channels.size());
  }
  std::string name;
  if (!read_text(L, name)) return false;
  const auto found = std::find_if(channels.begin(), channels.end(),
                                  [&](const Channel& channel) { return channel.name == name; });
  out = static_cast<std::uint32_t>(found - channels.begin());
  if (found != channels.end()) return true;
  out = kAnyChannel;
  return name == "any";
}

bool read_part(lua_State* L, Amount& out) {
  if (read_live_number(L, out)) return true;
  if (lua_type(L, -1) != LUA_TNUMBER || !std::isfinite(lua_tonumber(L, -1))) return false;
  out = Amount::count(lua_tonumber(L, -1));
  return out.value >= 0.0;
}

bool read_pattern(lua_State* L, Spec& out) {
  return each_item(
      L, [&](lua_Integer) { return find_channel(L, out.channels, out.pattern.emplace_back()); });
}

// A list in the order of the channels, or a table by their names.
bool read_ratio(lua_State* L, Spec& out) {
  if (lua_type(L, -1) != LUA_TTABLE) return false;
  const int ratio = lua_gettop(L);
  for (Channel& channel : out.channels) channel.share = Amount::count(0.0);
  std::size_t parts = 0;
  for (lua_pushnil(L); lua_next(L, ratio) != 0; lua_settop(L, ratio + 1)) {
    std::uint32_t channel = 0;
    lua_pushvalue(L, -2);
    const bool is_known = find_channel(L, out.channels, channel) && channel != kAnyChannel;
    lua_pop(L, 1);
    if (!is_known || !read_part(L, out.channels[channel].share)) return false;
    ++parts;
  }
  return parts == out.channels.size();
}

bool read_share(lua_State* L, Channel& out) {
  if (lua_type(L, -1) != LUA_TTABLE || !read_text_field(L, "where", out.where)) return false;
  out.name = out.where;
  lua_getfield(L, -1, "share");
  if (read_live_number(L, out.share)) {
    out.share.unit = Amount::Unit::Fraction;
    return true;
  }
  if (lua_type(L, -1) != LUA_TSTRING) return false;
  const auto share = parse_share(lua_tostring(L, -1));
  out.share = Amount::fraction(share.value_or(0.0));
  return share.has_value();
}

}  // namespace

bool read_live_number(lua_State* L, Amount& out) {
  const Declaration* declared = to_declaration(L, -1);
  if (declared == nullptr || declared->family != Declaration::Family::Live) return false;
  out = {Amount::Unit::Count, declared->value, declared->live};
  return true;
}

std::optional<FieldFault> read_mix(lua_State* L, int table, Spec& out) {
  std::string by;
  lua_settop(L, table);
  if (push_field(L, table, "by") && !read_text(L, by)) return FieldFault{"by", "a column"};
  lua_settop(L, table);
  const bool is_given = push_field(L, table, "channels");
  if (!is_given || !each_item(L, [&](lua_Integer) {
        return read_channel(L, by, out.channels.emplace_back());
      })) {
    return FieldFault{"channels", kChannelWords};
  }
  lua_settop(L, table);
  int modes = 0;
  if (push_field(L, table, "pattern") && ++modes > 0 && !read_pattern(L, out)) {
    return FieldFault{"pattern", kPatternWords};
  }
  lua_settop(L, table);
  if (push_field(L, table, "ratio") && ++modes > 0) {
    out.mix = MixMode::Ratio;
    if (!read_ratio(L, out)) return FieldFault{"ratio", kRatioWords};
  }
  lua_settop(L, table);
  if (push_field(L, table, "interleave") && ++modes > 0) {
    out.mix = MixMode::Interleave;
    if (lua_type(L, -1) != LUA_TBOOLEAN || lua_toboolean(L, -1) == 0) {
      return FieldFault{"interleave", "true, or left out"};
    }
    for (std::uint32_t i = 0; i < out.channels.size(); ++i) out.pattern.push_back(i);
  }
  lua_settop(L, table);
  if (modes == 1) return std::nullopt;
  return FieldFault{"pattern", "given, or `ratio`, or `interleave`: one of the three"};
}

std::optional<FieldFault> read_shares(lua_State* L, int table, Spec& out) {
  lua_settop(L, table);
  if (!push_field(L, table, "shares")) return std::nullopt;
  const bool good =
      each_item(L, [&](lua_Integer) { return read_share(L, out.channels.emplace_back()); });
  lua_settop(L, table);
  if (good) return std::nullopt;
  return FieldFault{"shares", kShareWords};
}

}  // namespace lineup
