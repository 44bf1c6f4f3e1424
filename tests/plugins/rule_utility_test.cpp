// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `rule_utility` against the counts of the rules, done slowly.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "loaded.hpp"

using namespace lineup::testing;
using Page = std::vector<Row>;

namespace {

struct Feed {
  explicit Feed(std::uint64_t seed) : request(20, 8, 6) {
    Numbers numbers(seed);
    const std::vector<std::string> kinds = {"live", "video", "post", "other", ""};
    for (Row row = 0; row < 20; ++row) of_row.push_back(kinds[numbers.below(5)]);
    for (int row = 0; row < 6; ++row) of_past.push_back(kinds[numbers.below(5)]);
    request.candidates.codes("category", of_row);
    request.history.codes("category", of_past);
    request.objectives = {{"flow", "", 1.0}, {"apart", "", 1.0}, {"order", "", 1.0}};
    for (int slate = 0; slate < 12; ++slate) {
      Page all(20);
      std::iota(all.begin(), all.end(), 0U);
      for (std::size_t i = all.size(); i > 1; --i) {
        std::swap(all[i - 1], all[numbers.below(static_cast<std::uint32_t>(i))]);
      }
      all.resize(static_cast<std::size_t>(slate % 9));
      slates.push_back(all);
    }
  }
  // History and page in one line, oldest first.
  [[nodiscard]] std::vector<std::string> line(const Page& page, std::size_t history) const {
    std::vector<std::string> out(of_past.end() - static_cast<std::ptrdiff_t>(history),
                                 of_past.end());
    for (const Row row : page) out.push_back(of_row[row]);
    return out;
  }

  FakeRequest request;
  std::vector<std::string> of_row;
  std::vector<std::string> of_past;
  std::vector<Page> slates;
};

double flow(const Feed& feed, const Page& page) {
  const auto line = feed.line(page, 6);
  if (page.empty()) return 0.0;
  const double had = static_cast<double>(std::count(line.begin(), line.end(), "live"));
  const double wanted = std::ceil(0.4 * static_cast<double>(line.size()) - 1e-9);
  const double most = std::min(wanted, static_cast<double>(page.size()));
  return -std::min(std::max(wanted - had, 0.0) / most, 1.0);
}

double apart(const Feed& feed, const Page& page) {
  const std::size_t size = 4, max = 1, history = 2;
  const auto line = feed.line(page, history);
  if (page.empty()) return 0.0;
  double units = 0.0, most = 0.0;
  const std::size_t length = std::min(size, line.size());
  for (std::size_t begin = 0; begin + length <= line.size(); ++begin) {
    if (begin + length <= history) continue;  // wholly in the history
    std::map<std::string, std::size_t> count;
    for (std::size_t at = begin; at < begin + length; ++at) {
      if (!line[at].empty()) ++count[line[at]];
    }
    for (const auto& [group, times] : count) {
      units += times > max ? static_cast<double>(times - max) : 0.0;
    }
    most += length > max ? static_cast<double>(length - max) : 0.0;
  }
  return most == 0.0 ? 0.0 : -units / most;
}

double order(const Feed& feed, const Page& page) {
  const std::vector<std::string> ranks = {"post", "live", "video"};
  const auto rank = [&](Row row) {
    return std::find(ranks.begin(), ranks.end(), feed.of_row[row]) - ranks.begin();
  };
  double units = 0.0, pairs = 0.0;
  for (std::size_t i = 0; i < page.size(); ++i) {
    for (std::size_t j = i + 1; j < page.size(); ++j) {
      if (rank(page[i]) == 3 || rank(page[j]) == 3) continue;
      pairs += 1.0;
      units += rank(page[i]) > rank(page[j]) ? 1.0 : 0.0;
    }
  }
  return pairs == 0.0 ? 0.0 : -units / pairs;
}

}  // namespace

TEST_CASE("rule_utility counts what the rules count", "[rule_utility]") {
  const Loaded loaded("rule_utility");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Feed feed(seed);
    FakeNode node(loaded.plugin, "rule_utility", R"({"terms": [
        {"kind": "flow", "objective": "flow", "groups": ["live"], "min": 0.4, "history": 6},
        {"kind": "window", "objective": "apart", "size": 4, "max": 1, "history": 2},
        {"kind": "order", "objective": "order", "groups": ["post", "live", "video"]}]})");
    node.activate(feed.request);
    const auto values = node.evaluate(feed.request, feed.slates);
    for (std::size_t slate = 0; slate < feed.slates.size(); ++slate) {
      INFO("seed " << seed << " slate " << slate);
      CHECK(values[slate][0] == Approx(flow(feed, feed.slates[slate])).margin(1e-12));
      CHECK(values[slate][1] == Approx(apart(feed, feed.slates[slate])).margin(1e-12));
      CHECK(values[slate][2] == Approx(order(feed, feed.slates[slate])).margin(1e-12));
      for (const double value : values[slate]) CHECK((value >= -1.0 && value <= 0.0));
    }
  }
}

TEST_CASE("terms of one objective add up", "[rule_utility]") {
  const Feed feed(7);
  const Loaded loaded("rule_utility");
  FakeNode node(loaded.plugin, "rule_utility", R"({"terms": [
      {"kind": "order", "objective": "order", "groups": ["post", "live", "video"]},
      {"kind": "order", "objective": "order", "groups": ["post", "live", "video"]}]})");
  node.activate(feed.request);
  const auto values = node.evaluate(feed.request, feed.slates);
  for (std::size_t slate = 0; slate < feed.slates.size(); ++slate) {
    CHECK(values[slate][2] == Approx(2.0 * order(feed, feed.slates[slate])).margin(1e-12));
  }
}

TEST_CASE("rule_utility refuses what says nothing", "[rule_utility]") {
  const Loaded loaded("rule_utility");
  const auto refused = [&](const char* term) {
    CHECK_THROWS(
        FakeNode(loaded.plugin, "rule_utility", std::string(R"({"terms": [)") + term + "]}"));
  };
  refused(R"({"kind": "flow", "objective": "flow", "min": 0.5})");
  refused(R"({"kind": "flow", "objective": "flow", "groups": ["live"]})");
  refused(R"({"kind": "order", "objective": "order"})");
  refused(R"({"kind": "mix", "objective": "order"})");
}
