// SPDX-License-Identifier: Apache-2.0
//
// Thousands of random rules on random requests: what is remembered is what running would say, in
// one thread and in two that fill the same memory.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "script/rule_maker.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

constexpr std::uint32_t kRows = 12;
// Both paths are written out, so that every program may read them: slots 0 and 1 of the layout.
const std::string kPaths = "local _ = context.level, context.trigger.category\n";

std::string source_of(RuleMaker& maker) {
  return header("allow = function(item, slate, context, p)\n if false then " + kPaths + " end\n" +
                maker.body() + "\nend");
}

// A busy machine must not end a call.
ScriptLimits patient() {
  ScriptLimits limits;
  limits.call_ns_max = 60'000'000'000;
  return limits;
}

struct Call {
  const Page* page = nullptr;
  std::vector<std::uint32_t> slate;
  std::uint32_t row = 0;
};

std::vector<Call> calls_of(RecallRun& run, RuleMaker& maker, int pages, int calls) {
  std::vector<Call> out;
  for (int p = 0; p < pages; ++p) {
    Page& page = run.page();
    maker.fill(page, kRows);
    for (int c = 0; c < calls; ++c) out.push_back({&page, maker.slate(kRows), maker.below(kRows)});
  }
  return out;
}

}  // namespace

TEST_CASE("random rules answer from memory as they do when they run", "[recall]") {
  std::uint64_t asked = 0;
  std::uint64_t found = 0;
  std::uint64_t broken = 0;
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    RuleMaker maker(seed);
    const std::string source = source_of(maker);
    RecallRun run(source, with({}), patient());
    const std::vector<Call> calls = calls_of(run, maker, 3, 16);
    for (int round = 0; round < 2; ++round) {
      for (const Call& call : calls) {
        const std::string said = run.ask(*call.page, call.slate, call.row);
        broken += said.find("broken") == 0 ? 1 : 0;
        if (said.find("remembered") == 0) FAIL("seed " << seed << ": " << said << "\n" << source);
      }
    }
    asked += run.remembering->calls().looked_up;
    found += run.remembering->calls().remembered;
  }
  // The test would be worth nothing if little was remembered, or nothing ever failed.
  INFO(asked << " calls, " << found << " found, " << broken << " broken");
  CHECK(found > asked / 2);
  CHECK(broken > 0);
}

TEST_CASE("two threads that fill one memory answer as one that runs", "[recall][threads]") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    RuleMaker maker(seed + 50'000);
    const std::string source = source_of(maker);
    RecallRun run(source, with({}), patient());
    const std::vector<Call> calls = calls_of(run, maker, 3, 16);
    std::vector<std::string> expected;
    for (const Call& call : calls) {
      run.plain->bind(call.page->batch, call.page->context, call.page->slots);
      expected.push_back(run.answer(*run.plain, call.slate, call.row));
    }
    const std::unique_ptr<ScriptWorker> workers[] = {run.another(), run.another()};
    std::atomic<int> waiting{2};
    std::atomic<int> wrong{0};
    const auto work = [&](ScriptWorker& worker, bool backwards) {
      waiting.fetch_sub(1);
      while (waiting.load() > 0) std::this_thread::yield();
      for (std::size_t i = 0; i < 2 * calls.size(); ++i) {
        const std::size_t at = backwards ? calls.size() - 1 - i % calls.size() : i % calls.size();
        const Call& call = calls[at];
        worker.bind(call.page->batch, call.page->context, call.page->slots);
        wrong += run.answer(worker, call.slate, call.row) == expected[at] ? 0 : 1;
      }
    };
    {
      const std::jthread first([&] { work(*workers[0], false); });
      const std::jthread second([&] { work(*workers[1], true); });
    }
    if (wrong != 0) FAIL("seed " << seed << ": " << wrong << " answers differ\n" << source);
  }
}

TEST_CASE("two threads give a text one symbol", "[recall][threads]") {
  Recall recall(1);
  std::vector<Symbol> symbols[2];
  const auto work = [&](std::vector<Symbol>& out, std::uint32_t step) {
    for (std::uint32_t i = 0; i < 2000; ++i) {
      out.push_back(recall.intern("text " + std::to_string(i * step % 2003)));
    }
  };
  {
    const std::jthread first([&] { work(symbols[0], 1); });
    const std::jthread second([&] { work(symbols[1], 7); });
  }
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::string text = "text " + std::to_string(i * 7 % 2003);
    CHECK(recall.find(text) == symbols[1][i]);
    CHECK(recall.text(symbols[1][i]) == text);
  }
}
