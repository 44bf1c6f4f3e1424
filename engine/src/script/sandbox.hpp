// SPDX-License-Identifier: Apache-2.0
//
// One Lua state in which a rule file runs: only what a rule may reach, and only as long and as
// large as its budget. Everything here that touches Lua is for this folder alone.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <string>
#include <string_view>

#include "script/heap.hpp"

namespace lineup {

class Views;
struct Refusal;

// Lua shows the chunk under this name in messages; the sandbox replaces it by the file's path.
inline constexpr const char* kChunkName = "=(rule)";
inline constexpr std::string_view kChunkPrefix = "(rule):";

// LIMIT: the longest text that a script can make. Single instructions that read a whole text
// (comparing, joining) then stay short beside the 1000 instructions between two looks at the clock.
inline constexpr std::size_t kTextBytesMax = 64 * 1024;
// LIMIT: most elements that one native helper (unpack, concat, sort, ...) works on.
inline constexpr std::int64_t kElementsMax = 10'000;
// LIMIT: rules need a handful of nested calls; 200 is what Lua itself allows for C.
inline constexpr int kCallDepthMax = 200;

// What one protected run may use.
struct Budget {
  std::uint64_t instructions = 0;
  std::int64_t ns = 0;
};

// Why a run was ended from outside. Sticky: while it is set, no code of the script runs on,
// whatever it catches.
enum class Breach : std::uint8_t { None, Instructions, Time, Memory, Text, Depth };

class Sandbox {
 public:
  explicit Sandbox(std::size_t bytes_max);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // The state; null when it could not be made. Slot 1 of its stack belongs to the sandbox.
  [[nodiscard]] lua_State* state() const { return L_; }
  [[nodiscard]] static Sandbox& of(lua_State* L) {
    return **static_cast<Sandbox**>(lua_getextraspace(L));
  }

  // Opens a budget for the calls that follow. `is_straight`: what is called runs so few
  // instructions that only what it calls has to be counted, which saves a look at each of them.
  void begin(const Budget& budget, bool is_straight = false);
  // Calls the function under `arguments` values on the stack, as lua_call does. False: it failed,
  // nothing is left on the stack, and fault() says why.
  bool call(int arguments, int results);
  // Runs `body(L)` with an empty stack, so that whatever it raises ends here.
  template <typename Body>
  bool protect(Body&& body) {
    lua_pushcfunction(L_, &trampoline<Body>);
    lua_pushlightuserdata(L_, &body);
    return call(1, 0);
  }

  // Native helpers pay for their loops: raises when the budget is used up.
  void charge(std::uint64_t units) {
    used_ += units;
    uncharged_ += units;
    if (used_ > budget_.instructions || uncharged_ >= kUnitsPerLook) look();
  }

  // The last failure: the sentence without its place, and the line, 0 when it is not known.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] std::uint32_t fault_line() const { return fault_line_; }
  [[nodiscard]] Breach breach() const { return breach_; }
  // Units of the budget that are known to be used; Lua's own count in thousands.
  [[nodiscard]] std::uint64_t used() const { return used_; }
  // After an allocator failure inside the state it is not trusted any more.
  [[nodiscard]] bool is_spent() const { return is_spent_; }
  [[nodiscard]] std::size_t memory_bytes() const { return heap_.reserved_bytes(); }

  // Called by pcall: an error that must not be caught is raised again.
  void rethrow_breach(int status);

  // What the functions that are given to this state find their data by; null: none here.
  Views* views = nullptr;
  Refusal* refusal = nullptr;

 private:
  // LIMIT: a count hook costs the same for any interval; 1000 keeps the clock's share under 1 %.
  static constexpr int kUnitsPerLook = 1000;

  template <typename Body>
  static int trampoline(lua_State* L) {
    auto& body = *static_cast<std::remove_reference_t<Body>*>(lua_touserdata(L, 1));
    lua_settop(L, 0);
    body(L);
    return 0;
  }
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void on_count(lua_State* L, lua_Debug* record);
  static int on_error(lua_State* L);
  void look();
  void end(Breach breach);
  void arm(int count);
  [[nodiscard]] std::uint32_t current_line() const;
  void note_fault();

  Heap heap_;
  std::size_t bytes_max_;
  lua_State* L_ = nullptr;
  Budget budget_;
  std::uint64_t used_ = 0;
  std::uint64_t uncharged_ = 0;   // native units since the clock was last read
  std::int64_t deadline_ns_ = 0;  // 0: the clock was not read yet
  Breach breach_ = Breach::None;
  bool text_refused_ = false;
  bool is_spent_ = false;
  std::string fault_;
  std::uint32_t fault_line_ = 0;
  std::uint32_t refused_line_ = 0;  // where the allocator said no
};

}  // namespace lineup
