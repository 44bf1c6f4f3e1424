// SPDX-License-Identifier: Apache-2.0
//
// What a host does beside asking for pages: audit them, look into records, play them again, tell
// what was shown, open drafts, ask for an earlier revision.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "host.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kScatter =
    "  - {use: category_scatter, with: {by: category, window: 3, max: 1}, priority: 50}\n"
    "  - {use: author_cap, as: soft_cap, with: {by: author, max: 1}, weight: 0.01}\n";

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out.push_back(Json::parse(line));
  return out;
}

struct Host {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
  Feed feed{40};

  explicit Host(bool mask_user = false) {
    bundle.write("policies/home.yaml", policy(std::string(kScatter)));
    host::Options options = quiet_options(bundle.root());
    options.record_mask_user = mask_user;
    engine = std::make_unique<host::Engine>(options);
    caller = std::make_unique<Caller>(*engine);
  }
  // A page for `user`; the feed's order is turned by `turn`, so that requests differ.
  std::vector<std::uint32_t> page(const std::string& id, const std::string& user,
                                  std::uint32_t turn = 0) {
    Feed turned = feed;
    for (std::uint32_t row = 0; row < 40; ++row) {
      turned.scores[row] = feed.scores[(row + turn) % 40];
    }
    host::Request& request = caller->prepare(turned);
    request.id(id);
    request.user(user);
    return slate_of(caller->rerank());
  }
  std::size_t found(const Json& query) {
    return lines_of(engine->records_json(query.dump())).size();
  }
};

}  // namespace

TEST_CASE("verify audits anybody's page") {
  Host host;
  const host::Request& request = host.caller->prepare(host.feed);
  const auto good = slate_of(host.caller->rerank());
  CHECK(host.engine->verify(request, good).answer() == host::Answer::Ok);

  const std::vector<std::uint32_t> bad = {0, 1, 4, 6};  // v0 and v1 share category c0
  const host::Result result = host.engine->verify(request, bad);
  CHECK(result.answer() == host::Answer::Relaxed);
  REQUIRE(result.relaxed().size() >= 1);
  CHECK(abi::view(result.relaxed()[0].rule) == "category_scatter");
  CHECK(result.relaxed()[0].violations > 0);

  const std::vector<std::uint32_t> same_author = {0, 7};  // a soft rule is listed as such
  const host::Result soft = host.engine->verify(request, same_author);
  REQUIRE(soft.relaxed().size() == 1);
  CHECK(abi::view(soft.relaxed()[0].rule) == "soft_cap");
  CHECK(abi::view(soft.relaxed()[0].reason) == "soft");
  CHECK(soft.answer() == host::Answer::Ok);

  const std::vector<std::uint32_t> twice = {0, 1, 0};
  CHECK(host.engine->verify(request, twice).answer() == host::Answer::Error);
  const std::vector<std::uint32_t> outside = {0, 400};
  CHECK(host.engine->verify(request, outside).answer() == host::Answer::Error);
}

TEST_CASE("records are found by request, user, item and scene") {
  Host host;
  host.page("r1", "u1");
  host.page("r2", "u2", 13);
  host.page("r3", "u1", 26);
  CHECK(host.found(Json::object()) == 3);
  CHECK(host.found({{"most", 2}}) == 2);
  CHECK(host.found({{"request", "r2"}}) == 1);
  CHECK(host.found({{"user", "u1"}}) == 2);
  CHECK(host.found({{"user", "u9"}}) == 0);
  CHECK(host.found({{"scene", "home"}}) == 3);
  CHECK(host.found({{"scene", "away"}}) == 0);

  const auto whole = lines_of(host.engine->records_json(R"({"request": "r1", "whole": true})"));
  REQUIRE(whole.size() == 1);
  CHECK(whole[0]["user"] == "u1");
  CHECK(whole[0]["status"] == "ok");
  const std::string item = "v" + std::to_string(whole[0]["slate_rows"][0].get<int>());
  CHECK(host.found({{"item", item}, {"request", "r1"}}) == 1);
  CHECK(host.found({{"item", "v999"}}) == 0);
  CHECK_THROWS_AS(host.engine->records_json("{nonsense"), host::Error);
}

TEST_CASE("a masked user is found and nowhere named") {
  Host host(true);
  host.page("r1", "gertrude");
  CHECK(host.found({{"user", "gertrude"}}) == 1);
  const std::string all = host.engine->records_json(R"({"whole": true})");
  CHECK(all.find("gertrude") == std::string::npos);
  CHECK(Json::parse(host.engine->replay("r1"))["same"] == true);
}

