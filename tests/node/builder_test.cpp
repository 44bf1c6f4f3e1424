// SPDX-License-Identifier: Apache-2.0
//
// Handles of the slate builder outlive nothing: neither their call, nor their thread.
#include <catch2/catch.hpp>
#include <thread>

#include "scene.hpp"

namespace lineup {
namespace {

using testing::builders;
using testing::Scene;
using testing::Script;

// Every function of the table says that the handle stands for nothing.
void check_stale(lineup_builder* handle) {
  const auto& b = builders();
  const std::uint32_t* rows = nullptr;
  const std::uint64_t* bits = nullptr;
  const double utility[Scene::kRows] = {};
  double penalties[Scene::kRows];
  std::uint32_t count = 0;
  lineup_builder* fork = nullptr;
  CHECK(b.placed(handle, &rows, &count) == LINEUP_E_STALE_HANDLE);
  CHECK(b.allowed(handle, &bits) == LINEUP_E_STALE_HANDLE);
  CHECK(b.permits(handle, 0) == 0);
  CHECK(b.best_permitted(handle, utility) == LINEUP_NO_ROW);
  CHECK(b.place(handle, 0) == LINEUP_E_STALE_HANDLE);
  CHECK(b.undo(handle) == LINEUP_E_STALE_HANDLE);
  CHECK(b.mark(handle) == 0);
  CHECK(b.rewind(handle, 0) == LINEUP_E_STALE_HANDLE);
  CHECK(b.fork(handle, &fork) == LINEUP_E_STALE_HANDLE);
  CHECK(b.completable(handle) == LINEUP_UNKNOWN);
  CHECK(b.penalties(handle, penalties) == LINEUP_E_STALE_HANDLE);
  CHECK(b.solve(handle, nullptr) == LINEUP_E_STALE_HANDLE);
  CHECK(b.emit(handle, nullptr) == LINEUP_E_STALE_HANDLE);
}

TEST_CASE("a handle ends with its call", "[builder]") {
  Scene scene;
  Script script;
  std::vector<lineup_builder*> kept;
  script.generate = [&](const lineup_call*, lineup_builder* builder) {
    for (lineup_builder* old : kept) check_stale(old);
    lineup_builder* fork = nullptr;
    CHECK(builders().fork(builder, &fork) == LINEUP_OK);
    kept = {builder, fork};
    return builders().emit(fork, nullptr);
  };
  const auto node = scene.node(script, LINEUP_KIND_GENERATOR);
  for (int i = 0; i < 3; ++i) {
    SlateSet set = scene.slates();
    REQUIRE(run_generator(*node, scene.request(), scene.problem(), set).status == LINEUP_OK);
    CHECK(set.slate(0)[0] == 0);
  }
  for (lineup_builder* old : kept) check_stale(old);
}

TEST_CASE("a handle is worth nothing on another thread", "[builder]") {
  Scene scene;
  Script script;
  script.generate = [](const lineup_call*, lineup_builder* builder) {
    std::thread([builder] { check_stale(builder); }).join();
    return builders().emit(builder, nullptr);
  };
  const auto node = scene.node(script, LINEUP_KIND_GENERATOR);
  SlateSet set = scene.slates();
  CHECK(run_generator(*node, scene.request(), scene.problem(), set).status == LINEUP_OK);
}

TEST_CASE("numbers that were never a handle are refused", "[builder]") {
  Scene scene;
  Script script;
  script.generate = [](const lineup_call*, lineup_builder* builder) {
    const auto number = reinterpret_cast<std::uintptr_t>(builder);
    for (const std::uintptr_t guess : {std::uintptr_t{0}, std::uintptr_t{1}, number + 1,
                                       number + 300, number + 0x10000, ~std::uintptr_t{0}}) {
      check_stale(reinterpret_cast<lineup_builder*>(guess));
    }
    return builders().emit(builder, nullptr);
  };
  const auto node = scene.node(script, LINEUP_KIND_GENERATOR);
  SlateSet set = scene.slates();
  CHECK(run_generator(*node, scene.request(), scene.problem(), set).status == LINEUP_OK);
}

TEST_CASE("threads run generators side by side", "[builder]") {
  Scene scene;
  Script script;
  script.generate = [](const lineup_call*, lineup_builder* builder) -> lineup_status {
    lineup_builder* fork = nullptr;
    if (builders().fork(builder, &fork) != LINEUP_OK) return LINEUP_E_INTERNAL;
    if (builders().place(fork, 5) != LINEUP_OK) return LINEUP_E_INTERNAL;
    return builders().emit(fork, nullptr);
  };
  const auto node = scene.node(script, LINEUP_KIND_GENERATOR);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      Arena arena;
      for (int i = 0; i < 100; ++i) {
        NodeRequest request = scene.request();
        request.arena = &arena;
        SlateSet set = SlateSet::make(2, Scene::kSlots, 1, arena);
        const RunReport report = run_generator(*node, request, scene.problem(), set);
        if (report.status != LINEUP_OK || set.slate(0)[0] != 5) ++wrong;
        arena.reset();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace lineup
