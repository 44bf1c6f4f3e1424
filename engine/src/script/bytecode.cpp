// SPDX-License-Identifier: Apache-2.0
//
// lua_dump's format is fixed for all of 5.4: a header with sizes, then functions inside functions.
// Numbers are big-endian in groups of seven bits, the last one marked. Reading stops at anything
// unexpected: globals are then found at run time only, and code rules are refused.
#include "script/bytecode.hpp"

#include <cstring>
#include <string_view>

#include "script/library.hpp"

namespace lineup {

static_assert(LUA_VERSION_NUM == 504, "the layout of compiled code is that of Lua 5.4");

namespace {

// Opcodes of Lua 5.4.
constexpr std::uint32_t kSetUpvalue = 10;
constexpr std::uint32_t kGetTabUp = 11;
constexpr std::uint32_t kGetField = 14;
constexpr std::uint32_t kSetTabUp = 15;
constexpr std::uint32_t kJump = 56;
constexpr std::uint32_t kFirstLoop = 73;
constexpr std::uint32_t kLastLoop = 77;
// A jump's distance is written with this added.
constexpr std::uint32_t kJumpOffset = 0xFFFFFF;
// LIMIT: instructions that need no counting: the count looks every thousand.
constexpr std::size_t kStraightMax = 500;
// A line that is not a step from the one before it is listed apart.
constexpr std::int8_t kAbsoluteLine = -0x80;

struct Upvalue {
  bool in_stack = false;  // a local of the enclosing function, else one of its upvalues
  std::uint8_t index = 0;
  std::string name;
};

struct Proto {
  std::uint32_t line_defined = 0;
  std::vector<std::uint32_t> code;
  std::vector<std::string> constants;  // texts; other constants are empty
  std::vector<Upvalue> upvalues;
  std::vector<Proto> inner;
  std::vector<std::int8_t> line_steps;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> absolute_lines;

  // The line of every instruction.
  [[nodiscard]] std::vector<std::uint32_t> lines() const {
    std::vector<std::uint32_t> out(code.size(), line_defined);
    std::uint32_t line = line_defined;
    std::size_t absolute = 0;
    for (std::size_t i = 0; i < out.size() && i < line_steps.size(); ++i) {
      if (line_steps[i] != kAbsoluteLine) {
        line += static_cast<std::uint32_t>(line_steps[i]);
      } else if (absolute < absolute_lines.size()) {
        line = absolute_lines[absolute++].second;
      }
      out[i] = line;
    }
    return out;
  }
};

std::uint32_t opcode(std::uint32_t code) { return code & 0x7F; }
std::uint32_t operand_a(std::uint32_t code) { return (code >> 7) & 0xFF; }
std::uint32_t operand_b(std::uint32_t code) { return (code >> 16) & 0xFF; }
std::uint32_t operand_c(std::uint32_t code) { return (code >> 24) & 0xFF; }

class DumpReader {
 public:
  explicit DumpReader(std::string_view bytes) : rest_(bytes) {}

