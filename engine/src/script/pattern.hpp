// SPDX-License-Identifier: Apache-2.0
//
// Lua patterns, matched within the call's budget. Lua's own matcher backtracks inside one C call
// for as long as the pattern wants; this one pays for every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <string_view>

namespace lineup {

// Matches one pattern against one text. Both are borrowed and must stay on the stack. Malformed
// patterns and budgets that end raise.
class Matcher {
 public:
  Matcher(lua_State* L, std::string_view text, std::string_view pattern);

  // Where the match that begins at `start` ends, or null. A leading `^` is the caller's.
  const char* match_at(const char* start);

  // After a match: how many captures there are, and pushing one. Without any, capture 0 is the
  // whole match [start, end).
  [[nodiscard]] int capture_count() const { return level_; }
  void push_capture(int index, const char* start, const char* end);
  // Pushes all of them, or the whole match when there are none; returns how many.
  int push_captures(const char* start, const char* end);

 private:
  // LIMIT: captures of one pattern, as in Lua.
  static constexpr int kCapturesMax = 32;
  // LIMIT: nested steps; each costs some hundred bytes of the C stack.
  static constexpr int kDepthMax = 200;
  static constexpr std::ptrdiff_t kOpen = -1;
  static constexpr std::ptrdiff_t kPosition = -2;

  struct Capture {
    const char* start = nullptr;
    std::ptrdiff_t size = 0;
  };

  const char* match(const char* s, const char* p);
  const char* match_item(const char* s, const char*& p, bool& again);
  const char* match_special(const char* s, const char*& p);
  const char* match_repeated(const char* s, const char*& p, bool& again);
  const char* expand_most(const char* s, const char* p, const char* after, std::ptrdiff_t least);
  const char* expand_least(const char* s, const char* p, const char* after);
  const char* open_capture(const char* s, const char* p, std::ptrdiff_t size);
  const char* close_capture(const char* s, const char* p);
  const char* match_balance(const char* s, const char* p);
  const char* match_back_reference(const char* s, char digit);
  [[nodiscard]] const char* class_end(const char* p) const;
  [[nodiscard]] bool matches_one(const char* s, const char* p, const char* after) const;
  [[nodiscard]] bool matches_set(unsigned char c, const char* p, const char* last) const;
  [[nodiscard]] int capture_to_close() const;
  [[noreturn]] void fail(const char* message) const;
  void step();

  lua_State* L_;
  const char* text_;
  const char* text_end_;
  const char* pattern_;
  const char* pattern_end_;
  std::uint64_t units_per_step_;
  int level_ = 0;
  int depth_ = 0;
  unsigned steps_ = 0;
  Capture captures_[kCapturesMax];
};

}  // namespace lineup
