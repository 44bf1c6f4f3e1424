// SPDX-License-Identifier: Apache-2.0
//
// What the fake host hands to a node: the error sink, the binder while it is activated, and the
// call with its memory.
#ifndef LINEUP_TESTING_FAKE_CALL_HPP
#define LINEUP_TESTING_FAKE_CALL_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "fake_request.hpp"
#include "lineup/plugin.h"

namespace lineup::testing {

// A status that is not ok, as an exception.
class Refused : public std::runtime_error {
 public:
  Refused(lineup_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  [[nodiscard]] lineup_status status() const { return status_; }

 private:
  lineup_status status_;
};

// Keeps what a plugin says when it fails.
class FakeErrors : public lineup_error_sink {
 public:
  FakeErrors() : lineup_error_sink{sizeof(lineup_error_sink), 0, nullptr, keep} {}
  void require(lineup_status status) const {
    if (status != LINEUP_OK) throw Refused(status, message_);
  }

 private:
  static void keep(lineup_error_sink* sink, lineup_status, lineup_text message) {
    static_cast<FakeErrors*>(sink)->message_.assign(message.data, message.size);
  }
  std::string message_;
};

// The names a node bound while it was activated, by index.
struct FakeNames {
  std::vector<std::string> columns;
  std::vector<std::string> context_paths;
  std::vector<std::string> outputs;
};

class FakeBinder : public lineup_binder {
 public:
  FakeBinder(const FakeRequest& request, FakeNames& names)
      : lineup_binder{sizeof(lineup_binder),
                      request.candidates.row_count(),
                      request.slot_count,
                      1,
                      request.history.row_count(),
                      static_cast<std::uint32_t>(request.objectives.size()),
                      nullptr,
                      bind_column,
                      bind_context,
                      bind_output,
                      find_objective,
                      objective,
                      no_live},
        request_(request),
        names_(names) {}

 private:
  static const FakeBinder& self(const lineup_binder* binder) {
    return *static_cast<const FakeBinder*>(binder);
  }
  static std::string copy(lineup_text text) { return {text.data, text.size}; }
  static std::uint32_t add(std::vector<std::string>& names, lineup_text name) {
    names.push_back(copy(name));
    return static_cast<std::uint32_t>(names.size() - 1);
  }
  static lineup_status bind_column(const lineup_binder* binder, lineup_text name, lineup_type type,
                                   std::int32_t required, std::uint32_t* index) {
    const FakeColumn* found = self(binder).request_.candidates.find(copy(name));
    if (found == nullptr && required == LINEUP_COLUMN_REQUIRED) return LINEUP_E_NOT_FOUND;
    if (found != nullptr && found->type != type) return LINEUP_E_INVALID_CONFIG;
    *index = add(self(binder).names_.columns, name);
    return LINEUP_OK;
  }
  static lineup_status bind_context(const lineup_binder* binder, lineup_text path,
                                    std::uint32_t* index) {
    *index = add(self(binder).names_.context_paths, path);
    return LINEUP_OK;
  }
  // Nothing is steered: what the configuration says holds.
  static lineup_status no_live(const lineup_binder*, lineup_text, std::uint32_t*) {
    return LINEUP_E_NOT_FOUND;
  }
  static lineup_status bind_output(const lineup_binder* binder, lineup_text name,
                                   std::uint32_t* index) {
    *index = add(self(binder).names_.outputs, name);
    return LINEUP_OK;
  }
  static lineup_status find_objective(const lineup_binder* binder, lineup_text name,
                                      std::uint32_t* index) {
    const auto& objectives = self(binder).request_.objectives;
    for (std::uint32_t each = 0; each < objectives.size(); ++each) {
      if (objectives[each].name != copy(name)) continue;
      *index = each;
      return LINEUP_OK;
    }
    return LINEUP_E_NOT_FOUND;
  }
  static lineup_status objective(const lineup_binder* binder, std::uint32_t index,
                                 lineup_text* name, lineup_text* column) {
    const auto& objectives = self(binder).request_.objectives;
    if (index >= objectives.size()) return LINEUP_E_NOT_FOUND;
    *name = {objectives[index].name.data(), objectives[index].name.size()};
    *column = {objectives[index].column.data(), objectives[index].column.size()};
    return LINEUP_OK;
  }

  const FakeRequest& request_;
  FakeNames& names_;
};

// One call's view of a request, and the memory it gives out.
class FakeCall : public lineup_call {
 public:
  FakeCall(const FakeRequest& request, const FakeNames& names) : lineup_call{} {
    struct_size = sizeof(lineup_call);
    row_count = request.candidates.row_count();
    history_count = request.history.row_count();
    slot_count = request.slot_count;
    objective_count = static_cast<std::uint32_t>(request.objectives.size());
    columns = views(request.candidates, names.columns);
    lineup_call::history = views(request.history, names.columns);
    ids_ = request.candidates.ids_view();
    history_ids_ = request.history.ids_view();
    ids = &ids_;
    history_ids = &history_ids_;
    for (const std::string& path : names.context_paths) {
      const auto found = request.context.find(path);
      context_.push_back(found == request.context.end() ? nullptr : &found->second);
    }
    context = context_.data();
    for (const FakeObjective& objective : request.objectives) weights_.push_back(objective.weight);
    weights = weights_.data();
    for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
      discounts_.push_back(1.0 / std::log2(slot + 2.0));
    }
    discounts = discounts_.data();
    candidates_.assign((row_count + 63) / 64, ~std::uint64_t{0});
    for (const Row row : request.filtered)
      candidates_[row / 64] &= ~(std::uint64_t{1} << (row % 64));
    candidates = candidates_.data();
    seed = request.seed;
    now_ms = request.now_ms;
    deadline_ns = INT64_MAX;
    work_limit = request.work_limit;
    allocate = give;
    spend = count;
    lineup_call::errors = &errors;
  }

  FakeErrors errors;
  std::uint64_t work_spent = 0;

 private:
  static FakeCall& self(const lineup_call* call) {
    return *const_cast<FakeCall*>(static_cast<const FakeCall*>(call));
  }
  static void* give(const lineup_call* call, std::uint64_t size) {
    self(call).memory_.push_back(std::make_unique<std::byte[]>(size));
    // Memory is not zeroed by the engine: a plugin that relies on zeros must fail here.
    std::memset(self(call).memory_.back().get(), 0xA5, size);
    return self(call).memory_.back().get();
  }
  static std::int32_t count(const lineup_call* call, std::uint64_t units) {
    self(call).work_spent += units;
    return self(call).work_spent > call->work_limit ? 1 : 0;
  }
  const lineup_column* const* views(const FakeTable& table, const std::vector<std::string>& names) {
    auto& pointers = *pointers_.emplace_back(std::make_unique<std::vector<const lineup_column*>>());
    for (const std::string& name : names) {
      const FakeColumn* found = table.find(name);
      pointers.push_back(nullptr);
      if (found == nullptr) continue;
      columns_.push_back(std::make_unique<lineup_column>(found->view()));
      pointers.back() = columns_.back().get();
    }
    return pointers.data();
  }

  lineup_ids ids_{};
  lineup_ids history_ids_{};
  std::vector<std::unique_ptr<lineup_column>> columns_;
  std::vector<std::unique_ptr<std::vector<const lineup_column*>>> pointers_;
  std::vector<const lineup_value*> context_;
  std::vector<double> weights_;
  std::vector<double> discounts_;
  std::vector<std::uint64_t> candidates_;
  std::vector<std::unique_ptr<std::byte[]>> memory_;
};

}  // namespace lineup::testing

#endif
