// SPDX-License-Identifier: Apache-2.0
//
// A rule's code and a batch to run it on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "condition/rows.hpp"
#include "script/rule_text.hpp"

namespace lineup::test {

// One function `allow` or `score`, bound to rows that the test adds before the first call.
class CodeRun {
 public:
  CodeRun(const std::string& source, Value arguments = with({}), ScriptLimits limits = {})
      : limits_(limits), rule_(rule_of(source)), rows_(schema_) {
    use_.rule = rule_;
    use_.is_score = rule_->has_score;
    Diagnostics diagnostics;
    check_arguments(*rule_, arguments, use_.arguments, diagnostics);
    bind_names(*rule_, use_.arguments, {&schema_, &layout_, nullptr, nullptr}, use_.conditions,
               diagnostics);
    if (diagnostics.has_errors()) throw std::runtime_error(summary(diagnostics));
    remake();
  }

  // score, category, is_new, released, tags
  static Schema make_schema() {
    Schema schema;
    schema.add(column("score", ColumnType::Float));
    schema.add(column("category", ColumnType::Category));
    schema.add(column("is_new", ColumnType::Bool));
    schema.add(column("released", ColumnType::Time));
    schema.add(column("tags", ColumnType::Categories));
    return schema;
  }

  Rows& rows() { return rows_; }
  ScriptWorker& worker() { return *worker_; }
  // A fresh worker, as the engine makes one when the old one is spent.
  void remake() {
    auto made = ScriptWorker::create({&use_, 1}, schema_, layout_, limits_);
    if (!made) throw std::runtime_error(made.error().message);
    worker_ = std::move(*made);
    if (batch_.rows.row_count > 0) bind();
  }
  void bind(std::vector<Scalar> context = {}, std::uint32_t slots = 10) {
    if (batch_.rows.row_count == 0) batch_.rows = rows_.finish();
    batch_.vocabularies = rows_.vocabularies();
    context_ = std::move(context);
    request_.context = context_;
    worker_->bind(batch_, request_, slots);
  }
  Judgement judge(const std::vector<std::uint32_t>& slate, std::uint32_t row) {
    return worker_->opaque(0)->judge({slate, nullptr}, row);
  }
  // "true", "false", a score, or the fault.
  std::string answer(const std::vector<std::uint32_t>& slate, std::uint32_t row) {
    const Judgement said = judge(slate, row);
    if (said.broken) return std::string(worker_->last_fault());
    if (!use_.is_score) return said.violations == 0 ? "true" : "false";
    std::ostringstream out;
    out << 0.0 - said.penalty;
    return out.str();
  }

 private:
  Schema schema_ = make_schema();
  ContextLayout layout_;
  ScriptLimits limits_;
  std::shared_ptr<const RuleFile> rule_;
  CodeUse use_;
  Rows rows_;
  Batch batch_;
  std::vector<Scalar> context_;
  RequestContext request_;
  std::unique_ptr<ScriptWorker> worker_;
};

// Six rows: a value missing here and there.
inline void add_rows(Rows& rows) {
  const std::monostate missing;
  rows.add("m0", {0.9, "drama", true, std::int64_t{1000}, Texts{"a", "b"}});
  rows.add("m1", {0.8, "comedy", false, std::int64_t{2000}, Texts{"b"}});
  rows.add("m2", {0.7, "drama", true, missing, Texts{}});
  rows.add("m3", {missing, missing, missing, std::int64_t{1000}, Texts{"c"}});
  rows.add("m4", {0.5, "comedy", true, std::int64_t{5000}, Texts{"a", "c"}});
  rows.add("m5", {0.4, missing, false, missing, missing});
}

}  // namespace lineup::test
