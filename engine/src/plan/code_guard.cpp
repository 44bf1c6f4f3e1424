// SPDX-License-Identifier: Apache-2.0
#include "plan/code_guard.hpp"

#include <new>

namespace lineup {

namespace {

// LIMIT: calls of a required rule that may break in one request before it is asked no more. Each
// may cost its whole time limit, so a few must do.
constexpr int kBreaksMax = 3;

class Broken final : public Opaque {
 public:
  Judgement judge(const Prefix&, std::uint32_t) override { return {true, 0, 0.0}; }
};

class FailClosed final : public Opaque {
 public:
  explicit FailClosed(Opaque* inner) : inner_(inner) {}

  std::size_t state_bytes() const override { return inner_ == nullptr ? 0 : inner_->state_bytes(); }
  void begin(std::byte* state) override {
    if (inner_ != nullptr) inner_->begin(state);
  }
  Judgement judge(const Prefix& prefix, std::uint32_t row) override {
    if (inner_ == nullptr || breaks_ >= kBreaksMax) return {false, 1, 0.0};
    Judgement judgement = inner_->judge(prefix, row);
    if (!judgement.broken) return judgement;
    ++breaks_;
    return {false, 1, 0.0};
  }
  bool place(const Prefix& prefix, std::uint32_t row) override {
    if (inner_ != nullptr && breaks_ < kBreaksMax && !inner_->place(prefix, row)) {
      breaks_ = kBreaksMax;  // its state is unknown from here on: it can allow nothing more
    }
    return true;
  }
  std::optional<std::uint32_t> violations_at_least(const Prefix& prefix,
                                                   std::uint32_t slots_left) override {
    if (inner_ == nullptr || breaks_ >= kBreaksMax) return std::nullopt;
    return inner_->violations_at_least(prefix, slots_left);
  }

 private:
  Opaque* inner_;
  int breaks_ = 0;
};

template <typename T, typename... Args>
Opaque* in_arena(Arena& arena, Args... args) {
  // Never destroyed: neither holds anything of its own.
  return new (arena.allocate_bytes(sizeof(T), alignof(T))) T(args...);
}

}  // namespace

Opaque* guarded(Run& run, const OpaqueSource& source, Opaque* opaque) {
  if (source.required) return in_arena<FailClosed>(run.arena, opaque);
  return opaque != nullptr ? opaque : in_arena<Broken>(run.arena);
}

}  // namespace lineup
