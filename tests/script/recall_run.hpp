// SPDX-License-Identifier: Apache-2.0
//
// One rule, asked of several requests by several workers: those that remember, and one that always
// runs the code.
#pragma once

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "condition/rows.hpp"
#include "script/recall.hpp"
#include "script/request.hpp"

namespace lineup::test {

// A request that stays where it is.
struct Page {
  explicit Page(const Schema& schema) : rows(schema) {}
  void finish(std::vector<Scalar> values = {}) {
    batch.rows = rows.finish();
    batch.vocabularies = rows.vocabularies();
    scalars = std::move(values);
    context.context = scalars;
  }
  Rows rows;
  Batch batch;
  std::vector<Scalar> scalars;
  RequestContext context;
  std::uint32_t slots = 10;
  int added = 0;
};

class RecallRun {
 public:
  RecallRun(const std::string& source, Value arguments = with({}), ScriptLimits limits = {})
      : limits_(limits) {
    use_.rule = rule_of(source);
    use_.is_score = use_.rule->has_score;
    Diagnostics diagnostics;
    check_arguments(*use_.rule, arguments, use_.arguments, diagnostics);
    bind_names(*use_.rule, use_.arguments, {&schema_, &layout_, nullptr, nullptr}, use_.conditions,
               diagnostics);
    if (diagnostics.has_errors()) throw std::runtime_error(summary(diagnostics));
    recall = make_recall(1);
    remembering = worker(use_, recall);
    auto forgetful = std::make_shared<RuleFile>(*use_.rule);
    forgetful->remember = false;
    CodeUse plain_use = use_;
    plain_use.rule = forgetful;
    plain = worker(plain_use, nullptr);
  }

  // Another worker of the same revision.
  std::unique_ptr<ScriptWorker> another() { return worker(use_, recall); }

  Page& page() { return pages_.emplace_back(schema_); }
  [[nodiscard]] std::deque<Page>& pages() { return pages_; }

  // "true", "false", a score, or the fault.
  std::string answer(ScriptWorker& who, const std::vector<std::uint32_t>& slate,
                     std::uint32_t row) const {
    const Judgement said = who.opaque(0)->judge({slate, nullptr}, row);
    if (said.broken) return "broken: " + std::string(who.last_fault());
    if (!use_.is_score) return said.violations == 0 ? "true" : "false";
    std::ostringstream out;
    out << std::hexfloat << 0.0 - said.penalty;
    return out.str();
  }
  // What both say, or both answers when they differ.
  std::string ask(const Page& page, const std::vector<std::uint32_t>& slate, std::uint32_t row) {
    remembering->bind(page.batch, page.context, page.slots);
    plain->bind(page.batch, page.context, page.slots);
    const std::string without = answer(*plain, slate, row);
    const std::string with = answer(*remembering, slate, row);
    return with == without ? with : "remembered " + with + ", but it is " + without;
  }
  // Whether the call is answered without running any code.
  bool knows(const Page& page, const std::vector<std::uint32_t>& slate, std::uint32_t row) {
    const std::uint64_t before = remembering->calls().remembered;
    remembering->bind(page.batch, page.context, page.slots);
    answer(*remembering, slate, row);
    return remembering->calls().remembered > before;
  }

  std::shared_ptr<Recall> recall;
  std::unique_ptr<ScriptWorker> remembering;
  std::unique_ptr<ScriptWorker> plain;

 private:
  std::unique_ptr<ScriptWorker> worker(const CodeUse& use, std::shared_ptr<Recall> shared) {
    auto made = ScriptWorker::create({&use, 1}, schema_, layout_, limits_, std::move(shared));
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }

  Schema schema_ = CodeRun::make_schema();
  ContextLayout layout_;
  ScriptLimits limits_;
  CodeUse use_;
  std::deque<Page> pages_;
};

// An `allow` with this body.
inline std::string allow(const std::string& body) {
  return header("allow = function(item, slate, context, p) " + body + " end");
}

}  // namespace lineup::test
