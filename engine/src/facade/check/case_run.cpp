// SPDX-License-Identifier: Apache-2.0
//
// A case becomes a request: owned rows, a context, a clock. Everything that the request borrows
// lives in one object for as long as its result is read.
#include "facade/check/case_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "facade/check/case_policy.hpp"

namespace lineup {

namespace {

std::string_view text_of(lineup_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
lineup_text borrow(std::string_view text) { return {text.data(), text.size()}; }

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += fmt::format("{}{}", out.empty() ? "" : ", ", text);
  return "[" + out + "]";
}

std::string_view name_of_answer(std::uint32_t answer) {
  constexpr std::string_view kNames[] = {"ok", "relaxed", "fallback", "error"};
  return kNames[std::min<std::uint32_t>(answer, LINEUP_ANSWER_ERROR)];
}

// One case made into a request, with all that the request borrows.
class CaseRequest {
 public:
  CaseRequest(lineup_engine* engine, const RuleCase& rule_case, const std::string& scene,
              std::optional<std::int64_t> at_ms)
      : engine_(engine), case_(rule_case), scene_(scene), at_ms_(at_ms) {}

  Result<RuleCaseOutcome> run() {
    auto filled = fill_rows(case_.rows, rows_);
    if (filled) filled = fill_rows(case_.history, history_);
    if (!filled) return tl::unexpected(filled.error());
    auto ready = prepare();
    if (!ready) return tl::unexpected(ready.error());
    const lineup_result* result = nullptr;
    lineup_status status = LINEUP_OK;
    Result<std::vector<std::uint32_t>> slate;  // outlives the result, which borrows it
    if (case_.given) {
      slate = given_rows();
      if (!slate) return tl::unexpected(slate.error());
      status = lineup_verify(engine_, &input_, slate->data(),
                             static_cast<std::uint32_t>(slate->size()), &result);
    } else {
      status = lineup_rerank(engine_, &input_, &result);
    }
    if (status != LINEUP_OK) return failure("cases/engine", "the engine refuses the request");
    RuleCaseOutcome outcome = read(*result);
    lineup_release(engine_, result);
    return outcome;
  }

 private:
  Result<void> prepare() {
    const auto bind = [this](const std::string& name) {
      lineup_handle handle = 0;
      lineup_bind_column(engine_, borrow(name), &handle);
      return handle;
    };
    input_.struct_size = sizeof(input_);
    lineup_bind_scene(engine_, borrow(scene_), &input_.scene);
    input_.request_id = borrow(scene_);
    input_.candidates = rows_view_.fill(rows_, bind);
    if (history_.row_count() > 0) input_.history = history_view_.fill(history_, bind);
    input_.seed = 1;
    input_.now_ms = at_ms_.value_or(LINEUP_NO_TIME);
    if (!case_.time.empty()) {
      const auto time = parse_time_ms(case_.time);
      if (!time) return failure("cases/time", fmt::format("`{}` is no time", case_.time));
      input_.now_ms = *time;
    }
    add_context(case_.context, "");
    for (const lineup_value& value : values_) value_pointers_.push_back(&value);
    input_.context_handles = handles_.data();
    input_.context_values = value_pointers_.data();
    input_.context_count = static_cast<std::uint32_t>(values_.size());
    return {};
  }

  void add_context(const YamlNode& map, const std::string& prefix) {
    for (const YamlEntry& entry : map.entries) {
      const std::string path = prefix + entry.key;
      if (entry.value.kind == Value::Kind::Map) {
        add_context(entry.value, path + ".");
        continue;
      }
      const YamlNode& node = entry.value;
      lineup_value value{sizeof(lineup_value), LINEUP_VALUE_MISSING, node.integer,
                         node.number,          node.text.data(),     node.text.size()};
      if (node.kind == Value::Kind::Bool) {
        value.kind = LINEUP_VALUE_BOOL;
        value.integer = node.boolean ? 1 : 0;
      } else if (node.kind == Value::Kind::Integer) {
        value.kind = LINEUP_VALUE_INTEGER;
      } else if (node.kind == Value::Kind::Float) {
        value.kind = LINEUP_VALUE_NUMBER;
      } else if (node.kind == Value::Kind::Text) {
        value.kind = LINEUP_VALUE_TEXT;
      }
      lineup_handle handle = 0;
      lineup_bind_context(engine_, borrow(path), &handle);
      handles_.push_back(handle);
      values_.push_back(value);
    }
  }

  Result<std::vector<std::uint32_t>> given_rows() const {
    std::vector<std::uint32_t> out;
    for (const std::string& id : *case_.given) {
      std::uint32_t row = 0;
      while (row < rows_.row_count() && rows_.ids().text(row) != id) ++row;
      if (row == rows_.row_count()) {
        return failure("cases/id", fmt::format("`{}` of the given slate is no row", id));
      }
      out.push_back(row);
    }
    return out;
  }

  RuleCaseOutcome read(const lineup_result& result) const {
    RuleCaseOutcome outcome;
    outcome.status = name_of_answer(result.answer);
    outcome.error = text_of(result.error);
    for (std::uint32_t i = 0; i < result.slate_count; ++i) {
      outcome.slate.push_back(rows_.ids().text(result.slate[i]));
    }
    for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
      outcome.relaxed[std::string(text_of(result.relaxed[i].rule))] += result.relaxed[i].violations;
    }
    return outcome;
  }

  lineup_engine* engine_;
  const RuleCase& case_;
  std::string scene_;
  std::optional<std::int64_t> at_ms_;
  OwnedRows rows_, history_;
  RowsView rows_view_, history_view_;
  std::vector<lineup_handle> handles_;
  std::vector<lineup_value> values_;
  std::vector<const lineup_value*> value_pointers_;
  lineup_input input_{};
};

}  // namespace

Result<RuleCaseOutcome> run_case(lineup_engine* engine, const RuleCase& rule_case,
                                 const std::string& scene, std::optional<std::int64_t> at_ms) {
  return CaseRequest(engine, rule_case, scene, at_ms).run();
}

std::string difference(const RuleCase& expected, const RuleCaseOutcome& came) {
  std::string out;
  const auto say = [&out](const std::string& what) {
    out += fmt::format("{}{}", out.empty() ? "" : "; ", what);
  };
  if (came.status == "error" && expected.status != "error") return came.error;
  if (!expected.status.empty() && expected.status != came.status) {
    say(fmt::format("expected status {}, came {}", expected.status, came.status));
  }
  if (expected.slate && *expected.slate != came.slate) {
    say(fmt::format("expected slate {}, came {}", joined(*expected.slate), joined(came.slate)));
  }
  if (expected.relaxed) {
    const std::map<std::string, std::int64_t> wanted(expected.relaxed->begin(),
                                                     expected.relaxed->end());
    for (const auto& [rule, violations] : wanted) {
      const auto found = came.relaxed.find(rule);
      const std::int64_t seen = found == came.relaxed.end() ? 0 : found->second;
      if (seen != violations) {
        say(fmt::format("expected {} violations of `{}`, came {}", violations, rule, seen));
      }
    }
    for (const auto& [rule, violations] : came.relaxed) {
      if (wanted.count(rule) == 0) say(fmt::format("`{}` was relaxed, by {}", rule, violations));
    }
  }
  if (expected.violations) {
    std::int64_t total = 0;
    for (const auto& [rule, violations] : came.relaxed) total += violations;
    if (total != *expected.violations) {
      say(fmt::format("expected {} violations, came {}", *expected.violations, total));
    }
  }
  return out;
}

}  // namespace lineup
