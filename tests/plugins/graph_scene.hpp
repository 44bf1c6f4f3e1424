// SPDX-License-Identifier: Apache-2.0
//
// A scene whose graph a test writes, over small random batches: what generators and selectors do
// inside the engine, with its search, its rules and its evaluators.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "engine/host.hpp"
#include "loaded.hpp"

namespace lineup::testing {

// One batch. Types: about a third `ad`, else `video` or `post`.
struct MixedRows {
  explicit MixedRows(std::uint32_t count, std::uint64_t seed) {
    Numbers numbers(seed);
    for (std::uint32_t row = 0; row < count; ++row) {
      ids.add("v" + std::to_string(row));
      score.push_back(numbers.unit());
      go_on.push_back(0.5 + 0.5 * numbers.unit());
      revenue.push_back(0.0);
      const std::uint32_t kind = numbers.below(6);
      types.emplace_back(kind < 2 ? "ad" : kind < 4 ? "video" : "post");
      if (kind < 2) revenue.back() = 0.2 + numbers.unit();
      // Ads are worth less to who reads.
      if (kind < 2) score.back() *= 0.3;
      type.add(types.back());
    }
  }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(score.size()); }
  [[nodiscard]] bool is_ad(std::uint32_t row) const { return types[row] == "ad"; }

  host::Texts ids;
  host::Texts type;
  std::vector<std::string> types;
  std::vector<double> score;
  std::vector<double> go_on;
  std::vector<double> revenue;
};

struct GraphAnswer {
  std::vector<std::uint32_t> slate;
  host::Answer answer = host::Answer::Error;
  host::Search search = host::Search::Limit;
  double value = 0.0;
  double propensity = 0.0;
  std::string error;
  nlohmann::json trace;
};

class GraphScene {
 public:
  // `graph`: lines of the list; `more`: rules and limits.
  GraphScene(const std::string& graph, std::uint32_t page, const std::string& more = "") {
    bundle.write(
        "policies/home.yaml",
        "lineup: 1\nscene: home\npage: " + std::to_string(page) +
            "\ncolumns:\n  score: {type: float}\n  go_on: {type: float}\n"
            "  revenue: {type: float}\n  type: {type: category}\n"
            "objectives:\n  clicks: {column: score, default: 1.0, min: 0, max: 10, max_step: 10}\n"
            "  money: {column: revenue, default: 0.0, min: 0, max: 10, max_step: 10}\n" +
            more + "graph:\n" + graph);
    options = quiet_options(bundle.root(), &log);
    engine = std::make_unique<host::Engine>(options);
  }

  GraphAnswer ask(const MixedRows& rows, std::uint64_t seed = 1, double money = -1.0) {
    table.clear(rows.count());
    table.ids(rows.ids);
    table.column(engine->column("score"), rows.score);
    table.column(engine->column("go_on"), rows.go_on);
    table.column(engine->column("revenue"), rows.revenue);
    table.column(engine->column("type"), rows.type);
    request.clear();
    request.scene(engine->scene("home"));
    request.candidates(table);
    request.seed(seed);
    request.id(request_id);
    request.deadline_ns(LINEUP_NO_DEADLINE);
    request.explain();
    if (money >= 0.0) request.weight(engine->objective("money"), money);
    const host::Result result = engine->rerank(request);
    GraphAnswer answer;
    answer.slate = slate_of(result);
    answer.answer = result.answer();
    answer.search = result.search();
    answer.value = result.value();
    answer.propensity = result.propensity();
    answer.error = std::string(result.error());
    answer.trace = nlohmann::json::parse(std::string(result.trace_json()), nullptr, false);
    return answer;
  }

  TestBundle bundle;
  std::string log;
  std::string request_id;
  host::Options options;
  std::unique_ptr<host::Engine> engine;
  host::Rows table;
  host::Request request;
};

// Calls `visit` with every page of `slots` rows out of `rows`.
inline void for_every_page(std::uint32_t rows, std::uint32_t slots,
                           const std::function<void(const std::vector<std::uint32_t>&)>& visit) {
  std::vector<std::uint32_t> page;
  const std::function<void()> extend = [&] {
    if (page.size() == slots) {
      visit(page);
      return;
    }
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (std::find(page.begin(), page.end(), row) != page.end()) continue;
      page.push_back(row);
      extend();
      page.pop_back();
    }
  };
  extend();
}

inline double discounted(const std::vector<double>& column,
                         const std::vector<std::uint32_t>& page) {
  double sum = 0.0;
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    sum += column[page[slot]] / std::log2(static_cast<double>(slot) + 2.0);
  }
  return sum;
}

// What a user who reads downwards is expected to click.
inline double carried(const MixedRows& rows, const std::vector<std::uint32_t>& page) {
  double exposure = 1.0;
  double sum = 0.0;
  for (const std::uint32_t row : page) {
    sum += exposure * rows.score[row];
    exposure *= rows.go_on[row];
  }
  return sum;
}

inline bool no_two_alike(const MixedRows& rows, const std::vector<std::uint32_t>& page) {
  for (std::size_t slot = 1; slot < page.size(); ++slot) {
    if (rows.types[page[slot]] == rows.types[page[slot - 1]]) return false;
  }
  return true;
}

}  // namespace lineup::testing
