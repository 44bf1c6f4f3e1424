// SPDX-License-Identifier: Apache-2.0
//
// Rows of pools through the C interface: what the slate says of them, who may audit them, and what
// is left of them in records and packed answers.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "host.hpp"
#include "packed_request.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kPools =
    "  - {use: pin, with: {id: banner, slot: 1}, priority: 9}\n"
    "pools: shelf\n";

// A feed of six with a banner in front, until the end of 2026.
struct Shelf {
  explicit Shelf(const std::string& rest = std::string(kGraph)) {
    bundle.write("policies/home.yaml",
                 policy(std::string(kPools), rest + "limits: {deadline_ms: 60000}\n"));
    bundle.write("pools/shelf.yaml",
                 "- {id: banner, category: promo, expires: 2027-01-01}\n"
                 "- {id: pick, score: 0.945, expires: never}\n");
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    caller = std::make_unique<Caller>(*engine);
  }
  host::Request& prepare() {
    host::Request& request = caller->prepare(feed);
    request.id("r1");
    request.page(4);
    request.now_ms(1'767'225'600'000);  // 2026-01-01
    return request;
  }
  // "banner* v0 v1": rows of pools are marked.
  [[nodiscard]] std::string page(const host::Result& result) const {
    std::string out;
    for (const std::uint32_t row : result.slate()) {
      out += out.empty() ? "" : " ";
      if (row < feed.scores.size()) {
        out += feed.ids[row];
      } else {
        const auto inserted = row - static_cast<std::uint32_t>(feed.scores.size());
        REQUIRE(inserted < result.pool_rows().size());
        CHECK(abi::view(result.pool_rows()[inserted].pool) == "shelf");
        out += std::string(abi::view(result.pool_rows()[inserted].id)) + "*";
      }
    }
    return out;
  }

  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
  Feed feed{6};
};

}  // namespace

TEST_CASE("the answer names the rows of pools that its slate shows") {
  Shelf shelf;
  shelf.prepare();
  CHECK(shelf.page(shelf.caller->rerank()) == "banner* v0 v1 v2");
  shelf.prepare().page(8);
  const host::Result all = shelf.caller->rerank();
  CHECK(shelf.page(all) == "banner* v0 v1 v2 v3 v4 v5 pick*");
  CHECK(all.warnings().empty());
}

TEST_CASE("rows of pools compete by their score") {
  Shelf shelf;
  shelf.bundle.write("pools/shelf.yaml", "- {id: pick, score: 0.985, expires: never}\n");
  shelf.engine->reload();
  shelf.prepare();
  CHECK(shelf.page(shelf.caller->rerank()) == "v0 v1 pick* v2");
}

TEST_CASE("the row of the batch wins over the row of a pool with its id") {
  Shelf shelf;
  shelf.bundle.write("pools/shelf.yaml", "- {id: v3, score: 9, expires: never}\n");
  shelf.engine->reload();
  shelf.prepare();
  const host::Result result = shelf.caller->rerank();
  CHECK(shelf.page(result) == "v0 v1 v2 v3");
  CHECK(result.warnings().empty());
}

TEST_CASE(
    "a page with rows of pools can be audited, and one that shows what has ended is refused") {
  Shelf shelf;
  const std::vector<std::uint32_t> slate = {6, 0, 1, 7};
  CHECK(shelf.engine->verify(shelf.prepare(), slate).answer() == host::Answer::Ok);
  const std::vector<std::uint32_t> late = {0, 6, 1};
  CHECK(shelf.engine->verify(shelf.prepare(), late).answer() == host::Answer::Relaxed);
  const std::vector<std::uint32_t> outside = {8};
  CHECK(shelf.engine->verify(shelf.prepare(), outside).answer() == host::Answer::Error);
  host::Request& request = shelf.prepare();
  request.now_ms(1'798'761'600'000);  // 2027-01-01
  const host::Result ended = shelf.engine->verify(request, slate);
  CHECK(ended.answer() == host::Answer::Error);
  CHECK(ended.error() == "slot 1: row `banner` of pool `shelf` is not shown at this time");
}

TEST_CASE("a recorded page with rows of pools is found by them and played again") {
  Shelf shelf;
  shelf.prepare();
  (void)shelf.caller->rerank();
  CHECK(Json::parse(shelf.engine->replay("r1"))["same"] == true);
  const std::string found = shelf.engine->records_json(R"({"item": "banner"})");
  CHECK(found.find("r1") != std::string::npos);
  CHECK(shelf.engine->records_json(R"({"item": "pick"})").find("r1") == std::string::npos);
}

