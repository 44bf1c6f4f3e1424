// SPDX-License-Identifier: Apache-2.0
//
// Three things end a run: the count hook, native helpers that pay through charge(), and the
// allocator. The hook reads the clock every thousand units, so a call shorter than that never does.
// The allocator cannot raise; it answers null at the cap, and for work that is only expensive it
// makes the hook fire at the next instruction.
#include "script/sandbox.hpp"

#include <fmt/format.h>

#include <cctype>
#include <iterator>

#include "base/clock.hpp"
#include "script/coverage.hpp"

namespace lineup {

namespace {

// The header and terminator of a Lua string, generously.
constexpr std::size_t kTextOverhead = 64;
// LIMIT: blocks from here on are charged by the byte: copying is their cost.
constexpr std::size_t kLargeBlockBytes = 1024;
constexpr std::size_t kBytesPerUnit = 64;
// Room for a fault's sentence, taken once so that serving allocates nothing.
constexpr std::size_t kFaultBytesMax = 400;

}  // namespace

Sandbox::Sandbox(std::size_t bytes_max) : heap_(bytes_max), bytes_max_(bytes_max) {
  fault_.reserve(kFaultBytesMax + 64);
  L_ = lua_newstate(&Sandbox::allocate, this);
  if (L_ == nullptr) return;
  *static_cast<Sandbox**>(lua_getextraspace(L_)) = this;
  lua_pushcfunction(L_, &Sandbox::on_error);
}

Sandbox::~Sandbox() {
  if (L_ != nullptr) lua_close(L_);
}

void Sandbox::begin(const Budget& budget, bool is_straight) {
  budget_ = budget;
  used_ = 0;
  uncharged_ = 0;
  deadline_ns_ = 0;
  breach_ = Breach::None;
  text_refused_ = false;
  if (!is_straight) {
    arm(kUnitsPerLook);
  } else if (lua_gethookmask(L_) != 0) {
    lua_sethook(L_, nullptr, 0, 0);
  }
}

void Sandbox::arm(int count) {
  const int lines = script_coverage() == nullptr ? 0 : LUA_MASKLINE;
  lua_sethook(L_, &Sandbox::on_count, LUA_MASKCOUNT | lines, count);
}

bool Sandbox::call(int arguments, int results) {
  const int status = lua_pcall(L_, arguments, results, 1);
  if (status == LUA_OK) return true;
  if (status == LUA_ERRMEM && breach_ == Breach::None) {
    breach_ = text_refused_ ? Breach::Text : Breach::Memory;
    fault_line_ = refused_line_;
  }
  is_spent_ = is_spent_ || breach_ == Breach::Memory || breach_ == Breach::Text;
  note_fault();
  lua_pop(L_, 1);
  return false;
}

void Sandbox::on_count(lua_State* L, lua_Debug* record) {
  if (record->event == LUA_HOOKLINE) {
    ScriptCoverage* coverage = script_coverage();
    if (coverage != nullptr)
      coverage->lines.insert(static_cast<std::uint32_t>(record->currentline));
    return;
  }
  Sandbox& self = of(L);
  self.used_ += kUnitsPerLook;
  self.look();
}

void Sandbox::look() {
  uncharged_ = 0;
  if (breach_ != Breach::None) end(breach_);
  if (used_ > budget_.instructions) end(Breach::Instructions);
  const std::int64_t now = monotonic_ns();
  if (deadline_ns_ == 0) deadline_ns_ = now + budget_.ns;
  if (now > deadline_ns_) end(Breach::Time);
  lua_Debug frame;
  if (lua_getstack(L_, kCallDepthMax, &frame) != 0) end(Breach::Depth);
}

void Sandbox::end(Breach breach) {
  if (breach_ == Breach::None) {
    breach_ = breach;
    fault_line_ = current_line();
  }
  lua_pushliteral(L_, "budget");
  lua_error(L_);
}

void Sandbox::rethrow_breach(int status) {
  if (status == LUA_ERRMEM && breach_ == Breach::None) {
    breach_ = text_refused_ ? Breach::Text : Breach::Memory;
    fault_line_ = refused_line_;
  }
  if (breach_ != Breach::None) lua_error(L_);
}

void* Sandbox::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  auto& sandbox = *static_cast<Sandbox*>(self);
  if (new_size == 0) {
    if (block != nullptr) sandbox.heap_.release(block, old_size);
    return nullptr;
  }
  if (new_size >= kLargeBlockBytes && sandbox.L_ != nullptr) {
    sandbox.used_ += new_size / kBytesPerUnit;
    if (sandbox.used_ > sandbox.budget_.instructions) sandbox.arm(1);
  }
  // For a new object Lua passes its type instead of a size.
  const bool is_long_text =
      block == nullptr && old_size == LUA_TSTRING && new_size > kTextBytesMax + kTextOverhead;
  void* fresh = is_long_text       ? nullptr
                : block == nullptr ? sandbox.heap_.allocate(new_size)
                                   : sandbox.heap_.resize(block, old_size, new_size);
  if (fresh == nullptr && sandbox.L_ != nullptr) {
    sandbox.text_refused_ = is_long_text;
    sandbox.refused_line_ = sandbox.current_line();
  }
  return fresh;
}

