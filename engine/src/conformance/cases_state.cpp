// SPDX-License-Identifier: Apache-2.0
//
// State that is carried over: every load is done by an instance of its own, which is destroyed
// afterwards, as the engine does. Instances that only load are not activated; the one that went
// through the engine's own way of succession is, and is called.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "conformance/random.hpp"
#include "conformance/subject.hpp"
#include "node/carry.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

// LIMIT: places a state is cut at; the longer ones are cut at random places.
constexpr std::size_t kCuts = 64;
// LIMIT: states made of random bytes, and good ones with some bits turned.
constexpr std::uint32_t kRounds = 64;
constexpr std::uint32_t kGarbageMax = 4096;

// An instance that is not active.
class Bare {
 public:
  Bare(const NodeType& type, const std::string& config) : type_(type) {
    ErrorSink errors;
    const lineup_status status = call_plugin(&errors, [&] {
      return type.table->create(type.host, {config.data(), config.size()}, &errors, &instance_);
    });
    if (status != LINEUP_OK) instance_ = nullptr;
  }
  ~Bare() {
    if (instance_ == nullptr) return;
    ErrorSink errors;
    static_cast<void>(call_plugin(&errors, [&] {
      type_.table->destroy(instance_);
      return LINEUP_OK;
    }));
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  [[nodiscard]] lineup_instance* get() const { return instance_; }

 private:
  const NodeType& type_;
  lineup_instance* instance_ = nullptr;
};

class Asker {
 public:
  Asker(Subject& subject, const CaseInput& input) : subject_(subject), input_(input) {}

  CaseOutcome ask() {
    if (auto warm = warm_up(); warm.verdict != CaseVerdict::Passed) return warm;
    for (auto question : {&Asker::ask_short_reads, &Asker::ask_full_sink, &Asker::ask_cut,
                          &Asker::ask_garbage, &Asker::ask_succession}) {
      const CaseOutcome outcome = (this->*question)();
      if (outcome.verdict != CaseVerdict::Passed) return outcome;
    }
    return {};
  }

 private:
  void at(const char* what) const {
    input_.at(fmt::format("{} of `{}`", what, subject_.type->name));
  }
  // What came of loading `bytes`.
  [[nodiscard]] Result<void> load(const std::string& bytes, std::size_t step) const {
    const Bare bare(*subject_.type, subject_.config);
    if (bare.get() == nullptr) return failure("conformance/config", "cannot be made again");
    return load_state(*subject_.type, bare.get(), bytes, step);
  }
  [[nodiscard]] Result<std::string> save_again(std::size_t step) const {
    const Bare bare(*subject_.type, subject_.config);
    if (bare.get() == nullptr) return failure("conformance/config", "cannot be made again");
    if (auto loaded = load_state(*subject_.type, bare.get(), saved_, step); !loaded) {
      return tl::unexpected(loaded.error());
    }
    return save_state(*subject_.type, bare.get());
  }

  CaseOutcome warm_up() {
    for (std::uint32_t i = 0; i < 3; ++i) {
      Shape shape;
      shape.seed = input_.seed + i;
      static_cast<void>(subject_.call(shape));
    }
    at("save");
    auto saved = save_state(*subject_.type, subject_.instance->lease().instance);
    if (!saved) return failed("a used instance cannot save: " + saved.error().message);
    saved_ = *std::move(saved);
    return {};
  }
  CaseOutcome ask_short_reads() {
    if (saved_.empty()) return {};
    at("load");
    const auto whole = save_again(saved_.size());
    if (!whole) return failed("its own state is refused: " + whole.error().message);
    if (whole->size() != saved_.size()) {
      return failed(fmt::format("an instance that loaded {} bytes saves {} bytes again",
                                saved_.size(), whole->size()));
    }
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
      at("load through short reads");
      const auto parts = save_again(step);
      const std::string how =
          step == 1 ? "a byte at a time" : fmt::format("{} bytes at a time", step);
      if (!parts)
        return failed(fmt::format("its own state is refused when it comes {}: {}", how,
                                  parts.error().message));
      if (*parts != *whole) {
        return failed(fmt::format("its own state is another one when it comes {}", how));
      }
    }
    return {};
  }
  // A host that keeps little. The host sees that itself: what counts is to survive it.
  CaseOutcome ask_full_sink() {
    for (const std::size_t most : {std::size_t{0}, saved_.size() / 2}) {
      at("save to a host that takes little");
      static_cast<void>(save_state(*subject_.type, subject_.instance->lease().instance, most));
    }
    return {};
  }
  CaseOutcome ask_cut() {
    Random random(input_.seed);
    const std::size_t count = std::min(kCuts, saved_.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t cut = saved_.size() <= kCuts || i < kCuts / 2
                                  ? i
                                  : random.below(static_cast<std::uint32_t>(saved_.size()));
      at("load of a state that is cut short");
      if (load(saved_.substr(0, cut), 64).has_value()) {
        return failed(fmt::format("takes a state that was cut after {} of {} bytes for whole", cut,
                                  saved_.size()));
      }
    }
    return {};
  }
  CaseOutcome ask_garbage() {
    Random random(input_.seed);
    std::uint32_t taken = 0;
    for (std::uint32_t round = 0; round < kRounds; ++round) {
      std::string bytes(1 + random.below(kGarbageMax), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random.next());
      at("load of random bytes");
      if (load(bytes, 1 + random.below(512)).has_value()) ++taken;
      // With a head that is right the body is looked at too. What comes of it may be taken.
      bytes = saved_;
      for (std::uint32_t i = 0; i < 4 && !bytes.empty(); ++i) {
        bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] =
            static_cast<char>(random.one_in(2) ? 0xFF : random.next());
      }
      at("load of a state with wrong bytes in it");
      static_cast<void>(load(bytes, 64));
    }
    if (taken == 0) return {};
    return failed(
        fmt::format("took random bytes for a state of its own, {} times of {}", taken, kRounds));
  }
  // The engine's way, and a call afterwards.
  CaseOutcome ask_succession() {
    at("succession");
    MadePolicy stage(subject_.wishes, true);
    auto next =
        NodeInstance::succeed(*subject_.instance, subject_.type, subject_.config, stage.layout);
    if (!next) return failed("cannot be succeeded: " + next.error().message);
    at("call after succession");
    const MadeRequest feed(stage, {});
    return judge_contract(call_once(**next, feed, subject_.arena));
  }

  Subject& subject_;
  const CaseInput& input_;
  std::string saved_;
};

}  // namespace

CaseOutcome case_state(const CaseInput& input) {
  bool is_offered = false;
  CaseOutcome outcome = for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    if (state_table(*subject.type) == nullptr) return {};
    is_offered = true;
    return Asker(subject, input).ask();
  });
  if (is_offered || outcome.verdict != CaseVerdict::Passed) return outcome;
  return skipped("it offers no `" LINEUP_EXT_STATE "`");
}

}  // namespace lineup
