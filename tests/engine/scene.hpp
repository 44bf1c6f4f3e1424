// SPDX-License-Identifier: Apache-2.0
//
// A scene for one question: a policy and a few items written by hand, and the page that a host
// gets.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host.hpp"

namespace lineup {

inline constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

struct Item {
  std::string id;
  double score = 0.0;
  std::string category = {};  // empty: missing
  std::string type = "post";
  std::array<float, 2> look = {0.0F, 0.0F};
  std::int64_t seconds = 0;
};

// What came out, by id.
struct Shown {
  std::vector<std::string> ids;
  host::Answer answer = host::Answer::Error;
  std::uint32_t relaxed_units = 0;  // of all rules
  std::size_t warnings = 0;

  [[nodiscard]] std::size_t slot_of(const std::string& id) const {
    return static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin()) + 1;
  }
};

struct Asked {
  std::uint32_t page = 0;  // 0: the policy's
  std::vector<Item> history = {};
  std::int64_t now_ms = LINEUP_NO_TIME;
  std::uint64_t seed = 7;
};

class AskedScene {
 public:
  // `rules` are lines of the policy's list.
  explicit AskedScene(const std::string& rules, std::uint32_t page = 10)
      : AskedScene("", rules, std::to_string(page)) {}
  // Or a rule of the scene's own: what its `constraints` returns, at priority 10.
  static std::string own_rule(const std::string& constraints) {
    return "return rule { name = \"own\", about = \"Of this test.\",\n"
           "  constraints = function(p) return { " +
           constraints + " } end }\n";
  }
  AskedScene(const std::string& constraints, const std::string& rules, std::uint32_t page)
      : AskedScene(constraints, rules, std::to_string(page)) {}
  // `page` as the policy says it.
  AskedScene(const std::string& constraints, const std::string& rules, const std::string& page) {
    const std::string own = constraints.empty() ? "" : "  - {use: own, priority: 10}\n";
    if (!own.empty()) bundle.write("rules/own.lua", own_rule(constraints));
    bundle.write("policies/home.yaml", text_of(own + rules, page));
    open();
  }

  static std::string text_of(const std::string& rules, const std::string& page) {
    return "lineup: 1\nscene: home\npage: " + page +
           "\ncolumns:\n"
           "  score:    {type: float}\n"
           "  category: {type: category}\n"
           "  type:     {type: category}\n"
           "  look:     {type: embedding, dimension: 2}\n"
           "  seconds:  {type: integer}\n"
           "objectives:\n"
           "  relevance: {column: score, default: 1.0, min: 0.0, max: 5.0, max_step: 0.5}\n" +
           (rules.empty() ? "" : "rules:\n" + rules) + "limits: {deadline_ms: 10000}\n" +
           std::string(kGraph);
  }

  Shown show(const std::vector<Item>& items, const Asked& asked = {}) {
    Columns candidates(*this, items);
    Columns before(*this, asked.history);
    host::Request request;
    request.scene(engine->scene("home"));
    request.candidates(candidates.rows);
    if (!asked.history.empty()) request.history(before.rows);
    if (asked.page > 0) request.page(asked.page);
    request.seed(asked.seed);
    request.now_ms(asked.now_ms);
    const host::Result result = engine->rerank(request);
    Shown shown;
    shown.answer = result.answer();
    shown.warnings = result.warnings().size();
    for (const std::uint32_t row : result.slate()) shown.ids.push_back(items[row].id);
    for (const lineup_relaxed& rule : result.relaxed()) shown.relaxed_units += rule.violations;
    return shown;
  }

  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;

 private:
  void open() { engine = std::make_unique<host::Engine>(quiet_options(bundle.root())); }

  // One table of rows, alive while the request is.
  struct Columns {
    Columns(AskedScene& scene, const std::vector<Item>& items) {
      valid.resize(items.size() / 64 + 1);
      for (std::size_t i = 0; i < items.size(); ++i) {
        ids.add(items[i].id);
        scores.push_back(items[i].score);
        category.add(items[i].category);
        type.add(items[i].type);
        seconds.push_back(items[i].seconds);
        look.insert(look.end(), items[i].look.begin(), items[i].look.end());
        if (!items[i].category.empty()) valid[i / 64] |= std::uint64_t{1} << (i % 64);
      }
      rows.clear(static_cast<std::uint32_t>(items.size()));
      rows.ids(ids);
      rows.column(scene.engine->column("score"), scores);
      rows.column(scene.engine->column("category"), category, valid);
      rows.column(scene.engine->column("type"), type);
      rows.column(scene.engine->column("seconds"), seconds);
      rows.vectors(scene.engine->column("look"), look, 2);
    }
    host::Texts ids, category, type;
    std::vector<double> scores;
    std::vector<std::int64_t> seconds;
    std::vector<float> look;
    std::vector<std::uint64_t> valid;
    host::Rows rows;
  };
};

// The category of every slot.
inline std::vector<std::string> categories_of(const Shown& shown, const std::vector<Item>& items) {
  std::vector<std::string> out;
  for (const std::string& id : shown.ids) {
    const auto item =
        std::find_if(items.begin(), items.end(), [&](const Item& one) { return one.id == id; });
    out.push_back(item->category);
  }
  return out;
}

// How many neighbours share a category that is not missing.
inline std::size_t equal_neighbours(const std::vector<std::string>& categories) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < categories.size(); ++i) {
    count += !categories[i].empty() && categories[i] == categories[i - 1] ? 1 : 0;
  }
  return count;
}

}  // namespace lineup
