// SPDX-License-Identifier: Apache-2.0
//
// What moves weights besides people: the calendar, segments, experiments. Each source counts over
// those before it, users are drawn once per layer, and the response says all of it.
#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "host.hpp"

namespace lineup {

namespace {

constexpr const char* kSteered =
    "objectives:\n"
    "  relevance: {column: score, default: 1.0, min: 0.0, max: 5.0}\n"
    "segments: {newcomers: 'context.days < 7', treated: 'experiment.calm == \"calm\"'}\n"
    "steer:\n"
    "  - {segment: newcomers, set: {relevance: 3}}\n"
    "  - {from: 1970-01-02, until: 1970-01-03, set: {relevance: 2}}\n"
    "  - {segment: treated, set: {relevance: 3.5}}\n";

std::string page(const std::string& rest) {
  return "lineup: 1\nscene: home\npage: 10\ncolumns:\n  score: {type: float}\n" + rest + "\n" +
         std::string(kGraph);
}

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

struct Served {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  Feed feed{12};

  explicit Served(const std::string& policy) {
    bundle.write("policies/home.yaml", policy);
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
  }

  struct Seen {
    double weight = 0.0;
    std::map<std::string, std::string> variants;
    std::size_t warnings = 0;
  };
  // One request of `user`, changed by `change` before it is sent.
  template <typename Change>
  Seen ask(const std::string& user, Change change) {
    Caller caller(*engine);
    host::Request& request = caller.prepare(feed);
    request.user(user);
    request.now_ms(0);
    change(request);
    const host::Result result = caller.rerank();
    REQUIRE(result.answer() != host::Answer::Error);
    Seen seen;
    seen.weight = result.weights()[0].value;
    seen.warnings = result.warnings().size();
    const auto pairs = result.experiments();
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
      seen.variants[std::string(abi::view(pairs[i]))] = abi::view(pairs[i + 1]);
    }
    return seen;
  }
  Seen ask(const std::string& user) {
    return ask(user, [](host::Request&) {});
  }
};

std::string refusal(const std::string& policy) {
  try {
    const Served served(policy);
  } catch (const host::Error& error) {
    return error.what();
  }
  return "(it was accepted)";
}

}  // namespace

TEST_CASE("weights follow calendar, segment, experiment, live value and request, in that order",
          "[experiments]") {
  Served served(page(std::string(kSteered) +
                     "experiments:\n"
                     "  calm: {layer: look, variants: {calm: {buckets: '0..999'}}}\n"
                     "  bold:\n"
                     "    layer: tone\n"
                     "    variants: {b: {buckets: '0..499', set: {relevance: 4}},\n"
                     "               c: {buckets: '500..999', set: {relevance: 4}}}\n"));
  const lineup_handle days = served.engine->context("days");
  const lineup_handle relevance = served.engine->objective("relevance");
  const auto at = [](std::int64_t now_ms) {
    return [now_ms](host::Request& request) { request.now_ms(now_ms); };
  };
  CHECK(served.ask("", at(0)).weight == 1.0);
  CHECK(served.ask("", at(kDayMs)).weight == 2.0);
  CHECK(served.ask("", at(2 * kDayMs)).weight == 1.0);
  CHECK(served
            .ask("",
                 [&](host::Request& request) {
                   request.now_ms(kDayMs);
                   request.context(days, std::int64_t{1});
                 })
            .weight == 3.0);
  CHECK(
      served.ask("", [&](host::Request& request) { request.experiment("calm", "calm"); }).weight ==
      3.5);
  CHECK(served.ask("ann").weight == 4.0);
  served.engine->set_weight("home", "relevance", 4.5, 0, "ann", "a test");
  CHECK(served.ask("ann", at(std::int64_t{1})).weight == 4.5);
  CHECK(served.ask("ann", [&](host::Request& request) { request.weight(relevance, 5.0); }).weight ==
        5.0);
}

TEST_CASE("a user is in one variant of a layer, always the same, and the response says which",
          "[experiments]") {
  Served served(
      page("experiments:\n"
           "  calm: {layer: look, variants: {a: {buckets: '0..299'}, b: {buckets: "
           "300..599}}}\n"
           "  wide: {layer: look, variants: {a: {buckets: '600..999'}}}\n"));
  std::map<std::string, int> seen;
  for (int i = 0; i < 600; ++i) {
    const std::string user = "u" + std::to_string(i);
    const auto first = served.ask(user).variants;
    REQUIRE(first.size() == 1);
    CHECK(served.ask(user).variants == first);
    ++seen[first.begin()->first + "." + first.begin()->second];
  }
  // 600 users: 180, 180 and 240 are expected; five standard deviations are 60.
  CHECK(std::abs(seen["calm.a"] - 180) < 60);
  CHECK(std::abs(seen["calm.b"] - 180) < 60);
  CHECK(std::abs(seen["wide.a"] - 240) < 60);
}