TEST_CASE("a recorded request played again gives the same page to the byte") {
  Host host;
  const auto slate = host.page("r1", "u1", 5);
  host.page("r2", "u2", 9);
  Json played = Json::parse(host.engine->replay("r1"));
  CHECK(played["same"] == true);
  CHECK(played["replayed"].get<std::vector<std::uint32_t>>() == slate);

  // On the revision that made it, whatever serves now.
  host.bundle.write("policies/home.yaml", policy("  - {use: pin, with: {id: v30, slot: 1}, "
                                                 "priority: 9}\n"));
  host.engine->reload();
  CHECK(host.page("r3", "u1", 5)[0] == 30);
  played = Json::parse(host.engine->replay("r1"));
  CHECK(played["same"] == true);
  CHECK(played["replayed"].get<std::vector<std::uint32_t>>() == slate);

  CHECK_THROWS_AS(host.engine->replay("r999"), host::Error);
}

TEST_CASE(
    "a request with codes of a large dictionary is recorded small and played again the same") {
  TestBundle bundle;
  bundle.write("policies/home.yaml",
               "lineup: 1\nscene: home\npage: 10\n"
               "columns:\n"
               "  score:  {type: float}\n"
               "  author: {type: category}\n"
               "  tags:   {type: categories}\n"
               "rules:\n"
               "  - {use: author_cap, with: {by: author, max: 1}, priority: 50}\n"
               "  - {use: category_scatter, with: {by: tags, window: 4, max: 1}, priority: 40}\n" +
                   std::string("graph:\n  - {id: page, generate: score_order}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  host::Texts names;
  for (int i = 0; i < 100'000; ++i) names.add("author-" + std::to_string(i));
  const host::Dictionary dictionary(names);
  std::vector<double> scores;
  std::vector<std::uint32_t> authors;
  std::vector<std::uint32_t> tags;
  std::vector<std::uint32_t> tag_offsets = {0};
  for (std::uint32_t row = 0; row < 40; ++row) {
    scores.push_back(1.0 - row * 0.01);
    authors.push_back(row % 9 == 4 ? LINEUP_NO_CODE : row / 2 % 7 * 12'345);
    for (std::uint32_t i = 0; i < row % 3; ++i) {
      tags.push_back(row % 5 == 3 ? LINEUP_NO_CODE : (row + i) % 11 * 9'001);
    }
    tag_offsets.push_back(static_cast<std::uint32_t>(tags.size()));
  }
  host::Rows rows;
  rows.clear(40);
  rows.column(engine.column("score"), scores);
  rows.codes(engine.column("author"), authors, dictionary);
  rows.code_lists(engine.column("tags"), tags, tag_offsets, dictionary);
  host::Request request;
  request.scene(engine.scene("home"));
  request.candidates(rows);
  request.id("r1");
  const std::vector<std::uint32_t> slate = slate_of(engine.rerank(request));
  REQUIRE(slate.size() == 10);
  const Json played = Json::parse(engine.replay("r1"));
  CHECK(played["same"] == true);
  CHECK(played["replayed"].get<std::vector<std::uint32_t>>() == slate);
}

TEST_CASE("a request whose revision is gone cannot be played again, and that is said") {
  Host host;
  host.page("r1", "u1");
  for (int i = 0; i < 8; ++i) {
    host.bundle.write("policies/home.yaml",
                      policy(std::string(kScatter)) + "# " + std::to_string(i) + "\n");
    host.engine->reload();
  }
  try {
    static_cast<void>(host.engine->replay("r1"));
    FAIL("it was played");
  } catch (const host::Error& error) {
    CHECK(error.status() == LINEUP_E_NOT_FOUND);
    CHECK(std::string(error.what()).find("is not kept any more") != std::string::npos);
  }
}

TEST_CASE("an earlier revision serves the second page of a feed by the rules of the first") {
  Host host;
  const auto before = host.page("r1", "u1");
  const std::string first(host.caller->rerank(host.feed).revision());
  host.bundle.write("policies/home.yaml", policy("  - {use: pin, with: {id: v30, slot: 1}, "
                                                 "priority: 9}\n"));
  host.engine->reload();
  host.caller->prepare(host.feed);
  CHECK(host.caller->rerank().slate()[0] == 30);
  host.caller->request.revision(first);
  const host::Result result = host.caller->rerank();
  CHECK(result.revision() == first);
  CHECK(slate_of(result) == before);
  host.caller->request.revision("of another engine");
  const host::Result unknown = host.caller->rerank();
  CHECK(unknown.answer() == host::Answer::Error);
  CHECK(unknown.error() == "that revision is not kept any more");
}

TEST_CASE("the same feedback counts once") {
  Host host;
  host.page("r1", "u1");
  const std::string shown =
      R"({"exposed": ["v0", "v1"], "events": [{"id": "v0", "type": "click"}]})";
  CHECK(host.engine->feedback("r1", shown));
  CHECK(host.engine->feedback("r1", shown));
  CHECK_FALSE(host.engine->feedback("r7", shown));  // no record of it: counted all the same
  const auto counts = Json::parse(host.engine->status_json())["feedback"];
  CHECK(counts["all"] == 2);
  CHECK(counts["repeated"] == 1);
  CHECK(counts["exposed"] == 4);
  CHECK(counts["events"] == 2);
  CHECK_THROWS_AS(host.engine->feedback("r1", "{nonsense"), host::Error);
}

TEST_CASE("a bundle in memory alone serves, and its drafts come and go") {
  host::Options options = quiet_options("");
  options.overlay = {{"policies/home.yaml", policy(std::string(kScatter))}};
  host::Engine engine(options);
  Caller caller(engine);
  const Feed feed(40);
  const auto before = slate_of(caller.rerank(feed));

  const std::string pinned = policy("  - {use: mine, priority: 9}\n");
  const std::string rule =
      "return rule {\n  name = \"mine\", about = \"Pins.\",\n  parameters = { item = id { default "
      "= \"v30\", about = \"What.\" } },\n  constraints = function(p) return place { id = p.item, "
      "slots = 1 } end,\n}\n";
  engine.reload({{"policies/home.yaml", pinned}, {"rules/mine.lua", rule}});
  CHECK(caller.rerank(feed).slate()[0] == 30);

  // A draft with a fault is refused and shows what it is about.
  try {
    engine.reload({{"policies/home.yaml", pinned}});
    FAIL("the rule is not there");
  } catch (const host::Error& error) {
    CHECK(std::string(error.what()).find("unknown rule `mine`") != std::string::npos);
  }
  CHECK(caller.rerank(feed).slate()[0] == 30);
  engine.reload({{"policies/home.yaml", policy(std::string(kScatter))}});
  CHECK(slate_of(caller.rerank(feed)) == before);
}

TEST_CASE("an overlay stands over the files on disk and can take them away") {
  Host host;
  const auto before = host.page("r1", "u1");
  host.engine->reload({{"policies/home.yaml", policy("")}});
  CHECK(host.page("r2", "u1") != before);
  CHECK_THROWS_AS(host.engine->reload({{"policies/home.yaml", "", true}}), host::Error);
  host.engine->reload(std::vector<host::OverlayFile>{});
  CHECK(host.page("r3", "u1") == before);
}

TEST_CASE("what the host lends is not written") {
  TestBundle bundle;
  bundle.write(
      "policies/home.yaml",
      policy("  - {use: boost, with: {where: 'is_new', add: 0.5, multiply: 2}}\n"
             "  - {use: category_scatter, with: {by: category, window: 3}, priority: 5}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(200);
  const Feed before = feed;
  for (int i = 0; i < 3; ++i) CHECK(caller.rerank(feed).slate()[0] == 5);
  CHECK(feed.scores == before.scores);
  CHECK(feed.is_new == before.is_new);
  for (const auto column : {&Feed::ids, &Feed::category, &Feed::author, &Feed::type}) {
    const host::Texts& now = feed.*column;
    const host::Texts& then = before.*column;
    CHECK(std::equal(now.offsets(), now.offsets() + 201, then.offsets()));
    CHECK(std::string_view(now.bytes(), now.offsets()[200]) ==
          std::string_view(then.bytes(), then.offsets()[200]));
  }
}

TEST_CASE("calls that make no sense are refused, not answered") {
  Host host;
  lineup_input input{};
  input.struct_size = sizeof input;
  const lineup_result* result = nullptr;
  CHECK(lineup_rerank(nullptr, &input, &result) == LINEUP_E_INVALID_INPUT);
  CHECK(lineup_rerank(host.engine->raw(), nullptr, &result) == LINEUP_E_INVALID_INPUT);
  input.weight_count = 3;  // and no weights
  CHECK(lineup_rerank(host.engine->raw(), &input, &result) == LINEUP_E_INVALID_INPUT);
  CHECK(result == nullptr);
  lineup_release(host.engine->raw(), nullptr);
  lineup_close(nullptr);
  CHECK(std::string(lineup_version()) == "0.1.0");
}

TEST_CASE("more worker threads than may help are refused with the number that may") {
  host::Options options = quiet_options("");
  options.overlay = {{"policies/home.yaml", policy("")}};
  options.workers = LINEUP_WORKERS_MAX + 1;
  try {
    const host::Engine engine(options);
    FAIL("it was opened");
  } catch (const host::Error& error) {
    CHECK(error.status() == LINEUP_E_INVALID_INPUT);
    CHECK(std::string(error.what()) == "257 worker threads are too many: at most 256 may help");
  }
}

TEST_CASE("results that are held keep their contents while others are served") {
  Host host;
  const host::Result first = host.caller->rerank(host.feed);
  const auto slate = slate_of(first);
  Caller other(*host.engine);
  const Feed small(5);
  for (int i = 0; i < 50; ++i) static_cast<void>(other.rerank(small));
  host.bundle.write("policies/home.yaml", policy(""));
  host.engine->reload();
  CHECK(slate_of(first) == slate);
  CHECK(host.engine->status_json().size() > 0);
}

}  // namespace lineup
