// SPDX-License-Identifier: Apache-2.0
//
// Random graphs, rules and requests: with threads that help or without, the answer is the same to
// the byte, and so is what each node is said to have done.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;
using Random = std::mt19937_64;

std::uint32_t below(Random& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}
bool one_in(Random& random, std::uint32_t odds) { return below(random, odds) == 0; }

// local_search looks at the slates so far, whether the policy says that it reads from somebody or
// not; last_first asks no rule.
std::string generator(Random& random, const std::string& id, const std::string& before) {
  const std::string n = std::to_string(1 + below(random, 5));
  const std::vector<std::string> kinds = {
      "generate: score_order",
      "generate: mmr, with: {theta: 0." + n + ", categories: [{column: author}]}",
      "generate: dpp, with: {ridge: 0.1, categories: [{column: author}]}",
      "generate: sequence_beam, with: {width: " + n + ", continue: '', values: [{column: score}]}",
      "generate: sampled, with: {slates: " + n + "}",
      "generate: local_search, with: {pages: 120, starts: 2}",
      "generate: local_search, from: [" + before + "], with: {pages: 120}",
      "generate: last_first"};
  const std::size_t kind = below(random, static_cast<std::uint32_t>(kinds.size()));
  const bool needs_one = kind == 6 && before.empty();
  return "  - {id: " + id + ", " + kinds[needs_one ? 0 : kind] + "}\n";
}

std::string graph(Random& random) {
  std::string out = "graph:\n";
  std::string all;
  std::string last;
  const std::uint32_t generators = 2 + below(random, 5);
  for (std::uint32_t i = 0; i < generators; ++i) {
    const std::string id = "g" + std::to_string(i);
    out += generator(random, id, last);
    all += (all.empty() ? "" : ", ") + id;
    last = id;
  }
  const std::string from = "from: [" + all + "]";
  std::string valued;
  const std::vector<std::string> kinds = {
      "evaluate: weighted_sum, " + from,
      "evaluate: diversity, " + from + ", with: {coverage: kinds, by: author}",
      "evaluate: discounted, " + from +
          ", with: {values: [{column: score, objective: head}], top: 3}"};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (i > 0 && one_in(random, 3)) continue;
    const std::string id = "e" + std::to_string(i);
    out += "  - {id: " + id + ", " + kinds[i] + "}\n";
    valued += (valued.empty() ? "" : ", ") + id;
  }
  return out + "  - {id: best, select: best, from: [" + valued + "]}\n";
}

// Similar rows are asked for again and again: a search remembers what it was told of them.
std::string rules(Random& random) {
  const std::vector<std::string> kinds = {
      "  - {use: category_scatter, with: {by: category, window: 4, max: 1}, priority: 80}\n",
      "  - {use: author_cap, as: soft, with: {by: author, max: 1}, weight: 0.02}\n",
      "  - {use: cold_start_quota, with: {where: 'is_new', min: 2, max: 4}, priority: 90}\n",
      "  - {use: near_duplicate, with: {embedding: look, max_cosine: 0.9, window: 4}, priority: "
      "70}\n",
      "  - {use: block, with: {where: 'author == \"a1\"'}, required: true}\n",
      "  - {use: mine, priority: 60}\n"};
  std::string out;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    // Rules that are code keep generators in order: seldom, so that most graphs do run beside.
    if (one_in(random, i + 1 == kinds.size() ? 8 : 2)) out += kinds[i];
  }
  return out;
}

std::string random_policy(Random& random) {
  // Few slates now and then, so that not all find room.
  const std::string slates = one_in(random, 3) ? std::to_string(1 + below(random, 6)) : "256";
  std::string text = policy(
      rules(random), "limits: {deadline_ms: 60000, slates: " + slates + "}\n" + graph(random));
  const auto insert = [&](const std::string& mark, const std::string& what) {
    text.insert(text.find(mark) + mark.size(), what);
  };
  insert("columns:\n", "  look: {type: embedding, dimension: 3}\n");
  insert("objectives:\n", "  kinds: {default: 0.5}\n  head: {default: 0.1}\n");
  return text;
}