std::uint32_t Sandbox::current_line() const {
  lua_Debug frame;
  for (int level = 0; lua_getstack(L_, level, &frame) != 0; ++level) {
    if (lua_getinfo(L_, "l", &frame) != 0 && frame.currentline > 0) {
      return static_cast<std::uint32_t>(frame.currentline);
    }
  }
  return 0;
}

int Sandbox::on_error(lua_State* L) {
  Sandbox& self = of(L);
  if (self.breach_ == Breach::None) self.fault_line_ = self.current_line();
  return 1;
}

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// Lua quotes names 'like this', Lineup `like this`. Apostrophes inside words stay.
void requote(std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\'' || (at > 0 && is_word(text[at - 1]))) continue;
    std::size_t end = text.find('\'', at + 1);
    while (end != std::string::npos && end + 1 < text.size() && is_word(text[end + 1])) {
      end = text.find('\'', end + 1);
    }
    if (end == std::string::npos) return;
    text[at] = text[end] = '`';
    at = end;
  }
}

}  // namespace

// Leaves the sentence in fault_ and, for errors that carry their place in their text, the line.
void Sandbox::note_fault() {
  fault_.clear();
  switch (breach_) {
    case Breach::Instructions:
      fmt::format_to(std::back_inserter(fault_), "used up its {} instructions",
                     budget_.instructions);
      return;
    case Breach::Time:
      fmt::format_to(std::back_inserter(fault_), "used up its {} ms", budget_.ns / 1'000'000);
      return;
    case Breach::Memory:
      fmt::format_to(std::back_inserter(fault_), "used up its {} KiB of memory", bytes_max_ / 1024);
      return;
    case Breach::Text:
      fmt::format_to(std::back_inserter(fault_), "made a text of more than {} KiB",
                     kTextBytesMax / 1024);
      return;
    case Breach::Depth:
      fmt::format_to(std::back_inserter(fault_), "calls are nested more than {} deep",
                     kCallDepthMax);
      return;
    case Breach::None:
      break;
  }
  std::size_t size = 0;
  const char* text = lua_type(L_, -1) == LUA_TSTRING ? lua_tolstring(L_, -1, &size) : nullptr;
  if (text == nullptr) {
    fault_ = "raised an error that is not a text";
    return;
  }
  std::string_view message(text, size);
  if (message.substr(0, kChunkPrefix.size()) == kChunkPrefix) {
    message.remove_prefix(kChunkPrefix.size());
    std::uint32_t line = 0;
    while (!message.empty() && message[0] >= '0' && message[0] <= '9') {
      line = line * 10 + static_cast<std::uint32_t>(message[0] - '0');
      message.remove_prefix(1);
    }
    if (message.substr(0, 2) == ": ") message.remove_prefix(2);
    fault_line_ = line;
  }
  fault_.assign(message.substr(0, kFaultBytesMax));
  requote(fault_);
}

}  // namespace lineup
