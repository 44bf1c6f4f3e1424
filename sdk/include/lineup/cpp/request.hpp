// SPDX-License-Identifier: Apache-2.0
//
// One request to the engine, and its answer. A request is made to be reused: clear() keeps its
// memory. Rows and texts are borrowed until the call that uses them returns.
#ifndef LINEUP_CPP_REQUEST_HPP
#define LINEUP_CPP_REQUEST_HPP

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "lineup/cpp/rows.hpp"
#include "lineup/cpp/text.hpp"
#include "lineup/engine.h"

namespace lineup::host {

class Request {
 public:
  Request() { clear(); }

  void clear() {
    input_ = {};
    input_.struct_size = sizeof(lineup_input);
    input_.now_ms = LINEUP_NO_TIME;
    candidates_ = nullptr;
    history_ = nullptr;
    context_handles_.clear();
    context_values_.clear();
    weights_.clear();
    overrides_.clear();
    experiments_.clear();
  }

  void scene(lineup_handle scene) { input_.scene = scene; }
  void id(std::string_view id) { input_.request_id = abi::text(id); }
  void user(std::string_view user) { input_.user = abi::text(user); }
  void candidates(const Rows& rows) { candidates_ = &rows; }
  void history(const Rows& rows) { history_ = &rows; }

  // A value of the context. [bool, std::int64_t, double, text]
  void context(lineup_handle handle, bool value) {
    add(handle, {sizeof(lineup_value), LINEUP_VALUE_BOOL, value ? 1 : 0, 0.0, nullptr, 0});
  }
  void context(lineup_handle handle, std::int64_t value) {
    add(handle, {sizeof(lineup_value), LINEUP_VALUE_INTEGER, value, 0.0, nullptr, 0});
  }
  void context(lineup_handle handle, double value) {
    add(handle, {sizeof(lineup_value), LINEUP_VALUE_NUMBER, 0, value, nullptr, 0});
  }
  void context(lineup_handle handle, std::string_view value) {
    add(handle, {sizeof(lineup_value), LINEUP_VALUE_TEXT, 0, 0.0, value.data(), value.size()});
  }
  // Without this a text literal would be taken for a bool.
  void context(lineup_handle handle, const char* value) {
    context(handle, std::string_view(value));
  }

  // The weight of an objective, the value of a live parameter: clamped to their bounds.
  void weight(lineup_handle objective, double value) { weights_.push_back({objective, 0, value}); }
  void parameter(lineup_handle parameter, double value) {
    overrides_.push_back({parameter, 0, value});
  }
  void experiment(std::string_view name, std::string_view variant) {
    experiments_.push_back(abi::text(name));
    experiments_.push_back(abi::text(variant));
  }
  // Slots wanted; 0: the policy's.
  void page(std::uint32_t slots) { input_.page = slots; }
  void seed(std::uint64_t seed) { input_.seed = seed; }
  // The request's clock; without, the engine's.
  void now_ms(std::int64_t now_ms) { input_.now_ms = now_ms; }
  // CLOCK_MONOTONIC; 0: the policy's deadline_ms from now.
  void deadline_ns(std::int64_t deadline_ns) { input_.deadline_ns = deadline_ns; }
  // A retained revision, so that page 2 meets the rules of page 1.
  void revision(std::string_view revision) { input_.revision = abi::text(revision); }
  void explain() { input_.flags |= LINEUP_EXPLAIN; }
  void keep() { input_.flags |= LINEUP_KEEP; }

  // As the engine takes it. Valid until the next change.
  [[nodiscard]] const lineup_input* view() const {
    value_pointers_.clear();
    for (const lineup_value& value : context_values_) value_pointers_.push_back(&value);
    input_.candidates = candidates_ == nullptr ? nullptr : candidates_->view();
    input_.history = history_ == nullptr ? nullptr : history_->view();
    input_.context_handles = context_handles_.data();
    input_.context_values = value_pointers_.data();
    input_.context_count = count(context_values_);
    input_.weights = weights_.data();
    input_.weight_count = count(weights_);
    input_.overrides = overrides_.data();
    input_.override_count = count(overrides_);
    input_.experiments = experiments_.data();
    input_.experiment_count = count(experiments_) / 2;
    return &input_;
  }

