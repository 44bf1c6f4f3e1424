// SPDX-License-Identifier: Apache-2.0
//
// Feedback through the C interface becomes columns of the requests after it. Rules and pools read
// them, so that a test sees by the page what was counted.
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "host.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

std::string with_evidence(const std::string& evidence, const std::string& rules,
                          const std::string& graph = std::string(kGraph)) {
  std::string text =
      policy(rules, "evidence:\n" + evidence + "limits: {deadline_ms: 60000}\n" + graph);
  const std::string mark = "columns:\n";
  text.insert(text.find(mark) + mark.size(),
              "  exposures: {type: float}\n  clicks: {type: float}\n");
  return text;
}

// Whatever was clicked often comes first.
const std::string kCounted = "  exposures: {exposed: true}\n  clicks: {event: click}\n";
std::string first_with(const std::string& condition) {
  return "  - {use: boost, with: {where: '" + condition + "', add: 10}}\n";
}

std::string exposed(const std::vector<std::string>& ids) { return Json{{"exposed", ids}}.dump(); }
std::string clicked(const std::string& id, double value = 1.0) {
  return Json{{"events", {{{"id", id}, {"type", "click"}, {"value", value}}}}}.dump();
}

struct Served {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  Feed feed{30};
  std::int64_t now_ms = kNow;

  explicit Served(const std::string& text) {
    bundle.write("policies/home.yaml", text);
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
  }
  std::vector<std::uint32_t> page(const std::string& id = "asked") const {
    Caller caller(*engine);
    host::Request& request = caller.prepare(feed);
    request.now_ms(now_ms);
    request.id(id);
    request.keep();
    const host::Result result = caller.rerank();
    REQUIRE(result.answer() == host::Answer::Ok);
    return slate_of(result);
  }
  [[nodiscard]] std::uint32_t first() const { return page().at(0); }
  void tell(const std::string& request, const std::string& what) const {
    engine->feedback(request, what);
  }
  [[nodiscard]] Json status() const { return Json::parse(engine->status_json())["evidence"]; }
};

// So many requests of which all rows but `left_out` were seen.
void show_all_but(const Served& served, const std::string& left_out, const std::string& prefix) {
  std::vector<std::string> ids;
  for (std::uint32_t row = 0; row < 30; ++row) {
    const std::string id = "v" + std::to_string(row);
    if (id != left_out) ids.push_back(id);
  }
  for (int i = 0; i < 10; ++i) served.tell(prefix + std::to_string(i), exposed(ids));
}

}  // namespace

