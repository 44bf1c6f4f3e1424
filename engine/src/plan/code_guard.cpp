// SPDX-License-Identifier: Apache-2.0
//
// A required rule that breaks lets nothing pass and makes the request fall back: a page that came
// out short because a rule could not be asked is never reported as `ok`.
#include "plan/code_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
  FailClosed(Run* run, std::uint16_t use, std::string_view sentence, Opaque* inner)
      : run_(run), use_(use), sentence_(sentence), inner_(inner) {}

  std::size_t state_bytes() const override { return inner_ == nullptr ? 0 : inner_->state_bytes(); }
  void begin(std::byte* state) override {
    if (inner_ != nullptr) inner_->begin(state);
  }
  Judgement judge(const Prefix& prefix, std::uint32_t row) override {
    if (inner_ != nullptr && breaks_ < kBreaksMax) {
      const Judgement judgement = inner_->judge(prefix, row);
      if (!judgement.broken) return judgement;
      ++breaks_;
    }
    say_broken();
    return {false, 1, 0.0};
  }
  bool place(const Prefix& prefix, std::uint32_t row) override {
    if (inner_ != nullptr && breaks_ < kBreaksMax && !inner_->place(prefix, row)) {
      breaks_ = kBreaksMax;  // its state is unknown from here on: it can allow nothing more
      say_broken();
    }
    return true;
  }
  std::optional<std::uint32_t> violations_at_least(const Prefix& prefix,
                                                   std::uint32_t slots_left) override {
    if (inner_ == nullptr || breaks_ >= kBreaksMax) return std::nullopt;
    return inner_->violations_at_least(prefix, slots_left);
  }

 private:
  void say_broken() {
    run_->rules_failed[use_] = 1;
    if (run_->failure.empty()) run_->failure = sentence_;
  }

  Run* run_;
  std::uint16_t use_;
  std::string_view sentence_;
  Opaque* inner_;
  int breaks_ = 0;
};

// Made before it is needed: what search allocates, it may also take back.
std::string_view sentence_about(Run& run, std::uint16_t use) {
  std::array<char, 256> text{};
  const auto end = fmt::format_to_n(
      text.data(), text.size(),
      "rule `{}` is required and could not be asked: what it did not allow is not shown",
      run.plan.uses[use].name);
  return text_in(run.arena, {text.data(), std::min<std::size_t>(end.size, text.size())});
}

template <typename T, typename... Args>
Opaque* in_arena(Arena& arena, Args... args) {
  // Never destroyed: neither holds anything of its own.
  return new (arena.allocate_bytes(sizeof(T), alignof(T))) T(args...);
}

}  // namespace

Opaque* guarded(Run& run, const OpaqueSource& source, Opaque* opaque) {
  if (source.required) {
    return in_arena<FailClosed>(run.arena, &run, source.use, sentence_about(run, source.use),
                                opaque);
  }
  return opaque != nullptr ? opaque : in_arena<Broken>(run.arena);
}

}  // namespace lineup