 private:
  template <typename T>
  static std::uint32_t count(const std::vector<T>& items) {
    return static_cast<std::uint32_t>(items.size());
  }
  void add(lineup_handle handle, const lineup_value& value) {
    context_handles_.push_back(handle);
    context_values_.push_back(value);
  }

  mutable lineup_input input_{};
  const Rows* candidates_ = nullptr;
  const Rows* history_ = nullptr;
  std::vector<lineup_handle> context_handles_;
  std::vector<lineup_value> context_values_;
  mutable std::vector<const lineup_value*> value_pointers_;
  std::vector<lineup_setting> weights_;
  std::vector<lineup_setting> overrides_;
  std::vector<lineup_text> experiments_;
};

enum class Answer : std::uint32_t {
  Ok = LINEUP_ANSWER_OK,
  Relaxed = LINEUP_ANSWER_RELAXED,
  Fallback = LINEUP_ANSWER_FALLBACK,
  Error = LINEUP_ANSWER_ERROR,
};
enum class Search : std::uint32_t {
  Complete = LINEUP_SEARCH_COMPLETE,
  Limit = LINEUP_SEARCH_LIMIT,
  Deadline = LINEUP_SEARCH_DEADLINE,
};

// An answer; given back to the engine when it goes. Must not outlive the engine.
class Result {
 public:
  Result(lineup_engine* engine, const lineup_result* result) noexcept
      : engine_(engine), result_(result) {}
  Result(Result&& other) noexcept
      : engine_(other.engine_), result_(std::exchange(other.result_, nullptr)) {}
  Result& operator=(Result&& other) noexcept {
    std::swap(engine_, other.engine_);
    std::swap(result_, other.result_);
    return *this;
  }
  ~Result() { lineup_release(engine_, result_); }

  [[nodiscard]] Answer answer() const { return static_cast<Answer>(result_->answer); }
  [[nodiscard]] Search search() const { return static_cast<Search>(result_->search); }
  // Rows of the candidates, in slot order.
  [[nodiscard]] std::span<const std::uint32_t> slate() const {
    return {result_->slate, result_->slate_count};
  }
  // What slate() means from the number of candidates on: rows of pools, by their place here.
  [[nodiscard]] std::span<const lineup_pool_row> pool_rows() const {
    return {result_->pool_rows, result_->pool_row_count};
  }
  [[nodiscard]] std::span<const lineup_relaxed> relaxed() const {
    return {result_->relaxed, result_->relaxed_count};
  }
  [[nodiscard]] std::span<const lineup_text> warnings() const {
    return {result_->warnings, result_->warning_count};
  }
  [[nodiscard]] std::span<const lineup_named_value> weights() const {
    return {result_->weights, result_->weight_count};
  }
  [[nodiscard]] std::span<const lineup_named_value> parameters() const {
    return {result_->parameters, result_->parameter_count};
  }
  // Pairs: experiment, variant. What the host passed, then what the engine assigned.
  [[nodiscard]] std::span<const lineup_text> experiments() const {
    return {result_->experiments, std::size_t{2} * result_->experiment_count};
  }
  // Why the answer is Fallback or Error.
  [[nodiscard]] std::string_view error() const { return abi::view(result_->error); }
  [[nodiscard]] std::string_view revision() const { return abi::view(result_->revision); }
  [[nodiscard]] std::int64_t elapsed_ns() const { return result_->elapsed_ns; }
  [[nodiscard]] std::uint64_t work() const { return result_->work; }
  [[nodiscard]] double value() const { return result_->value; }
  // With which the selector picked this slate; 1 unless its policy explores.
  [[nodiscard]] double propensity() const { return result_->propensity; }
  // After Request::explain().
  [[nodiscard]] std::string_view trace_json() const { return abi::view(result_->trace_json); }
  [[nodiscard]] const lineup_result* raw() const { return result_; }

 private:
  lineup_engine* engine_;
  const lineup_result* result_;
};

}  // namespace lineup::host

#endif
