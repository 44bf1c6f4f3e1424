// SPDX-License-Identifier: Apache-2.0
//
// A backtracking matcher with the semantics of Lua 5.4: classes, sets, * + - ?, captures,
// positions, %b, %f and back references. Items that cannot backtrack are taken in a loop; only
// repetition and captures recurse.
#include "script/pattern.hpp"

#include <cctype>
#include <cstring>
#include <string>

#include "script/library.hpp"
#include "script/sandbox.hpp"

namespace lineup {

namespace {

constexpr char kEscape = '%';

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

bool matches_class(unsigned char c, unsigned char name) {
  bool result = false;
  // Bytes past ASCII belong to no class, whatever locale the host has set.
  switch (c < 128 ? std::tolower(name) : 0) {
    case 'a':
      result = std::isalpha(c) != 0;
      break;
    case 'c':
      result = std::iscntrl(c) != 0;
      break;
    case 'd':
      result = std::isdigit(c) != 0;
      break;
    case 'g':
      result = std::isgraph(c) != 0;
      break;
    case 'l':
      result = std::islower(c) != 0;
      break;
    case 'p':
      result = std::ispunct(c) != 0;
      break;
    case 's':
      result = std::isspace(c) != 0;
      break;
    case 'u':
      result = std::isupper(c) != 0;
      break;
    case 'w':
      result = std::isalnum(c) != 0;
      break;
    case 'x':
      result = std::isxdigit(c) != 0;
      break;
    case 0:
      break;
    default:
      return name == c;
  }
  return std::isupper(name) != 0 ? !result : result;
}

}  // namespace

Matcher::Matcher(lua_State* L, std::string_view text, std::string_view pattern)
    : L_(L),
      text_(text.data()),
      text_end_(text.data() + text.size()),
      pattern_(pattern.data()),
      pattern_end_(pattern.data() + pattern.size()),
      units_per_step_(1 + pattern.size() / 64) {}

const char* Matcher::match_at(const char* start) {
  level_ = 0;
  depth_ = 0;
  return match(start, pattern_);
}

void Matcher::fail(const char* message) const { raise(L_, message); }

// Steps are paid in lots, so that a step costs an increment. A step may read the whole pattern, a
// long set say: long patterns pay more.
void Matcher::step() {
  if (++steps_ % 16 == 0) Sandbox::of(L_).charge(16 * units_per_step_);
}

const char* Matcher::match(const char* s, const char* p) {
  if (++depth_ > kDepthMax) fail("the pattern is too complex");
  bool again = true;
  while (again) {
    step();
    if (p == pattern_end_) break;
    again = false;
    s = match_item(s, p, again);
  }
  --depth_;
  return s;
}

// Matches the item at `p`. With `again` the loop of match() goes on from the returned place and the
// advanced `p`; without, the returned place is where the whole rest ended, or null.
const char* Matcher::match_item(const char* s, const char*& p, bool& again) {
  switch (*p) {
    case '(':
      return p + 1 != pattern_end_ && p[1] == ')' ? open_capture(s, p + 2, kPosition)
                                                  : open_capture(s, p + 1, kOpen);
    case ')':
      return close_capture(s, p + 1);
    case '$':
      if (p + 1 == pattern_end_) return s == text_end_ ? s : nullptr;
      break;
    case kEscape:
      if (p + 1 == pattern_end_) fail("the pattern ends with `%`");
      if (p[1] == 'b' || p[1] == 'f' || std::isdigit(byte_of(p[1])) != 0) {
        s = match_special(s, p);
        again = s != nullptr;
        return s;
      }
      break;
    default:
      break;
  }
  return match_repeated(s, p, again);
}

const char* Matcher::match_special(const char* s, const char*& p) {
  if (p[1] == 'b') {
    s = match_balance(s, p + 2);
    p += 4;
    return s;
  }
  if (p[1] == 'f') {
    const char* set = p + 2;
    if (set == pattern_end_ || *set != '[') fail("`%f` needs a set after it");
    const char* after = class_end(set);
    const char before = s == text_ ? '\0' : s[-1];
    const char here = s == text_end_ ? '\0' : *s;
    p = after;
    const bool holds =
        !matches_set(byte_of(before), set, after - 1) && matches_set(byte_of(here), set, after - 1);
    return holds ? s : nullptr;
  }
  s = match_back_reference(s, p[1]);
  p += 2;
  return s;
}

const char* Matcher::match_repeated(const char* s, const char*& p, bool& again) {
  const char* after = class_end(p);
  const char suffix = after == pattern_end_ ? '\0' : *after;
  switch (suffix) {
    case '*':
      return expand_most(s, p, after, 0);
    case '+':
      return expand_most(s, p, after, 1);
    case '-':
      return expand_least(s, p, after);
    case '?':
      if (matches_one(s, p, after)) {
        if (const char* end = match(s + 1, after + 1); end != nullptr) return end;
      }
      p = after + 1;
      again = true;
      return s;
    default:
      break;
  }
  if (!matches_one(s, p, after)) return nullptr;
  p = after;
  again = true;
  return s + 1;
}

const char* Matcher::expand_most(const char* s, const char* p, const char* after,
                                 std::ptrdiff_t least) {
  std::ptrdiff_t count = 0;
  for (; matches_one(s + count, p, after); ++count) step();
  for (; count >= least; --count) {
    step();
    if (const char* end = match(s + count, after + 1); end != nullptr) return end;
  }
  return nullptr;
}

const char* Matcher::expand_least(const char* s, const char* p, const char* after) {
  while (true) {
    step();
    if (const char* end = match(s, after + 1); end != nullptr) return end;
    if (!matches_one(s, p, after)) return nullptr;
    ++s;
  }
}

const char* Matcher::open_capture(const char* s, const char* p, std::ptrdiff_t size) {
  if (level_ == kCapturesMax) fail("the pattern has too many captures");
  captures_[level_++] = {s, size};
  const char* end = match(s, p);
  if (end == nullptr) --level_;
  return end;
}

const char* Matcher::close_capture(const char* s, const char* p) {
  const int index = capture_to_close();
  captures_[index].size = s - captures_[index].start;
  const char* end = match(s, p);
  if (end == nullptr) captures_[index].size = kOpen;
  return end;
}

int Matcher::capture_to_close() const {
  for (int index = level_ - 1; index >= 0; --index) {
    if (captures_[index].size == kOpen) return index;
  }
  fail("the pattern closes a capture that is not open");
}

const char* Matcher::match_balance(const char* s, const char* p) {
  if (pattern_end_ - p < 2) fail("`%b` needs two characters after it");
  if (s == text_end_ || *s != p[0]) return nullptr;
  int open = 1;
  for (++s; s != text_end_; ++s) {
    step();
    if (*s == p[1]) {
      if (--open == 0) return s + 1;
    } else if (*s == p[0]) {
      ++open;
    }
  }
  return nullptr;
}

const char* Matcher::match_back_reference(const char* s, char digit) {
  const int index = digit - '1';
  if (index < 0 || index >= level_ || captures_[index].size == kOpen) {
    fail("the pattern refers to a capture that it does not have");
  }
  if (captures_[index].size == kPosition) return nullptr;  // as in Lua: it matches nothing
  const std::ptrdiff_t size = captures_[index].size;
  Sandbox::of(L_).charge(static_cast<std::uint64_t>(size) / 16);
  const bool equal = text_end_ - s >= size &&
                     std::memcmp(captures_[index].start, s, static_cast<std::size_t>(size)) == 0;
  return equal ? s + size : nullptr;
}

const char* Matcher::class_end(const char* p) const {
  const char first = *p++;
  if (first == kEscape) {
    if (p == pattern_end_) fail("the pattern ends with `%`");
    return p + 1;
  }
  if (first != '[') return p;
  if (p != pattern_end_ && *p == '^') ++p;
  do {  // a `]` that comes first stands for itself
    if (p == pattern_end_) fail("the pattern has a `[` without `]`");
    if (*p++ == kEscape) {
      if (p == pattern_end_) fail("the pattern has a `[` without `]`");
      ++p;
    }
  } while (p == pattern_end_ || *p != ']');
  return p + 1;
}

bool Matcher::matches_one(const char* s, const char* p, const char* after) const {
  if (s == text_end_) return false;
  switch (*p) {
    case '.':
      return true;
    case kEscape:
      return matches_class(byte_of(*s), byte_of(p[1]));
    case '[':
      return matches_set(byte_of(*s), p, after - 1);
    default:
      return *p == *s;
  }
}

// [p, last] is the set with its brackets.
bool Matcher::matches_set(unsigned char c, const char* p, const char* last) const {
  const bool positive = p[1] != '^';
  if (!positive) ++p;
  while (++p < last) {
    if (*p == kEscape) {
      ++p;
      if (matches_class(c, byte_of(*p))) return positive;
    } else if (p[1] == '-' && p + 2 < last) {
      if (byte_of(p[0]) <= c && c <= byte_of(p[2])) return positive;
      p += 2;
    } else if (byte_of(*p) == c) {
      return positive;
    }
  }
  return !positive;
}

void Matcher::push_capture(int index, const char* start, const char* end) {
  if (index >= level_) {
    if (index != 0) fail("refers to a capture that the pattern does not have");
    lua_pushlstring(L_, start, static_cast<std::size_t>(end - start));
    return;
  }
  const Capture& capture = captures_[index];
  if (capture.size == kOpen) fail("the pattern leaves a capture open");
  if (capture.size == kPosition) {
    lua_pushinteger(L_, capture.start - text_ + 1);
  } else {
    lua_pushlstring(L_, capture.start, static_cast<std::size_t>(capture.size));
  }
}

int Matcher::push_captures(const char* start, const char* end) {
  const int count = level_ == 0 ? 1 : level_;
  luaL_checkstack(L_, count, "too many captures");
  for (int index = 0; index < count; ++index) push_capture(index, start, end);
  return count;
}

}  // namespace lineup
