// SPDX-License-Identifier: Apache-2.0
//
// Conditions: any text compiles or is refused with a reason; what compiles says of every row by
// column what it says row by row.
#include "condition/condition.hpp"

#include "condition/rows.hpp"
#include "condition/scene.hpp"
#include "fuzz.hpp"

using namespace lineup;

namespace {

// Three rows for every column of the scene: the second with a value nobody compares with, the last
// with nothing.
const Rows& some_rows(const Schema& schema) {
  static const Schema& kept = schema;
  static Rows* rows = [] {
    static Rows made(kept);
    const std::monostate none;
    made.add("a", {1.5, 2.0, std::int64_t{12}, std::string("drama"), std::string("a"),
                   Texts{"a", "b"}, true, false, std::int64_t{1'700'000'000'000}, none});
    made.add("b", {-0.0, 1e308, std::int64_t{-1}, std::string(), std::string("zz"), Texts{}, false,
                   true, std::int64_t{0}, none});
    made.add("c", {none, none, none, none, none, none, none, none, none, none});
    made.finish();
    return &made;
  }();
  return *rows;
}

void check_agreement(const Condition& condition, const ColumnScene& scene,
                     const ContextLayout& layout) {
  const Rows& rows = some_rows(scene.schema);
  const std::vector<Scalar> context(layout.paths().size());
  const std::vector<Word> segments(1, Word{1});
  RequestContext request;
  request.context = context;
  request.segments = segments.data();
  request.now_ms = 1'700'000'000'000;
  Arena arena;
  std::vector<Word> out(word_count(3));
  condition.select(rows.table(), rows.vocabularies(), request, arena, out);
  for (std::uint32_t row = 0; row < 3; ++row) {
    fuzz::require(test_bit(out.data(), row) ==
                      condition.holds(rows.table(), rows.vocabularies(), request, row),
                  "by column as by row");
  }
}

}  // namespace

std::vector<std::string> fuzz::made_seeds() {
  return {"category == 'drama' and not is_new",
          "price < list_price * 0.5 or votes >= 10",
          "author in list.blocked_authors",
          "tags has 'a' and released > now - 3d",
          "context.age < 18 and segment.newcomers",
          "(price + 1) / (votes - 1) ~= 2",
          "category in ['a', 'b'] and experiment.x == 'b'"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  static ColumnScene scene;
  Diagnostics findings;
  Condition condition;
  ContextLayout layout = scene.context;
  ConditionScope scope = scene.scope();
  scope.context = &layout;
  const bool is_good = condition.compile(text, scope, {"p.yaml", 1, 1, 1, 2}, 0, findings);
  fuzz::require(is_good != findings.has_errors(), "a verdict has a reason");
  for (const Diagnostic& one : findings.all()) {
    fuzz::require(!render(one, text).empty(), "a finding can be shown");
  }
  if (is_good && !condition.is_empty()) check_agreement(condition, scene, layout);
  return 0;
}
