// SPDX-License-Identifier: Apache-2.0
//
// A constraint whose inside the engine cannot see: a Lua function or a plugin. The search asks it;
// it never remembers anything but the state that the host owns and copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lineup {

// The page so far, as an opaque constraint sees it.
struct Prefix {
  std::span<const std::uint32_t> rows;  // rows placed at slots 0 .. rows.size() - 1
  std::byte* state = nullptr;           // the constraint's state after those rows; [state_bytes()]
};

// What an opaque constraint says of placing a row at the next slot.
struct Judgement {
  bool broken = false;           // it failed or met its budget: switch it off for this request
  std::uint32_t violations = 0;  // hard: 0 means the row may stand
  double penalty = 0.0;          // soft: score units, may be negative for a preference
};

// Bound to one request and one thread. All calls are [request]; none allocates after warm-up.
class Opaque {
 public:
  virtual ~Opaque() = default;

  // Bytes of state the builder keeps per page; 0 for none. It is copied with memcpy.
  [[nodiscard]] virtual std::size_t state_bytes() const { return 0; }
  // Sets the state of the empty page.
  virtual void begin(std::byte* state) { (void)state; }
  // What placing `row` next would mean. Depends on its arguments only; writes nothing.
  virtual Judgement judge(const Prefix& prefix, std::uint32_t row) = 0;
  // `row` was placed: prefix.rows does not hold it yet. Updates prefix.state. False: broken.
  virtual bool place(const Prefix& prefix, std::uint32_t row) {
    (void)prefix;
    (void)row;
    return true;
  }
  // Bounds over the slots that remain, if the constraint can give them: how many violations every
  // completion has at least. Nothing: unknown, and search treats it as a black box.
  virtual std::optional<std::uint32_t> violations_at_least(const Prefix& prefix,
                                                           std::uint32_t slots_left) {
    (void)prefix;
    (void)slots_left;
    return std::nullopt;
  }
};

}  // namespace lineup
