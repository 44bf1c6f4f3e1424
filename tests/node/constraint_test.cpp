// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "scene.hpp"

namespace lineup {
namespace {

using testing::builders;
using testing::Scene;
using testing::Script;
using testing::text;

// "No odd row right after an odd row", with a state that counts placed rows.
struct Bound {
  Bound() {
    script.state_size = sizeof(std::uint32_t);
    script.prepare = [](const lineup_call* call, void** prepared) {
      auto* odd = static_cast<std::uint8_t*>(call->allocate(call, call->row_count));
      for (std::uint32_t row = 0; row < call->row_count; ++row) odd[row] = row % 2;
      *prepared = odd;
      return LINEUP_OK;
    };
    script.judge = [](const lineup_call*, const lineup_page* page, std::uint32_t row,
                      lineup_judgement* out) {
      const auto* odd = static_cast<const std::uint8_t*>(page->prepared);
      CHECK(*static_cast<const std::uint32_t*>(page->state) == page->count);
      if (page->count > 0 && odd[row] && odd[page->rows[page->count - 1]]) out->violations = 1;
      out->penalty = 0.5 * row;
      return LINEUP_OK;
    };
    node = scene.node(script, LINEUP_KIND_CONSTRAINT);
  }
  BoundConstraint* bind() { return bind_constraint(*node, scene.request(), report); }

  Scene scene;
  Script script;
  std::shared_ptr<NodeInstance> node;
  RunReport report;
};

TEST_CASE("a constraint plugin judges rows with prepared memory and state", "[constraint]") {
  Bound bound;
  BoundConstraint* opaque = bound.bind();
  REQUIRE(opaque != nullptr);
  REQUIRE(opaque->state_bytes() == 4);
  alignas(16) std::byte state[4];
  opaque->begin(state);
  const std::uint32_t rows[] = {1, 3};
  CHECK(opaque->judge({{}, state}, 3).violations == 0);
  CHECK(opaque->judge({{}, state}, 3).penalty == 1.5);
  CHECK(opaque->place({{}, state}, 1));
  CHECK(opaque->judge({std::span(rows, 1), state}, 3).violations == 1);
  CHECK(opaque->judge({std::span(rows, 1), state}, 2).violations == 0);
  CHECK(opaque->violations_at_least({std::span(rows, 1), state}, 2) == 0U);
  CHECK(opaque->report().status == LINEUP_OK);
}

TEST_CASE("a constraint plugin holds in a generator's page", "[constraint]") {
  Bound bound;
  Script generating;
  generating.generate = [](const lineup_call*, lineup_builder* builder) {
    CHECK(builders().place(builder, 1) == LINEUP_OK);
    CHECK(builders().permits(builder, 3) == 0);
    CHECK(builders().permits(builder, 2) == 1);
    CHECK(builders().place(builder, 2) == LINEUP_OK);
    CHECK(builders().permits(builder, 3) == 1);
    return builders().emit(builder, nullptr);
  };
  const auto generator = bound.scene.node(generating, LINEUP_KIND_GENERATOR);
  Constraint constraint;
  constraint.kind = Kind::Code;
  constraint.opaque = bound.bind();
  bound.scene.constraints = {constraint};
  SlateSet set = bound.scene.slates();
  const RunReport report =
      run_generator(*generator, bound.scene.request(), bound.scene.problem(), set);
  REQUIRE(report.status == LINEUP_OK);
  CHECK(report.broken_use == -1);
  CHECK(set.slate(0)[1] == 2);
  CHECK(set.violations_of(0)[0] == 0);
}

TEST_CASE("a constraint that fails is broken from then on", "[constraint]") {
  const int fault = GENERATE(0, 1, 2, 3);
  Bound bound;
  int calls = 0;
  bound.script.judge = [&](const lineup_call* call, const lineup_page*, std::uint32_t,
                           lineup_judgement* out) -> lineup_status {
    ++calls;
    if (fault == 0) {
      call->errors->report(call->errors, LINEUP_E_INTERNAL, text("lost its table"));
      return LINEUP_E_INTERNAL;
    }
    if (fault == 1) throw std::runtime_error("lost its table");
    if (fault == 2) out->penalty = std::nan("");
    if (fault == 3) call->spend(call, UINT64_MAX);
    return fault == 3 ? LINEUP_E_BUDGET : LINEUP_OK;
  };
  NodeRequest request = bound.scene.request();
  request.work_limit = 100;
  BoundConstraint* opaque = bind_constraint(*bound.node, request, bound.report);
  REQUIRE(opaque != nullptr);
  alignas(16) std::byte state[4];
  opaque->begin(state);
  CHECK(opaque->judge({{}, state}, 1).broken);
  CHECK(opaque->judge({{}, state}, 1).broken);
  CHECK_FALSE(opaque->place({{}, state}, 1));
  CHECK(calls == 1);
  const RunReport report = opaque->report();
  CHECK(report.status == (fault == 3 ? LINEUP_E_BUDGET : LINEUP_E_INTERNAL));
  if (fault < 2) CHECK(report.message == "lost its table");
}

TEST_CASE("a broken constraint tells the generator's report which rule it was", "[constraint]") {
  Bound bound;
  bound.script.judge = [](const lineup_call*, const lineup_page*, std::uint32_t,
                          lineup_judgement*) { return LINEUP_E_INTERNAL; };
  Script generating;
  generating.generate = [](const lineup_call*, lineup_builder* builder) {
    return builders().emit(builder, nullptr);
  };
  const auto generator = bound.scene.node(generating, LINEUP_KIND_GENERATOR);
  Constraint constraint;
  constraint.kind = Kind::Code;
  constraint.opaque = bound.bind();
  bound.scene.constraints = {constraint};
  SlateSet set = bound.scene.slates();
  const RunReport report =
      run_generator(*generator, bound.scene.request(), bound.scene.problem(), set);
  CHECK(report.broken_use == 0);
}

TEST_CASE("a constraint that cannot prepare is not bound", "[constraint]") {
  Bound bound;
  bound.script.prepare = [](const lineup_call* call, void**) {
    call->errors->report(call->errors, LINEUP_E_INVALID_INPUT, text("no history"));
    return LINEUP_E_INVALID_INPUT;
  };
  CHECK(bound.bind() == nullptr);
  CHECK(bound.report.status == LINEUP_E_INVALID_INPUT);
  CHECK(bound.report.message == "no history");
}

}  // namespace
}  // namespace lineup
