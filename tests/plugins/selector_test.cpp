// SPDX-License-Identifier: Apache-2.0
//
// What a policy may ask of the selector `best`: a floor, something to maximise, an incumbent that
// keeps its place, exploration whose propensities add up.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "graph_scene.hpp"

using namespace lineup::testing;
using lineup::host::Answer;

namespace {

std::string graph_with(const std::string& options) {
  return "  - {id: page, generate: score_order}\n"
         "  - {id: drawn, generate: sampled, with: {slates: 100, temperature: 0.6}}\n"
         "  - {id: value, evaluate: weighted_sum, from: [page, drawn]}\n"
         "  - {id: best, select: best, from: [value], with: {" +
         options + "}}\n";
}

double clicks(const MixedRows& rows, const GraphAnswer& answer) {
  return discounted(rows.score, answer.slate);
}
double money(const MixedRows& rows, const GraphAnswer& answer) {
  return discounted(rows.revenue, answer.slate);
}

std::string refusal(const std::string& options) {
  try {
    GraphScene scene(graph_with(options), 5);
  } catch (const std::exception& fault) {
    return fault.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a floor is kept and the rest is sold", "[selector]") {
  GraphScene best(graph_with(""), 6);
  GraphScene sold(graph_with("maximize: money"), 6);
  GraphScene floored(graph_with("maximize: money, floor: clicks, at_least: '60%'"), 6);
  GraphScene absolute(graph_with("maximize: money, floor: clicks, at_least: 100"), 6);
  double sold_money = 0.0, floored_money = 0.0, best_money = 0.0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const MixedRows rows(30, seed);
    const GraphAnswer top = best.ask(rows, seed);
    const GraphAnswer most = sold.ask(rows, seed);
    const GraphAnswer both = floored.ask(rows, seed);
    CHECK(clicks(rows, both) >= 0.6 * clicks(rows, top) - 1e-9);
    CHECK(money(rows, both) <= money(rows, most) + 1e-9);
    CHECK(money(rows, both) >= money(rows, top) - 1e-9);
    sold_money += money(rows, most);
    floored_money += money(rows, both);
    best_money += money(rows, top);
    // A floor that nothing reaches: what comes nearest.
    CHECK(clicks(rows, absolute.ask(rows, seed)) == Approx(clicks(rows, top)));
  }
  CHECK(sold_money > floored_money);
  CHECK(floored_money > best_money);
}

TEST_CASE("an incumbent stays until it is beaten by more than the hysteresis", "[selector]") {
  const std::string names = "incumbent: page, hysteresis: ";
  GraphScene free(graph_with(""), 6);
  GraphScene a_little(graph_with(names + "0.02"), 6);
  GraphScene firmly(graph_with(names + "1"), 6);
  int moved = 0, held = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const MixedRows rows(30, seed);
    // With money, the order by score is not the best page.
    const GraphAnswer open = free.ask(rows, seed, 2.0);
    const GraphAnswer steady = a_little.ask(rows, seed, 2.0);
    const GraphAnswer incumbent = firmly.ask(rows, seed, 0.0);
    const auto worth = [&](const GraphAnswer& answer) {
      return clicks(rows, answer) + 2.0 * money(rows, answer);
    };
    if (worth(open) > 1.02 * worth(incumbent) + 1e-9) {
      CHECK(steady.slate == open.slate);
      ++moved;
    } else {
      CHECK(steady.slate == incumbent.slate);
      ++held;
    }
  }
  CHECK(moved + held == 20);
  CHECK(moved > 0);
}

TEST_CASE("exploration draws every slate as often as its propensity says", "[selector]") {
  GraphScene scene(graph_with("epsilon: 0.4"), 3);
  GraphScene greedy(graph_with(""), 3);
  const MixedRows rows(4, 3);
  constexpr int kDraws = 3000;
  // Every page that one seed's slates hold, with its propensity; the share of requests that got
  // their best page must be the mean of what was told.
  double told = 0.0, seen = 0.0;
  std::set<double> propensities;
  for (int draw = 0; draw < kDraws; ++draw) {
    const std::uint64_t seed = static_cast<std::uint64_t>(draw) * 7919 + 1;
    const GraphAnswer answer = scene.ask(rows, seed);
    const GraphAnswer best = greedy.ask(rows, seed);
    propensities.insert(answer.propensity);
    CHECK(best.propensity == 1.0);
    if (answer.slate == best.slate) seen += 1.0;
    // Of the best page: 1 - epsilon + epsilon / n; of another: epsilon / n.
    told += answer.slate == best.slate ? answer.propensity : answer.propensity + 0.6;
    CHECK(answer.propensity > 0.0);
    CHECK(answer.trace["propensity"] == answer.propensity);
  }
  CHECK(seen / kDraws == Approx(told / kDraws).margin(0.03));
  CHECK(seen < kDraws);
  CHECK(propensities.size() >= 2);
  CHECK(scene.ask(rows, 5).slate == scene.ask(rows, 5).slate);
}

TEST_CASE("exploration never shows a page that breaks more", "[selector]") {
  const char* rules =
      "rules:\n  - {use: category_scatter, with: {by: type, window: 2, max: 1}, priority: 10}\n";
  GraphScene scene(graph_with("epsilon: 1"), 5, rules);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const MixedRows rows(24, 11);
    const GraphAnswer answer = scene.ask(rows, seed);
    CHECK(answer.answer == Answer::Ok);
    CHECK(no_two_alike(rows, answer.slate));
  }
}

TEST_CASE("the propensity is in the records and in the packed answer", "[selector]") {
  GraphScene scene(graph_with("epsilon: 0.5"), 3);
  const MixedRows rows(5, 3);
  const GraphAnswer answer = scene.ask(rows, 8);
  const auto record = nlohmann::json::parse(scene.engine->records_json(R"({"most": 1})"));
  CHECK(record["propensity"] == answer.propensity);
  CHECK(answer.propensity < 1.0);
}

TEST_CASE("what cannot be asked of a selector is refused with what would be right", "[selector]") {
  using Catch::Contains;
  CHECK_THAT(refusal("epsilon: 2"), Contains("`epsilon` must be a number from 0 to 1"));
  CHECK_THAT(refusal("floor: clicks"), Contains("`floor` without `at_least`"));
  CHECK_THAT(refusal("at_least: 3"), Contains("`at_least` without `floor`"));
  CHECK_THAT(refusal("floor: klicks, at_least: 1"), Contains("clicks, money"));
  CHECK_THAT(refusal("floor: clicks, at_least: '120%'"), Contains("'95%'"));
  CHECK_THAT(refusal("incumbent: page"), Contains("`incumbent` without `hysteresis`"));
  CHECK_THAT(refusal("incumbent: value, hysteresis: 0.1"), Contains("id of a generator"));
  CHECK_THAT(refusal("epsilom: 0.1"), Contains("did you mean `epsilon`?"));
}
