// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "scene.hpp"

namespace lineup {
namespace {

using testing::builders;
using testing::Scene;
using testing::Script;
using testing::text;

std::vector<std::uint32_t> slate(const SlateSet& set, std::uint32_t index) {
  const auto rows = set.slate(index);
  return {rows.begin(), rows.end()};
}

// At most one row of 0, 1 and 2 on the page, hard.
Constraint one_of_the_best(const std::vector<Word>& where) {
  Constraint cap;
  cap.kind = Kind::Cap;
  cap.where = where.data();
  cap.max = 1;
  return cap;
}

struct Running {
  RunReport run(std::uint32_t capacity = 8) {
    if (!node) node = scene.node(script, LINEUP_KIND_GENERATOR);
    set = scene.slates(capacity);
    return run_generator(*node, scene.request(), scene.problem(), set);
  }
  Scene scene;
  Script script;
  std::shared_ptr<NodeInstance> node;
  SlateSet set;
};

TEST_CASE("emitting an empty page gives the engine's own solution", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    return builders().emit(builder, nullptr);
  };
  const RunReport report = running.run();
  REQUIRE(report.status == LINEUP_OK);
  REQUIRE(running.set.count == 1);
  CHECK(slate(running.set, 0) == std::vector<std::uint32_t>{0, 1, 2});
  const Certificate& certificate = running.set.certificates[0];
  CHECK(certificate.value == Approx(0.6 + 0.5 * 0.8 + 0.4 * 0.6));
  CHECK(certificate.search == Search::Complete);
  CHECK(certificate.hand_placed == 0);
  CHECK(running.set.violations_of(0)[0] == 0);
}

TEST_CASE("a page placed by hand keeps its rows and its violations", "[generator]") {
  Running running;
  const std::vector<Word> best = {0b000111};
  running.scene.constraints = {one_of_the_best(best)};
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    const auto& b = builders();
    for (const std::uint32_t row : {2U, 1U, 5U}) {
      CHECK(b.permits(builder, row) == (row == 1 ? 0 : 1));
      CHECK(b.place(builder, row) == LINEUP_OK);
    }
    return b.emit(builder, nullptr);
  };
  REQUIRE(running.run().status == LINEUP_OK);
  CHECK(slate(running.set, 0) == std::vector<std::uint32_t>{2, 1, 5});
  CHECK(running.set.violations_of(0)[0] == 1);
  CHECK(running.set.certificates[0].hand_placed == 3);
}

TEST_CASE("a page begun by hand is completed by the search", "[generator]") {
  Running running;
  const std::vector<Word> best = {0b000111};
  running.scene.constraints = {one_of_the_best(best)};
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    const auto& b = builders();
    CHECK(b.place(builder, 2) == LINEUP_OK);
    CHECK(b.emit(builder, nullptr) == LINEUP_OK);
    // The rest was placed too, and may be taken back.
    CHECK(b.mark(builder) == 3);
    CHECK(b.rewind(builder, 0) == LINEUP_OK);
    const double reversed[] = {1, 2, 3, 4, 5, 6};
    return b.emit(builder, reversed);
  };
  REQUIRE(running.run().status == LINEUP_OK);
  REQUIRE(running.set.count == 2);
  CHECK(slate(running.set, 0) == std::vector<std::uint32_t>{2, 3, 4});
  CHECK(running.set.certificates[0].hand_placed == 1);
  CHECK(slate(running.set, 1) == std::vector<std::uint32_t>{5, 4, 3});
  CHECK(running.set.certificates[1].hand_placed == 0);
}

TEST_CASE("forks go their own ways", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    const auto& b = builders();
    REQUIRE(b.place(builder, 5) == LINEUP_OK);
    lineup_builder* other = nullptr;
    REQUIRE(b.fork(builder, &other) == LINEUP_OK);
    CHECK(b.place(other, 4) == LINEUP_OK);
    CHECK(b.place(other, 3) == LINEUP_OK);
    const std::uint32_t* rows = nullptr;
    std::uint32_t count = 0;
    CHECK(b.placed(builder, &rows, &count) == LINEUP_OK);
    CHECK(count == 1);
    CHECK(rows[0] == 5);
    CHECK(b.emit(other, nullptr) == LINEUP_OK);
    return b.emit(builder, nullptr);
  };
  REQUIRE(running.run().status == LINEUP_OK);
  CHECK(slate(running.set, 0) == std::vector<std::uint32_t>{5, 4, 3});
  CHECK(slate(running.set, 1) == std::vector<std::uint32_t>{5, 0, 1});
}