TEST_CASE("a packed answer says which rows of pools it shows") {
  Shelf shelf;
  PackedRequest request;
  const lineup_packed_rows candidates = pack_rows(request, shelf.feed);
  const lineup_packed_text scene = request.put_text("home");
  request.header().candidates = candidates;
  request.header().scene = scene;
  request.header().page = 3;
  request.header().now_ms = 1'767'225'600'000;
  const auto bytes = request.finish();
  const void* response = nullptr;
  std::uint64_t size = 0;
  REQUIRE(lineup_rerank_packed(shelf.engine->raw(), bytes.data(), bytes.size(), &response, &size) ==
          LINEUP_OK);
  const auto* data = static_cast<const char*>(response);
  const PackedAnswer answer = read_answer({static_cast<const std::byte*>(response), size});
  CHECK(answer.slate == std::vector<std::uint32_t>{6, 0, 1});
  REQUIRE(answer.header.pool_row_count == 2);
  lineup_packed_pair row{};
  std::memcpy(&row, data + answer.header.pool_rows, sizeof row);
  CHECK(std::string_view(data + row.name.offset, row.name.size) == "shelf");
  CHECK(std::string_view(data + row.value.offset, row.value.size) == "banner");
  lineup_release_packed(shelf.engine->raw(), response);
}

TEST_CASE(
    "a slate that breaks rules that could hold is mended, or discarded where the policy says") {
  TestBundle bundle;
  bundle.add_plugin(std::string(kBinaryDir) + "/tests/engine_plugins/last_first.so", "last_first");
  // Code: nobody can look ahead through it, so that placing the last row first ends badly.
  bundle.write("rules/apart.lua", R"(return rule {
  name = "apart", about = "No two neighbours of one category.",
  allow = function(item, slate, context, p) return not item:same(slate[-1], "category") end,
}
)");
  const auto page_of = [&](const std::string& on_violation, std::uint32_t rows, Json& requests) {
    bundle.write("policies/home.yaml", policy("  - {use: apart, priority: 5}\n",
                                              "graph:\n"
                                              "  - {id: page, generate: last_first}\n"
                                              "limits: {deadline_ms: 60000}\n"
                                              "on_violation: " +
                                                  on_violation + "\n"));
    host::Engine engine(quiet_options(bundle.root()));
    Caller caller(engine);
    const Feed feed(rows);
    const host::Result result = caller.rerank(feed);
    requests = Json::parse(engine.status_json())["requests"];
    return std::string(result.answer() == host::Answer::Fallback  ? "fallback "
                       : result.answer() == host::Answer::Relaxed ? "relaxed "
                                                                  : "ok ") +
           shown(result, feed);
  };
  Json requests;
  // v0 and v1 share a category, v2 has another.
  CHECK(page_of("solve", 3, requests) == "ok v0 v2 v1");
  CHECK(requests["discarded"] == 0);
  CHECK(page_of("discard", 3, requests).substr(0, 9) == "fallback ");
  CHECK(requests["discarded"] == 1);
  // What no page can hold is no fault of the slate.
  CHECK(page_of("discard", 2, requests) == "relaxed v1 v0");
  CHECK(requests["discarded"] == 0);
}

TEST_CASE("a list that is emptied while it serves is taken up and warned of") {
  TestBundle bundle;
  bundle.write("policies/home.yaml",
               policy("  - {use: block, with: {where: 'id in list.blocked'}}\n"));
  bundle.write("lists/blocked.txt", "v0\n");
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(3);
  CHECK(shown(caller.rerank(feed), feed) == "v1 v2");
  bundle.write("lists/blocked.txt", "# nobody\n");
  engine.reload();
  CHECK(shown(caller.rerank(feed), feed) == "v0 v1 v2");
  CHECK(engine.status_json().find("list `blocked` is empty") != std::string::npos);
  bundle.remove("lists/blocked.txt");
  CHECK_THROWS_AS(engine.reload(), host::Error);
  CHECK(shown(caller.rerank(feed), feed) == "v0 v1 v2");
}

TEST_CASE("the fallback may keep the order of the request, and filters still hold") {
  TestBundle bundle;
  bundle.add_plugin(std::string(kBinaryDir) + "/tests/engine_plugins/emits_nothing.so",
                    "emits_nothing");
  bundle.write("policies/home.yaml",
               policy("  - {use: block, with: {where: 'id == \"v1\"'}}\n",
                      "graph:\n"
                      "  - {id: page, generate: emits_nothing}\n"
                      "  - {id: value, evaluate: weighted_sum, from: [page]}\n"
                      "  - {id: best, select: best, from: [value]}\n"
                      "fallback: input_order\n"));
  const host::Engine engine(quiet_options(bundle.root()));
  Caller caller(const_cast<host::Engine&>(engine));
  Feed feed(5);
  std::reverse(feed.scores.begin(), feed.scores.end());
  const host::Result result = caller.rerank(feed);
  CHECK(result.answer() == host::Answer::Fallback);
  CHECK(shown(result, feed) == "v0 v2 v3 v4");
}

}  // namespace lineup
