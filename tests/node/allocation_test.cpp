// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "scene.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lineup {
namespace {

using testing::builders;
using testing::Scene;
using testing::Script;
using testing::text;

TEST_CASE("calls of nodes allocate nothing once the arena is warm", "[allocation]") {
  Scene scene;
  Script scoring;
  scoring.activate = [](const lineup_binder* binder, lineup_error_sink*) {
    std::uint32_t index = 0;
    binder->column(binder, text("genre"), LINEUP_TYPE_CODE, 1, &index);
    binder->context_value(binder, text("hour"), &index);
    return binder->output(binder, text("estimate"), &index);
  };
  scoring.score = [](const lineup_call*, double* const*) { return LINEUP_OK; };
  Script generating;
  generating.generate = [](const lineup_call* call, lineup_builder* builder) {
    call->errors->report(call->errors, LINEUP_OK, text("only words"));
    lineup_builder* fork = nullptr;
    builders().fork(builder, &fork);
    builders().place(fork, 3);
    builders().emit(fork, nullptr);
    return builders().emit(builder, nullptr);
  };
  Script evaluating;
  evaluating.evaluate = [](const lineup_call*, const lineup_slates*, double* values) {
    values[0] = 1.0;
    return LINEUP_OK;
  };
  Script judging;
  judging.judge = [](const lineup_call*, const lineup_page*, std::uint32_t, lineup_judgement*) {
    return LINEUP_OK;
  };
  const auto scorer = scene.node(scoring, LINEUP_KIND_SCORER, ThreadClass::Serial);
  const auto generator = scene.node(generating, LINEUP_KIND_GENERATOR);
  const auto evaluator = scene.node(evaluating, LINEUP_KIND_EVALUATOR);
  const auto judge = scene.node(judging, LINEUP_KIND_CONSTRAINT, ThreadClass::InstancePerThread);

  std::vector<double> estimate(Scene::kRows);
  std::vector<Constraint> constraints(1);
  constraints[0].kind = Kind::Code;
  int failures = 0;
  const auto one_request = [&] {
    const NodeRequest request = scene.request();
    const std::span<double> outputs[] = {estimate};
    RunReport bound;
    constraints[0].opaque = bind_constraint(*judge, request, bound);
    Problem problem = scene.problem();
    problem.constraints = constraints;
    SlateSet set = scene.slates();
    const RunReport scored = run_scorer(*scorer, request, outputs);
    const RunReport generated = run_generator(*generator, request, problem, set);
    const auto values = scene.arena.zeroed<double>(std::size_t{set.count} * 2);
    const RunReport evaluated = run_evaluator(*evaluator, request, set, values);
    failures += scored.status != LINEUP_OK || generated.status != LINEUP_OK ||
                evaluated.status != LINEUP_OK || set.count != 2;
    scene.arena.reset();
  };
  for (int i = 0; i < 3; ++i) one_request();
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) one_request();
  CHECK(allocations == before);
  CHECK(failures == 0);
}

}  // namespace
}  // namespace lineup