// Everything that is said but for how long it took.
void forget_times(Json& json) {
  if (json.is_object()) {
    json.erase("elapsed_us");
    json.erase("elapsed_ms");
  }
  for (Json& each : json) {
    if (each.is_structured()) forget_times(each);
  }
}

struct Answered {
  std::vector<std::uint32_t> slate;
  host::Answer answer;
  host::Search search;
  double value;
  double propensity;
  std::uint64_t work;
  std::vector<std::string> relaxed;
  std::vector<std::string> warnings;
  std::string error;
  std::string trace;
  bool operator==(const Answered&) const = default;
};

class Served {
 public:
  Served(const TestBundle& bundle, std::uint32_t workers) : engine_(options(bundle, workers)) {
    look_ = engine_.column("look");
  }
  Answered ask(const Feed& feed, const std::vector<float>& looks, std::uint64_t seed) {
    caller_.prepare(feed);
    caller_.rows.vectors(look_, looks, 3);
    caller_.request.seed(seed);
    caller_.request.deadline_ns(LINEUP_NO_DEADLINE);
    caller_.request.explain();
    const host::Result result = caller_.rerank();
    Json trace = Json::parse(std::string(result.trace_json()));
    forget_times(trace);
    Answered out{slate_of(result),
                 result.answer(),
                 result.search(),
                 result.value(),
                 result.propensity(),
                 result.raw()->work,
                 {},
                 {},
                 std::string(result.error()),
                 trace.dump()};
    for (const lineup_relaxed& rule : result.relaxed()) {
      out.relaxed.push_back(std::string(abi::view(rule.rule)) + " " +
                            std::to_string(rule.violations));
    }
    for (const lineup_text& text : result.warnings()) out.warnings.emplace_back(abi::view(text));
    return out;
  }

 private:
  static host::Options options(const TestBundle& bundle, std::uint32_t workers) {
    host::Options options = quiet_options(bundle.root());
    options.workers = workers;
    options.sessions = 2;
    return options;
  }
  host::Engine engine_;
  Caller caller_{engine_};
  lineup_handle look_ = 0;
};

}  // namespace

TEST_CASE("an answer does not tell how many threads helped") {
  constexpr int kGraphs = LINEUP_GRAPHS;
  for (int round = 0; round < kGraphs; ++round) {
    Random random(static_cast<std::uint64_t>(round) + 1);
    TestBundle bundle;
    const std::string text = random_policy(random);
    bundle.write("policies/home.yaml", text);
    bundle.write("rules/mine.lua",
                 "return rule {\n  name = \"mine\", about = \"Not three of a type.\",\n"
                 "  allow = function(item, slate)\n    return #slate < 2 or item.type ~= "
                 "slate[-1].type or item.type ~= slate[-2].type\n  end,\n}\n");
    bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/last_first.so", "last_first");
    INFO(text);
    Served alone(bundle, 0);
    Served with_one(bundle, 1);
    Served with_three(bundle, 3);
    for (int ask = 0; ask < 4; ++ask) {
      Feed feed(12 + below(random, 50));
      std::shuffle(feed.scores.begin(), feed.scores.end(), random);
      std::vector<float> looks;
      for (std::size_t i = 0; i < 3 * feed.scores.size(); ++i) {
        looks.push_back(static_cast<float>(below(random, 5)) - 2.0F);
      }
      const std::uint64_t seed = random();
      const Answered expected = alone.ask(feed, looks, seed);
      REQUIRE(expected.answer != host::Answer::Error);
      for (Served* served : {&with_one, &with_three}) {
        const Answered answered = served->ask(feed, looks, seed);
        CHECK(answered.trace == expected.trace);
        CHECK(answered.slate == expected.slate);
        CHECK(answered.work == expected.work);
        CHECK(answered.warnings == expected.warnings);
        CHECK((answered == expected));
      }
    }
  }
}

}  // namespace lineup