TEST_CASE("an item graduates from its pool because of feedback alone") {
  const Served served(with_evidence(
      kCounted, "",
      "graph:\n  - {id: page, generate: thompson, with: {slots: [4], pools: [{until: 10}]}}\n"
      "  - {id: value, evaluate: weighted_sum, from: [page]}\n"
      "  - {id: best, select: best, from: [value]}\n"));
  show_all_but(served, "v29", "before");
  // The one row that is left in the pool has its slot.
  CHECK(served.page() == std::vector<std::uint32_t>{0, 1, 2, 29, 3, 4, 5, 6, 7, 8});
  for (int i = 0; i < 9; ++i) served.tell("after" + std::to_string(i), exposed({"v29"}));
  CHECK(served.page()[3] == 29);
  served.tell("after9", exposed({"v29"}));
  CHECK(served.page() == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("the same feedback twice counts once, and so does a row that is told twice") {
  const Served served(with_evidence(kCounted, first_with("clicks >= 2") +
                                                  "  - {use: boost, as: seen, with: {where: "
                                                  "'exposures >= 2', add: 20}}\n"));
  served.tell("r1", clicked("v20"));
  served.tell("r1", clicked("v20"));
  served.tell("r1", exposed({"v25"}));
  served.tell("r1", exposed({"v25", "v26"}));
  CHECK(served.first() == 0);
  served.tell("r2", clicked("v20"));
  CHECK(served.first() == 20);
  served.tell("r2", exposed({"v25"}));
  CHECK(served.first() == 25);
}

TEST_CASE("events count by their value, and other types and negative ones do not count") {
  const Served served(with_evidence(kCounted, first_with("clicks >= 2.5")));
  served.tell("r1", R"({"events": [{"id": "v20", "type": "like", "value": 9}]})");
  served.tell("r2", clicked("v20", 2.0));
  served.tell("r3", clicked("v20", -4.0));
  CHECK(served.first() == 0);
  served.tell("r4", clicked("v20", 0.5));
  CHECK(served.first() == 20);
}

TEST_CASE("what the host gives for a row stays, and what it leaves out is filled") {
  const Served served(with_evidence(kCounted, first_with("clicks == 5 or clicks == 1")));
  served.tell("r1", clicked("v20"));
  served.tell("r1", clicked("v21"));
  std::vector<float> clicks(30, 0.0F);
  clicks[20] = 3.0F;
  clicks[21] = 7.0F;
  clicks[22] = 5.0F;
  std::uint64_t given = 0x3FFFFFFF & ~(1ULL << 21);
  Caller caller(*served.engine);
  host::Request& request = caller.prepare(served.feed);
  caller.rows.column(served.engine->column("clicks"), clicks, host::Validity(&given, 1));
  request.candidates(caller.rows);
  const auto slate = slate_of(caller.rerank());
  CHECK(slate == std::vector<std::uint32_t>{21, 22, 0, 1, 2, 3, 4, 5, 6, 7});
  // All of it given: nothing is filled.
  given |= 1ULL << 21;
  CHECK(slate_of(caller.rerank()).at(0) == 22);
}

TEST_CASE("with a half-life old feedback weighs less by the clock of the request") {
  Served served(with_evidence("  clicks: {event: click, half_life_ms: 86400000}\n",
                              first_with("clicks >= 3")));
  CHECK(served.first() == 0);  // tells the time
  served.tell("r1", clicked("v20", 4.0));
  CHECK(served.first() == 20);
  served.now_ms += kDay;
  CHECK(served.first() == 0);
  served.tell("r2", clicked("v20", 1.5));
  CHECK(served.first() == 20);
}

TEST_CASE("counts outlive revisions, and two columns of the same counts share them") {
  const Served served(with_evidence(kCounted, first_with("clicks >= 2")));
  served.tell("r1", clicked("v20"));
  served.bundle.write("policies/home.yaml",
                      with_evidence("  exposures: {event: click}\n  clicks: {event: click}\n",
                                    first_with("clicks >= 2 and exposures >= 2")));
  served.engine->reload();
  CHECK(served.first() == 0);
  served.tell("r2", clicked("v20"));
  CHECK(served.first() == 20);
  CHECK(served.status().size() == 1 + 1);  // exposures of the revision before are kept with it
}

TEST_CASE("a full memory forgets the item heard of longest ago, and status and metrics say so") {
  const Served served(
      with_evidence("  clicks: {event: click, items: 8}\n", first_with("clicks >= 1")));
  for (int i = 0; i < 10; ++i) {
    const std::string item = std::to_string(20 + i);
    served.tell("r" + item, clicked("v" + item));
  }
  CHECK(served.page() == std::vector<std::uint32_t>{22, 23, 24, 25, 26, 27, 28, 29, 0, 1});
  const Json status = served.status();
  REQUIRE(status.size() == 1);
  CHECK(status[0]["counts"] == "event");
  CHECK(status[0]["event"] == "click");
  CHECK(status[0]["places"] == 8);
  CHECK(status[0]["items"] == 8);
  CHECK(status[0]["forgotten"] == 2);
  CHECK_THAT(served.engine->metrics_text(),
             Catch::Contains("lineup_evidence_forgotten_total{event=\"click\",half_life_ms=\"0\","
                             "places=\"8\"} 2"));
}

TEST_CASE("a record replays as it was, whatever feedback told since") {
  const Served served(with_evidence(kCounted, first_with("clicks >= 1")));
  served.tell("r1", clicked("v20"));
  CHECK(served.page("first").at(0) == 20);
  served.tell("r2", clicked("v21"));
  CHECK(served.page("second") == std::vector<std::uint32_t>{20, 21, 0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(Json::parse(served.engine->replay("first"))["same"] == true);
}

TEST_CASE("a page is audited with what feedback told of its rows") {
  const Served served(
      with_evidence(kCounted, "  - {use: block, with: {where: 'clicks >= 1'}, required: true}\n"));
  CHECK(served.first() == 0);
  served.tell("r1", clicked("v0"));
  CHECK(served.first() == 1);
  Caller caller(*served.engine);
  const std::vector<std::uint32_t> page{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const host::Result audited = served.engine->verify(caller.prepare(served.feed), page);
  REQUIRE(audited.relaxed().size() == 1);
  CHECK(abi::view(audited.relaxed()[0].rule) == "block");
}

TEST_CASE("rows without ids are nobody's, however the host says that they have none") {
  const Served served(with_evidence(kCounted, first_with("clicks >= 1")));
  served.tell("r1", R"({"events": [{"id": 5, "type": "click"}, {"type": "click"}]})");
  CHECK(served.status()[0]["items"].get<int>() + served.status()[1]["items"].get<int>() == 1);
  Caller caller(*served.engine);
  host::Request& request = caller.prepare(served.feed);
  request.keep();
  lineup_input input = *request.view();
  lineup_rows rows = *input.candidates;
  lineup_ids none{};
  none.struct_size = sizeof none;
  input.candidates = &rows;
  for (const lineup_ids* ids : {static_cast<const lineup_ids*>(nullptr), &std::as_const(none)}) {
    rows.ids = ids;
    const lineup_result* result = nullptr;
    REQUIRE(lineup_rerank(served.engine->raw(), &input, &result) == LINEUP_OK);
    CHECK(result->answer == LINEUP_ANSWER_OK);
    CHECK(result->slate[0] == 0);
    lineup_release(served.engine->raw(), result);
  }
}

TEST_CASE("what no request may be is refused, and not read for evidence before") {
  const Served served(with_evidence(kCounted, first_with("clicks >= 1")));
  Caller caller(*served.engine);
  lineup_input input = *caller.prepare(served.feed).view();
  lineup_rows rows = *input.candidates;
  input.candidates = &rows;
  const auto answer = [&] {
    const lineup_result* result = nullptr;
    REQUIRE(lineup_rerank(served.engine->raw(), &input, &result) == LINEUP_OK);
    const std::int32_t out = result->answer;
    lineup_release(served.engine->raw(), result);
    return out;
  };
  // More rows than the policy takes.
  const Feed crowd(20'000);
  rows = *caller.prepare(crowd).view()->candidates;
  CHECK(answer() == LINEUP_ANSWER_ERROR);
  rows = *caller.prepare(served.feed).view()->candidates;
  // A column that says which of its values are there, and has none.
  const std::uint64_t all_there = ~std::uint64_t{0};
  lineup_column hollow{};
  hollow.struct_size = sizeof hollow;
  hollow.type = LINEUP_TYPE_F64;
  hollow.validity = &all_there;
  const lineup_column* column = &hollow;
  lineup_handle handle = 0;
  const std::string_view name = "clicks";
  REQUIRE(lineup_bind_column(served.engine->raw(), {name.data(), name.size()}, &handle) ==
          LINEUP_OK);
  rows.column_count = 1;
  rows.handles = &handle;
  rows.columns = &column;
  CHECK(answer() == LINEUP_ANSWER_ERROR);
}

TEST_CASE("feedback is counted while others ask and revisions are exchanged") {
  const std::string text = with_evidence(kCounted, first_with("clicks >= 200"));
  const Served served(text);
  std::atomic<bool> is_over{false};
  std::thread asking([&] {
    Caller caller(*served.engine);
    while (!is_over) static_cast<void>(caller.rerank(served.feed));
  });
  std::thread telling([&] {
    for (int i = 0; i < 200; ++i) {
      served.tell("r" + std::to_string(i), clicked("v20"));
      served.tell("r" + std::to_string(i), exposed({"v20", "v21"}));
    }
  });
  for (int step = 0; step < 5; ++step) {
    served.bundle.write("policies/home.yaml", "# " + std::to_string(step) + "\n" + text);
    served.engine->reload();
  }
  telling.join();
  is_over = true;
  asking.join();
  CHECK(served.first() == 20);
}

}  // namespace lineup
