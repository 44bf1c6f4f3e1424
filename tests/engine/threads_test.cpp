// SPDX-License-Identifier: Apache-2.0
//
// Many threads on one engine: the same request gets the same page on each, and closing while they
// serve is defined.
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include "host.hpp"

namespace lineup {

namespace {

constexpr std::string_view kRules =
    "  - {use: category_scatter, with: {by: category, window: 4, max: 1}, priority: 50}\n"
    "  - {use: author_cap, with: {by: author, window: 6, max: 1}, priority: 40}\n"
    "  - {use: cold_start_quota, with: {where: 'is_new', min: 3, max: 4}, priority: 60}\n"
    "  - {use: mine, weight: 0.1}\n";

constexpr std::string_view kCode =
    "return rule {\n  name = \"mine\", about = \"Videos early.\",\n"
    "  score = function(item, slate)\n"
    "    if item.type == \"video\" then return 0 end\n"
    "    return -0.01 * #slate\n  end,\n}\n";

std::vector<host::OverlayFile> draft() {
  // The machine's load must not decide a page.
  return {{"policies/home.yaml",
           policy(std::string(kRules), std::string(kGraph) + "limits: {deadline_ms: 60000}\n")},
          {"rules/mine.lua", std::string(kCode)}};
}

}  // namespace

TEST_CASE("the same request gets the same page on every thread, run after run") {
  host::Options options = quiet_options("");
  options.overlay = draft();
  options.sessions = 3;  // fewer than threads: some wait
  host::Engine engine(options);
  const Feed feed(80);
  Caller first(engine);
  first.prepare(feed).seed(11);
  const auto expected = slate_of(first.rerank());
  CHECK(expected.size() == 10);
  std::atomic<int> different{0};
  std::atomic<int> not_ok{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Caller caller(engine);
      for (int i = 0; i < 25; ++i) {
        caller.prepare(feed).seed(11);
        const host::Result result = caller.rerank();
        if (slate_of(result) != expected) ++different;
        if (result.answer() != host::Answer::Ok) ++not_ok;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(different == 0);
  CHECK(not_ok == 0);
}

TEST_CASE("a weight that is set while threads serve is in each one's next response") {
  constexpr int kChanges = 100;
  constexpr double kStep = 0.01;
  TestBundle bundle;
  bundle.write("policies/home.yaml",
               policy("", std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
  std::filesystem::create_directories(bundle.path("state"));
  host::Options options = quiet_options(bundle.root());
  options.state_directory = bundle.path("state");
  host::Engine engine(options);
  const Feed feed(20);
  std::atomic<int> promised{0};  // changes that have returned
  std::atomic<int> stale{0};
  std::atomic<int> seen_last{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      Caller caller(engine);
      int seen = 0;
      while (seen < kChanges) {
        const int least = promised;
        const host::Result result = caller.rerank(feed);
        seen = static_cast<int>(std::lround((result.weights()[0].value - 1.0) / kStep));
        if (seen < least) ++stale;
        if (least == kChanges) break;
      }
      if (seen == kChanges) ++seen_last;
    });
  }
  for (int change = 1; change <= kChanges; ++change) {
    engine.set_weight("home", "relevance", 1.0 + kStep * change, 0, "ann", "a test");
    promised = change;
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(stale == 0);
  CHECK(seen_last == 2);
}

TEST_CASE("an engine that is closed while threads hold results waits for them") {
  lineup_options options{};
  options.struct_size = sizeof options;
  const std::string text = policy("");
  const lineup_overlay_file file{sizeof file, 0, abi::text("policies/home.yaml"), abi::text(text)};
  options.overlay = &file;
  options.overlay_count = 1;
  options.log = [](void*, std::int32_t, lineup_text) {};
  lineup_engine* engine = nullptr;
  REQUIRE(lineup_open(&options, nullptr, &engine) == LINEUP_OK);
  lineup_handle scene = 0;
  REQUIRE(lineup_bind_scene(engine, abi::text("home"), &scene) == LINEUP_OK);

  std::atomic<int> holding{0};
  std::atomic<bool> is_closed{false};
  std::atomic<int> too_early{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      lineup_input input{};
      input.struct_size = sizeof input;
      input.scene = scene;
      input.now_ms = LINEUP_NO_TIME;
      const lineup_result* result = nullptr;
      const lineup_status status = lineup_rerank(engine, &input, &result);
      ++holding;
      if (status != LINEUP_OK) return;
      // Long enough for lineup_close to be waiting; what is held must stay readable.
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (is_closed || result->answer != LINEUP_ANSWER_OK) ++too_early;
      lineup_release(engine, result);
    });
  }
  while (holding < 2) std::this_thread::yield();
  lineup_close(engine);
  is_closed = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(too_early == 0);
}

TEST_CASE("requests that come while an engine is being closed are told so") {
  lineup_options options{};
  options.struct_size = sizeof options;
  const std::string text = policy("");
  const lineup_overlay_file file{sizeof file, 0, abi::text("policies/home.yaml"), abi::text(text)};
  options.overlay = &file;
  options.overlay_count = 1;
  options.log = [](void*, std::int32_t, lineup_text) {};
  lineup_engine* engine = nullptr;
  REQUIRE(lineup_open(&options, nullptr, &engine) == LINEUP_OK);
  lineup_handle scene = 0;
  REQUIRE(lineup_bind_scene(engine, abi::text("home"), &scene) == LINEUP_OK);
  lineup_input input{};
  input.struct_size = sizeof input;
  input.scene = scene;
  input.now_ms = LINEUP_NO_TIME;
  // A result that is held keeps the engine from going while the others ask.
  const lineup_result* held = nullptr;
  REQUIRE(lineup_rerank(engine, &input, &held) == LINEUP_OK);
  std::thread closing([&] { lineup_close(engine); });
  lineup_status status = LINEUP_OK;
  while (status == LINEUP_OK) {
    const lineup_result* result = nullptr;
    status = lineup_rerank(engine, &input, &result);
    if (status == LINEUP_OK) lineup_release(engine, result);
  }
  CHECK(status == LINEUP_E_CLOSED);
  CHECK(held->answer == LINEUP_ANSWER_OK);
  lineup_release(engine, held);
  closing.join();
}

}  // namespace lineup