TEST_CASE("layers are independent of each other", "[experiments]") {
  std::string variants = "{";
  for (int i = 0; i < 5; ++i) {
    variants += (i > 0 ? ", v" : "v") + std::to_string(i) + ": {buckets: '" +
                std::to_string(i * 200) + ".." + std::to_string(i * 200 + 199) + "'}";
  }
  variants += "}";
  Served served(page("experiments:\n  one: {layer: first, variants: " + variants +
                     "}\n  two: {layer: second, variants: " + variants + "}\n"));
  std::array<std::array<double, 5>, 5> count{};
  constexpr int kUsers = 5000;
  for (int i = 0; i < kUsers; ++i) {
    auto seen = served.ask("user-" + std::to_string(i)).variants;
    ++count[static_cast<std::size_t>(seen.at("one")[1] - '0')]
           [static_cast<std::size_t>(seen.at("two")[1] - '0')];
  }
  // Pearson's statistic over the 25 cells. Users are drawn alike in every run, so this is decided
  // once: 24 degrees of freedom exceed 51.2 with probability 0.001.
  double chi_squared = 0.0;
  for (const auto& row : count) {
    for (const double cell : row) {
      const double expected = kUsers / 25.0;
      chi_squared += (cell - expected) * (cell - expected) / expected;
    }
  }
  CHECK(chi_squared < 51.2);
}

TEST_CASE("the holdout is in no experiment, and conditions can read it", "[experiments]") {
  Served served(
      page("objectives:\n"
           "  relevance: {column: score, default: 1, min: 0, max: 5}\n"
           "segments: {frozen: 'experiment.holdout == \"in\"'}\n"
           "steer: [{segment: frozen, set: {relevance: 0.5}}]\n"
           "holdout: {salt: dept-2026, percent: 10}\n"
           "experiments:\n"
           "  calm: {layer: look, variants: {on: {buckets: '0..999', set: {relevance: "
           "2}}}}\n"));
  int held_out = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto seen = served.ask("u" + std::to_string(i));
    const bool is_held_out = seen.variants.count("holdout") == 1;
    held_out += is_held_out ? 1 : 0;
    CHECK(seen.variants.count("calm") == (is_held_out ? 0U : 1U));
    CHECK(seen.weight == (is_held_out ? 0.5 : 2.0));
  }
  CHECK(std::abs(held_out - 100) < 50);
  CHECK(served.ask("").variants.empty());
}

TEST_CASE("the host's own assignment is taken over, and said when it is none of ours",
          "[experiments]") {
  Served served(
      page("objectives: {relevance: {column: score, default: 1, min: 0, max: 5}}\n"
           "experiments:\n"
           "  calm: {layer: look, variants: {a: {buckets: '0'}, b: {buckets: '1..999', "
           "set: {relevance: 2}}}}\n"));
  const auto with = [&](const char* name, const char* variant) {
    return served.ask("ann", [&](host::Request& request) { request.experiment(name, variant); });
  };
  CHECK(with("calm", "a").weight == 1.0);
  CHECK(with("calm", "a").variants == std::map<std::string, std::string>{{"calm", "a"}});
  CHECK(with("calm", "b").weight == 2.0);
  CHECK(with("calm", "z").weight == 1.0);
  CHECK(with("calm", "z").warnings == 1);
  CHECK(with("theirs", "x").variants ==
        std::map<std::string, std::string>{{"calm", "b"}, {"theirs", "x"}});
}

TEST_CASE("after a launch a reversal bucket still has the old values", "[experiments]") {
  Served served(
      page("objectives: {relevance: {column: score, default: 2, min: 0, max: 5}}\n"
           "experiments:\n"
           "  launch: {layer: after, variants: {reversal: {buckets: '0..49', set: "
           "{relevance: 1}}}}\n"));
  int reversed = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto seen = served.ask("u" + std::to_string(i));
    CHECK(seen.weight == (seen.variants.empty() ? 2.0 : 1.0));
    reversed += seen.variants.empty() ? 0 : 1;
  }
  CHECK(std::abs(reversed - 50) < 35);
}

TEST_CASE("what cannot be set is refused with its reason", "[experiments]") {
  const std::string objective =
      "objectives: {relevance: {column: score, default: 1, min: 0, max: 5}}\n";
  struct Case {
    const char* rest;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"steer: [{segment: nobody, set: {relevance: 1}}]", "unknown segment `nobody`"},
      {"steer: [{from: 2026-01-01, set: {relevance: 6}}]", "must lie between 0 and 5, got 6"},
      {"steer: [{from: 2026-01-01, set: {relevence: 1}}]", "did you mean `relevance`?"},
      {"steer: [{from: 2026-01-01, set: {relevance: high}}]", "must be set to a number"},
      {"steer: [{set: {relevance: 1}}]", "needs dates or a segment"},
      {"steer: [{from: 2026-01-02, until: 2026-01-01, set: {relevance: 1}}]", "not after `from`"},
      {"experiments: {e: {layer: l, variants: {a: {buckets: '0..9'}, b: {buckets: '9..12'}}}}",
       "share buckets of layer `l`"},
      {"experiments: {e: {layer: l, variants: {a: {buckets: '0..9'}}}, f: {layer: l, variants: {a: "
       "{buckets: '5..5'}}}}",
       "share buckets of layer `l`"},
      {"experiments: {e: {layer: l, variants: {a: {buckets: '0..1000'}}}}", "names no buckets"},
      {"experiments: {e: {layer: l, variants: {a: {buckets: '9..0'}}}}", "names no buckets"},
      {"experiments: {e: {layer: l, variants: {a: {buckets: '0..9', set: {x: 1}}}}}",
       "`x` is no objective"},
      {"experiments: {holdout: {layer: l, variants: {a: {buckets: '0..9'}}}}\nholdout: {salt: s, "
       "percent: 1}",
       "no name of an experiment"},
      {"holdout: {salt: s, percent: 101}", "at most 100"},
  }));
  CAPTURE(c.rest);
  CHECK_THAT(refusal(page(objective + c.rest + "\n")), Catch::Contains(c.message));
}

}  // namespace lineup