TEST_CASE("wrong arguments to the builder harm nobody", "[generator]") {
  Running running;
  running.scene.candidates = {0b101111};  // row 4 is filtered
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    const auto& b = builders();
    const double nan_utility[] = {1, 2, std::numeric_limits<double>::quiet_NaN(), 4, 5, 6};
    CHECK(b.undo(builder) == LINEUP_E_INVALID_INPUT);
    CHECK(b.rewind(builder, 1) == LINEUP_E_INVALID_INPUT);
    CHECK(b.place(builder, 6) == LINEUP_E_INVALID_INPUT);
    CHECK(b.place(builder, UINT32_MAX) == LINEUP_E_INVALID_INPUT);
    CHECK(b.place(builder, 4) == LINEUP_E_INVALID_INPUT);
    CHECK(b.permits(builder, 1'000'000) == 0);
    CHECK(b.best_permitted(builder, nullptr) == LINEUP_NO_ROW);
    CHECK(b.placed(builder, nullptr, nullptr) == LINEUP_E_INVALID_INPUT);
    CHECK(b.allowed(builder, nullptr) == LINEUP_E_INVALID_INPUT);
    CHECK(b.penalties(builder, nullptr) == LINEUP_E_INVALID_INPUT);
    CHECK(b.fork(builder, nullptr) == LINEUP_E_INVALID_INPUT);
    CHECK(b.solve(builder, nan_utility) == LINEUP_E_INVALID_INPUT);
    CHECK(b.emit(builder, nan_utility) == LINEUP_E_INVALID_INPUT);
    CHECK(b.place(builder, 0) == LINEUP_OK);
    CHECK(b.place(builder, 0) == LINEUP_E_INVALID_INPUT);
    CHECK(b.place(builder, 1) == LINEUP_OK);
    CHECK(b.place(builder, 2) == LINEUP_OK);
    CHECK(b.place(builder, 3) == LINEUP_E_INVALID_INPUT);
    CHECK(b.solve(builder, nullptr) == LINEUP_OK);
    return b.emit(builder, nullptr);
  };
  CHECK(running.run().status == LINEUP_OK);
  CHECK(slate(running.set, 0) == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("reads of the builder agree with each other", "[generator]") {
  Running running;
  running.scene.candidates = {0b110110};
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    const auto& b = builders();
    CHECK(b.place(builder, 1) == LINEUP_OK);
    const std::uint64_t* bits = nullptr;
    REQUIRE(b.allowed(builder, &bits) == LINEUP_OK);
    CHECK(bits[0] == 0b110100);
    const double utility[] = {9, 9, 1, 9, 3, 3};
    CHECK(b.best_permitted(builder, utility) == 4);
    CHECK(b.completable(builder) != LINEUP_NO);
    double penalties[6] = {1, 1, 1, 1, 1, 1};
    CHECK(b.penalties(builder, penalties) == LINEUP_OK);
    CHECK(penalties[4] == 0.0);
    return b.emit(builder, utility);
  };
  CHECK(running.run().status == LINEUP_OK);
  CHECK(slate(running.set, 0) == std::vector<std::uint32_t>{1, 4, 5});
}

TEST_CASE("limits end a call that emits or forks without end", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder* builder) {
    lineup_builder* fork = nullptr;
    lineup_status status = LINEUP_OK;
    std::uint32_t forks = 1;
    while (status == LINEUP_OK) {
      status = builders().fork(builder, &fork);
      if (status == LINEUP_OK) ++forks;
    }
    CHECK(status == LINEUP_E_BUDGET);
    CHECK(forks == kForksMax);
    for (const std::uint32_t row : {0U, 1U, 2U}) {
      CHECK(builders().rewind(builder, 0) == LINEUP_OK);
      CHECK(builders().place(builder, row) == LINEUP_OK);
      status = builders().emit(builder, nullptr);
    }
    return status;
  };
  const RunReport report = running.run(2);
  CHECK(report.status == LINEUP_E_BUDGET);
  CHECK(report.message == "more slates than the policy's limit");
  CHECK(running.set.count == 2);
}

TEST_CASE("what was emitted before a failure counts", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder* builder) -> lineup_status {
    CHECK(builders().emit(builder, nullptr) == LINEUP_OK);
    throw std::runtime_error("then it broke");
  };
  const RunReport report = running.run();
  CHECK(report.status == LINEUP_E_INTERNAL);
  CHECK(report.message == "then it broke");
  CHECK(running.set.count == 1);
}

TEST_CASE("a generator that emits nothing failed", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder*) { return LINEUP_OK; };
  const RunReport report = running.run();
  CHECK(report.status == LINEUP_E_INTERNAL);
  CHECK(report.message == "emitted no slate");
}

TEST_CASE("an empty page needs no generator", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder*) { return LINEUP_E_INTERNAL; };
  running.node = running.scene.node(running.script, LINEUP_KIND_GENERATOR);
  running.set = running.scene.slates();
  NodeRequest request = running.scene.request();
  request.slot_count = 0;
  Problem problem = running.scene.problem();
  problem.slot_count = 0;
  const RunReport report = run_generator(*running.node, request, problem, running.set);
  CHECK(report.status == LINEUP_OK);
  REQUIRE(running.set.count == 1);
  CHECK(running.set.slate(0).empty());
}

TEST_CASE("a problem that is not the request's is refused", "[generator]") {
  Running running;
  running.script.generate = [](const lineup_call*, lineup_builder*) { return LINEUP_OK; };
  running.scene.scores.pop_back();
  CHECK(running.run().status == LINEUP_E_INVALID_INPUT);
}

}  // namespace
}  // namespace lineup
