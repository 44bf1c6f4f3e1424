// SPDX-License-Identifier: Apache-2.0
//
// A constraint plugin as the search sees it. It keeps to one copy of the instance for the whole
// request and locks it call by call: the search asks thousands of times, and a generator in between
// must not hold it for others.
#include <cmath>
#include <new>

#include "lineup/ext/constraint.h"
#include "node/frame.hpp"
#include "node/plugin_text.hpp"
#include "node/run.hpp"

namespace lineup {

namespace {

class PluginConstraint final : public BoundConstraint {
 public:
  PluginConstraint(NodeInstance& instance, CallFrame& frame)
      : instance_(instance),
        frame_(frame),
        table_(*static_cast<const lineup_constraint*>(instance.kind_table())),
        copy_(instance.choose_copy()) {}

  // Not an operator delete in sight: the arena takes the memory back, nothing else is owned.
  ~PluginConstraint() override = default;

  lineup_status prepare() {
    if (table_.prepare == nullptr) return LINEUP_OK;
    return call(
        [&](lineup_instance* instance) { return table_.prepare(instance, &frame_, &prepared_); });
  }

  [[nodiscard]] std::size_t state_bytes() const override { return instance_.state_bytes(); }

  void begin(std::byte* state) override {
    if (instance_.state_bytes() == 0) return;
    lineup_page page = page_of({{}, state});
    call([&](lineup_instance* instance) { return table_.begin(instance, &frame_, &page); });
  }

  Judgement judge(const Prefix& prefix, std::uint32_t row) override {
    lineup_judgement answer{sizeof(lineup_judgement), 0, 0.0};
    const lineup_page page = page_of(prefix);
    const lineup_status status = call([&](lineup_instance* instance) {
      return table_.judge(instance, &frame_, &page, row, &answer);
    });
    if (status == LINEUP_OK && !std::isfinite(answer.penalty)) {
      frame_.report("gave a penalty that is not finite");
      status_ = LINEUP_E_INTERNAL;
    }
    if (status_ != LINEUP_OK) return {true, 0, 0.0};
    return {false, answer.violations, answer.penalty};
  }

  bool place(const Prefix& prefix, std::uint32_t row) override {
    if (instance_.state_bytes() == 0) return status_ == LINEUP_OK;
    lineup_page page = page_of(prefix);
    return call([&](lineup_instance* instance) {
             return table_.place(instance, &frame_, &page, row);
           }) == LINEUP_OK;
  }

  std::optional<std::uint32_t> violations_at_least(const Prefix& prefix,
                                                   std::uint32_t slots_left) override {
    if (!LINEUP_HAS(lineup_constraint, &table_, violations_at_least) ||
        table_.violations_at_least == nullptr) {
      return std::nullopt;
    }
    std::uint32_t least = 0;
    const lineup_page page = page_of(prefix);
    const lineup_status status = call([&](lineup_instance* instance) {
      return table_.violations_at_least(instance, &frame_, &page, slots_left, &least);
    });
    if (status != LINEUP_OK) return std::nullopt;
    return least;
  }

  [[nodiscard]] RunReport report() const override { return frame_.finish(status_); }

 private:
  [[nodiscard]] lineup_page page_of(const Prefix& prefix) const {
    return {sizeof(lineup_page), static_cast<std::uint32_t>(prefix.rows.size()), prefix.rows.data(),
            prefix.state, prepared_};
  }

  // The first failure is final: a constraint that failed once has no answers any more.
  template <typename Body>
  lineup_status call(Body&& body) {
    if (status_ == LINEUP_OK && frame_.is_exhausted()) status_ = LINEUP_E_BUDGET;
    if (status_ != LINEUP_OK) return status_;
    const NodeInstance::Lease lease = instance_.lease(copy_);
    status_ = call_plugin(&frame_.sink, [&] { return body(lease.instance); });
    return status_;
  }

  NodeInstance& instance_;
  CallFrame& frame_;
  const lineup_constraint& table_;
  std::uint32_t copy_;
  void* prepared_ = nullptr;
  lineup_status status_ = LINEUP_OK;
};

}  // namespace

BoundConstraint* bind_constraint(NodeInstance& instance, const NodeRequest& request,
                                 RunReport& report) {
  report = {};
  if (const std::string_view why = refusal(instance, request); !why.empty()) {
    report = {LINEUP_E_INVALID_INPUT, why, 0, -1};
    return nullptr;
  }
  try {
    CallFrame* frame = make_frame(instance, request);
    void* memory =
        request.arena->allocate_bytes(sizeof(PluginConstraint), alignof(PluginConstraint));
    auto* bound = new (memory) PluginConstraint(instance, *frame);
    if (bound->prepare() == LINEUP_OK) return bound;
    report = bound->report();
  } catch (const std::bad_alloc&) {
    report = {LINEUP_E_BUDGET, "no memory", 0, -1};
  } catch (...) {
    report = {LINEUP_E_INTERNAL, "the engine failed while it called a node", 0, -1};
  }
  return nullptr;
}

}  // namespace lineup
