// SPDX-License-Identifier: Apache-2.0
//
// After warm-up a request takes no memory from the heap: not the engine's C++, not its plugins, not
// the libraries under them. Every malloc of this program is counted. Scripts allocate in a memory
// of their own, which the engine keeps; it is there when the state is made.
#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <new>

#include "base/clock.hpp"
#include "host.hpp"

namespace {

std::atomic<bool> counting{false};
std::atomic<std::uint64_t> allocations{0};

void count() {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

#if defined(__GLIBC__) && !defined(LINEUP_SANITIZED)
// glibc's own names for what is replaced here; operator new and the plugins come this way too.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  count();
  return __libc_malloc(size);
}
void* calloc(size_t elements, size_t size) {
  count();
  return __libc_calloc(elements, size);
}
void* realloc(void* memory, size_t size) {
  count();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
}
#else
// A sanitizer owns malloc: only C++ is counted.
void* operator new(std::size_t size) {
  count();
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  count();
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace lineup {

namespace {

constexpr std::string_view kRules =
    "  - {use: block,            with: {where: 'author == \"a1\"'}, required: true}\n"
    "  - {use: category_scatter, with: {by: category, window: 4, max: 1}, priority: 80}\n"
    "  - {use: author_cap,       with: {by: author, window: 5, max: 1}, priority: 70}\n"
    "  - {use: max_consecutive,  with: {where: 'type == \"video\"', max: 2}, priority: 60}\n"
    "  - {use: cold_start_quota, with: {where: 'is_new', min: 2, max: 4}, priority: 90}\n"
    "  - {use: ad_spacing,       with: {where: 'type == \"ad\"', gap: 3, first_slot: 3}, priority: "
    "100}\n"
    "  - {use: pin,              with: {id: v12, slot: 2}, priority: 110}\n"
    "  - {use: boost,            with: {where: 'is_new', add: 0.05}}\n";

// LIMIT: requests until every buffer has its size: each of the 16 sessions, and each slot of the
// ring of records (256 and 128 that are kept), is met at least once.
constexpr int kWarmUp = 1000;
constexpr int kCounted = 200;

// Allocations of the last requests of many, released as they come.
template <typename Fill>
std::uint64_t allocations_of(host::Engine& engine, Fill&& fill) {
  host::Request request;
  host::Rows rows;
  fill(rows, request);
  const lineup_input* input = request.view();
  int not_ok = 0;
  for (int i = 0; i < kWarmUp + kCounted; ++i) {
    if (i == kWarmUp) {
      allocations = 0;
      counting = true;
    }
    const lineup_result* result = nullptr;
    if (lineup_rerank(engine.raw(), input, &result) != LINEUP_OK) ++not_ok;
    if (result->answer != LINEUP_ANSWER_OK || result->slate_count != 10) ++not_ok;
    lineup_release(engine.raw(), result);
  }
  counting = false;
  CHECK(not_ok == 0);
  return allocations;
}

std::unique_ptr<host::Engine> open_with(const std::string& rules,
                                        std::vector<host::OverlayFile> more = {}) {
  host::Options options = quiet_options("");
  more.push_back({"policies/home.yaml",
                  policy(rules, std::string(kGraph) + "limits: {deadline_ms: 60000}\n")});
  options.overlay = std::move(more);
  return std::make_unique<host::Engine>(options);
}

// The feed's rows, categories as texts.
void fill_texts(host::Engine& engine, const Feed& feed, host::Rows& rows, host::Request& request) {
  rows.clear(static_cast<std::uint32_t>(feed.scores.size()));
  rows.ids(feed.ids);
  rows.column(engine.column("score"), feed.scores);
  rows.column(engine.column("category"), feed.category);
  rows.column(engine.column("author"), feed.author);
  rows.column(engine.column("type"), feed.type);
  rows.column(engine.column("is_new"), feed.is_new);
  request.scene(engine.scene("home"));
  request.id("r1");
  request.user("u1");
  request.candidates(rows);
}

}  // namespace

TEST_CASE("the counter counts") {
  counting = true;
  allocations = 0;
  auto text = std::make_unique<std::string>(100, 'x');
  counting = false;
  CHECK(text->size() == 100);
  CHECK(allocations >= 2);
}

TEST_CASE("a warm request with categories as texts allocates nothing") {
  const auto engine = open_with(std::string(kRules));
  const Feed feed(300);
  CHECK(allocations_of(*engine, [&](host::Rows& rows, host::Request& request) {
          fill_texts(*engine, feed, rows, request);
        }) == 0);
}

TEST_CASE("a warm request with categories as codes, history and context allocates nothing") {
  const auto engine = open_with(
      std::string(kRules) +
      "  - {use: boost, as: evening, with: {where: 'type == \"video\" and context.hour > 17', add: "
      "0.01}}\n");
  const Feed feed(300);
  const Feed seen(8);
  const host::Texts authors{"a0", "a1", "a2", "a3", "a4", "a5", "a6"};
  const host::Dictionary dictionary(authors);
  std::vector<std::uint32_t> codes;
  for (std::uint32_t row = 0; row < 300; ++row) codes.push_back(row % 7);
  host::Rows history;
  host::Request unused;
  fill_texts(*engine, seen, history, unused);
  CHECK(allocations_of(*engine, [&](host::Rows& rows, host::Request& request) {
          rows.clear(300);
          rows.ids(feed.ids);
          rows.column(engine->column("score"), feed.scores);
          rows.column(engine->column("category"), feed.category);
          rows.codes(engine->column("author"), codes, dictionary);
          rows.column(engine->column("type"), feed.type);
          rows.column(engine->column("is_new"), feed.is_new);
          request.scene(engine->scene("home"));
          request.candidates(rows);
          request.history(history);
          request.context(engine->context("hour"), std::int64_t{20});
          request.weight(engine->objective("relevance"), 2.0);
        }) == 0);
}

TEST_CASE("a warm request under an emergency overlay allocates nothing") {
  TestBundle bundle;
  bundle.write("policies/home.yaml",
               policy(std::string(kRules), std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
  bundle.write("lists/recalled.txt", "v203\nv204\n");
  bundle.write("emergency.yaml", "emergency: 1\nwho: ann\nwhy: a test\nmost: '50%'\nuntil: '" +
                                     format_time(wall_ms() + 86'400'000) +
                                     "'\nblock: {id: [v201, v202], type: nothing}\n"
                                     "block_lists: {id: recalled}\nswitch_off: [boost]\n");
  host::Engine engine(quiet_options(bundle.root()));
  const Feed feed(300);
  CHECK(allocations_of(engine, [&](host::Rows& rows, host::Request& request) {
          fill_texts(engine, feed, rows, request);
        }) == 0);
  CHECK_THAT(engine.status_json(), Catch::Contains("\"rows_removed\": 4800"));
}

TEST_CASE("a warm request with rows of pools, dates and experiments allocates nothing") {
  const auto engine = open_with(
      std::string(kRules) +
          "  - {use: boost, as: lately, with: {where: 'is_new or category starts with \"pr\"', "
          "add: "
          "0.01}, when: 'now >= time(\"2020-01-01\") + 7d and experiment.ranking == \"B\"'}\n"
          "  - {use: pin, as: banner, with: {id: banner, slot: 1}, priority: 200}\n"
          "pools: shelf\n",
      {{"pools/shelf.yaml",
        "- {id: banner, category: promo, author: us, expires: never}\n"
        "- {id: gone, category: promo, score: 9, expires: 2020-01-01}\n"}});
  const Feed feed(300);
  CHECK(allocations_of(*engine, [&](host::Rows& rows, host::Request& request) {
          fill_texts(*engine, feed, rows, request);
          request.experiment("ranking", "B");
        }) == 0);
}

TEST_CASE("a warm request whose rows feedback told of allocates nothing") {
  std::string text = policy(
      std::string(kRules) +
          "  - {use: boost, as: liked, with: {where: 'clicks > 2 or shown < 5', add: 0.01}}\n",
      "evidence:\n  shown: {exposed: true}\n  clicks: {event: click, half_life_ms: 86400000}\n"
      "limits: {deadline_ms: 60000}\n" +
          std::string(kGraph));
  text.insert(text.find("objectives:"), "  shown: {type: float}\n  clicks: {type: float}\n");
  host::Options options = quiet_options("");
  options.overlay = {{"policies/home.yaml", text}};
  host::Engine engine(options);
  for (int i = 0; i < 10; ++i) {
    engine.feedback("f" + std::to_string(i),
                    R"({"exposed": ["v1", "v3"], "events": [{"id": "v3", "type": "click"}]})");
  }
  const Feed feed(300);
  CHECK(allocations_of(engine, [&](host::Rows& rows, host::Request& request) {
          fill_texts(engine, feed, rows, request);
        }) == 0);
  CHECK_THAT(engine.status_json(), Catch::Contains("\"counts\": \"exposed\""));
}

TEST_CASE("a warm request whose nodes run side by side allocates nothing, whoever runs them") {
  host::Options options = quiet_options("");
  const std::string all = "from: [one, two, three]";
  options.overlay = {
      {"policies/home.yaml",
       policy(std::string(kRules),
              "limits: {deadline_ms: 60000}\n"
              "graph:\n"
              "  - {id: one,   generate: score_order}\n"
              "  - {id: two,   generate: mmr, with: {categories: [{column: author}]}}\n"
              "  - {id: three, generate: mmr, with: {theta: 0.4, categories: [{column: type}]}}\n"
              "  - {id: worth, evaluate: weighted_sum, " +
                  all +
                  "}\n"
                  "  - {id: again, evaluate: weighted_sum, " +
                  all + "}\n  - {id: best, select: best, from: [worth, again]}\n")}};
  options.workers = 2;
  host::Engine engine(options);
  const Feed feed(300);
  CHECK(allocations_of(engine, [&](host::Rows& rows, host::Request& request) {
          fill_texts(engine, feed, rows, request);
        }) == 0);
}

TEST_CASE("a warm request with a rule written as code allocates nothing outside its script") {
  const auto engine =
      open_with("  - {use: mine, priority: 50}\n",
                {{"rules/mine.lua",
                  "return rule {\n  name = \"mine\", about = \"No neighbours alike.\",\n"
                  "  allow = function(item, slate)\n"
                  "    return #slate == 0 or item.category ~= slate[-1].category\n  end,\n}\n"}});
  const Feed feed(60);
  CHECK(allocations_of(*engine, [&](host::Rows& rows, host::Request& request) {
          fill_texts(*engine, feed, rows, request);
        }) == 0);
}

}  // namespace lineup