  bool read(Proto& main) {
    if (take(4) != "\x1bLua" || take_byte() != 0x54 || take_byte() != 0) return false;
    if (take(6) != std::string_view("\x19\x93\r\n\x1a\n", 6)) return false;
    if (take_byte() != 4 || take_byte() != 8 || take_byte() != 8) return false;
    take(8 + 8 + 1);  // a sample integer, a sample number, the count of upvalues
    read_function(main);
    return ok_;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::uint8_t take_byte() {
    const std::string_view one = take(1);
    return one.empty() ? 0 : static_cast<std::uint8_t>(one[0]);
  }
  std::uint64_t take_size() {
    std::uint64_t value = 0;
    while (ok_) {
      const std::uint8_t byte = take_byte();
      value = (value << 7) | (byte & 0x7FU);
      if ((byte & 0x80U) != 0) return value;
    }
    return 0;
  }
  // A count of things that take at least a byte each.
  std::uint64_t take_count() {
    const std::uint64_t count = take_size();
    if (count > rest_.size()) ok_ = false;
    return ok_ ? count : 0;
  }
  std::string take_text() {
    const std::uint64_t size = take_size();
    return size == 0 ? std::string() : std::string(take(size - 1));
  }

  void read_function(Proto& proto) {
    take_text();  // the source's name
    proto.line_defined = static_cast<std::uint32_t>(take_size());
    take_size();
    take(3);
    proto.code.resize(take_count());
    const std::string_view code = take(proto.code.size() * 4);
    if (!code.empty()) std::memcpy(proto.code.data(), code.data(), code.size());
    read_constants(proto);
    proto.upvalues.resize(take_count());
    for (Upvalue& upvalue : proto.upvalues) {
      upvalue.in_stack = take_byte() != 0;
      upvalue.index = take_byte();
      take_byte();
    }
    proto.inner.resize(take_count());
    for (Proto& inner : proto.inner) read_function(inner);
    read_debug(proto);
  }

  void read_constants(Proto& proto) {
    proto.constants.resize(take_count());
    for (std::string& constant : proto.constants) {
      switch (take_byte()) {
        case 0x00:  // nil, false, true
        case 0x01:
        case 0x11:
          break;
        case 0x03:  // integer, float
        case 0x13:
          take(8);
          break;
        case 0x04:  // short and long texts
        case 0x14:
          constant = take_text();
          break;
        default:
          ok_ = false;
          return;
      }
    }
  }

  void read_debug(Proto& proto) {
    proto.line_steps.resize(take_count());
    const std::string_view steps = take(proto.line_steps.size());
    if (!steps.empty()) std::memcpy(proto.line_steps.data(), steps.data(), steps.size());
    proto.absolute_lines.resize(take_count());
    for (auto& [instruction, line] : proto.absolute_lines) {
      instruction = take_size();
      line = static_cast<std::uint32_t>(take_size());
    }
    for (std::uint64_t locals = take_count(); locals > 0 && ok_; --locals) {
      take_text();
      take_size();
      take_size();
    }
    const std::uint64_t names = take_count();
    for (std::uint64_t i = 0; i < names && ok_; ++i) {
      std::string name = take_text();
      if (i < proto.upvalues.size()) proto.upvalues[i].name = std::move(name);
    }
  }

  std::string_view rest_;
  bool ok_ = true;
};

bool read_top(lua_State* L, Proto& main) {
  std::string bytes;
  const auto append = [](lua_State*, const void* data, std::size_t size, void* out) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
    return 0;
  };
  if (lua_dump(L, append, &bytes, 0) != 0) return false;
  return DumpReader(bytes).read(main);
}

// For every upvalue of a function, which upvalue of the outermost one it is; kLocal: none, it ends
// in a local on the way.
constexpr int kLocal = -1;
using Origins = std::vector<int>;

Origins origins_of(const Proto& inner, const Origins& outer) {
  Origins origins;
  for (const Upvalue& upvalue : inner.upvalues) {
    const bool passes = !upvalue.in_stack && upvalue.index < outer.size();
    origins.push_back(passes ? outer[upvalue.index] : kLocal);
  }
  return origins;
}

Origins identity(const Proto& proto) {
  Origins origins;
  for (std::size_t i = 0; i < proto.upvalues.size(); ++i) origins.push_back(static_cast<int>(i));
  return origins;
}

bool is_global_table(const Origins& origins, std::uint32_t upvalue) {
  return upvalue < origins.size() && origins[upvalue] == 0;
}

std::string constant_at(const Proto& proto, std::uint32_t index) {
  return index < proto.constants.size() ? proto.constants[index] : std::string();
}

void collect_globals(const Proto& proto, const Origins& origins, std::vector<NameUse>& uses) {
  const std::vector<std::uint32_t> lines = proto.lines();
  for (std::size_t i = 0; i < proto.code.size(); ++i) {
    const std::uint32_t code = proto.code[i];
    if (opcode(code) == kSetTabUp && is_global_table(origins, operand_a(code))) {
      uses.push_back(
          {NameUse::Kind::WriteGlobal, constant_at(proto, operand_b(code)), {}, lines[i]});
    }
    if (opcode(code) != kGetTabUp || !is_global_table(origins, operand_b(code))) continue;
    const std::string name = constant_at(proto, operand_c(code));
    uses.push_back({NameUse::Kind::ReadGlobal, name, {}, lines[i]});
    const std::uint32_t next = i + 1 < proto.code.size() ? proto.code[i + 1] : 0;
    if (opcode(next) == kGetField && operand_b(next) == operand_a(code)) {
      uses.push_back(
          {NameUse::Kind::ReadField, name, constant_at(proto, operand_c(next)), lines[i + 1]});
    }
  }
  for (const Proto& inner : proto.inner) collect_globals(inner, origins_of(inner, origins), uses);
}

void collect_writes(const Proto& proto, const Origins& origins, std::vector<NameUse>& uses) {
  const std::vector<std::uint32_t> lines = proto.lines();
  for (std::size_t i = 0; i < proto.code.size(); ++i) {
    if (opcode(proto.code[i]) != kSetUpvalue) continue;
    const std::uint32_t upvalue = operand_b(proto.code[i]);
    if (upvalue >= origins.size() || origins[upvalue] == kLocal) continue;
    uses.push_back({NameUse::Kind::WriteUpvalue, proto.upvalues[upvalue].name, {}, lines[i]});
  }
  for (const Proto& inner : proto.inner) collect_writes(inner, origins_of(inner, origins), uses);
}

bool has_loop(const Proto& proto) {
  for (const std::uint32_t code : proto.code) {
    const std::uint32_t what = opcode(code);
    if (what >= kFirstLoop && what <= kLastLoop) return true;
    if (what == kJump && (code >> 7) < kJumpOffset) return true;
  }
  return false;
}

}  // namespace

bool runs_straight(lua_State* L) {
  Proto function;
  if (!read_top(L, function)) return false;
  if (!function.inner.empty() || function.code.size() > kStraightMax || has_loop(function)) {
    return false;
  }
  bool is_plain = true;
  for (int i = 1; is_plain && lua_getupvalue(L, -1, i) != nullptr; ++i) {
    push_globals(L);
    const int type = lua_type(L, -2);
    is_plain = lua_rawequal(L, -1, -2) != 0 || type == LUA_TNIL || type == LUA_TBOOLEAN ||
               type == LUA_TNUMBER || type == LUA_TSTRING;
    lua_pop(L, 2);
  }
  return is_plain;
}

std::vector<NameUse> global_uses(lua_State* L) {
  std::vector<NameUse> uses;
  Proto main;
  if (read_top(L, main)) collect_globals(main, identity(main), uses);
  return uses;
}

std::optional<std::vector<NameUse>> upvalue_writes(lua_State* L) {
  Proto function;
  if (!read_top(L, function)) return std::nullopt;
  std::vector<NameUse> uses;
  collect_writes(function, identity(function), uses);
  return uses;
}

}  // namespace lineup
