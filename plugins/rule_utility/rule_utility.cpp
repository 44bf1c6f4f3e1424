// SPDX-License-Identifier: Apache-2.0
//
// The evaluator `rule_utility`: what else would be a rule, as an objective: how far a page lets a
// group of rows have its share of the traffic, keeps groups apart, or keeps them in order. A rule
// decides; an objective can be traded, by a weight that may change while the engine runs.
//
// Every term says how many units of violation the rule of the same words would count, and its value
// is minus that, divided by what a page could break at most: 0 is a page that breaks nothing, -1
// one that breaks everything.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/discount.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

enum class Kind : std::uint8_t { Flow, Window, Order };

struct Term {
  Kind kind = Kind::Flow;
  std::string objective_name;
  std::string by_name;
  std::vector<std::string> groups;  // Flow: the group; Order: from the first on
  double share = 0.0;               // Flow
  std::uint32_t history = 0;        // Flow, Window: rows of the history that count
  std::uint32_t size = 5;           // Window
  std::uint32_t max = 1;            // Window
  sdk::Bound<sdk::Codes> by;
  std::uint32_t objective = 0;
};

class RuleUtility : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "rule_utility";
  static constexpr const char* kId = "dev.lineup.rule_utility/1";

  explicit RuleUtility(const sdk::Config& config) {
    for (std::uint64_t index = 0; index < config.count("/terms"); ++index) {
      read(config, "/terms/" + std::to_string(index));
    }
    if (terms_.empty()) throw sdk::Failure("`/terms` must have at least one entry");
  }

  void activate(const sdk::Binder& binder) {
    for (Term& term : terms_) {
      term.by = binder.required<sdk::Codes>(term.by_name);
      term.objective = sdk::required_objective(binder, term.objective_name);
    }
  }

  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates& slates, std::span<double> values) {
    for (const Term& term : terms_) {
      const Groups groups = groups_of(call, term);
      for (std::uint32_t slate = 0; slate < slates.size(); ++slate) {
        double& value = values[std::size_t{slate} * call.objective_count() + term.objective];
        value -= broken(term, groups, slates[slate]);
        if (!call.spend(slates[slate].size())) return LINEUP_E_BUDGET;
      }
    }
    return LINEUP_OK;
  }

 private:
  // The group of each row: for Flow 0 or none; for Order its rank; for Window its code.
  struct Groups {
    std::span<std::uint32_t> row;
    std::span<std::uint32_t> past;    // oldest first, those that count
    std::span<std::uint32_t> window;  // Window: counts by code, all zero between pages
    std::uint32_t past_of_group = 0;  // Flow
  };

  void read(const sdk::Config& config, const std::string& place) {
    Term& term = terms_.emplace_back();
    const std::string kind = config.text(place + "/kind", "");
    if (kind == "window") {
      term.kind = Kind::Window;
    } else if (kind == "order") {
      term.kind = Kind::Order;
    } else if (kind != "flow") {
      throw sdk::Failure("`" + place + "/kind` must be `flow`, `window` or `order`, got `" + kind +
                         "`");
    }
    term.objective_name = config.text(place + "/objective", "");
    term.by_name = config.text(place + "/by", "category");
    term.share = config.number(place + "/min", 0.0);
    term.history = static_cast<std::uint32_t>(config.integer(place + "/history", 0));
    term.size = static_cast<std::uint32_t>(config.integer(place + "/size", 5));
    term.max = static_cast<std::uint32_t>(config.integer(place + "/max", 1));
    for (std::uint64_t group = 0; group < config.count(place + "/groups"); ++group) {
      term.groups.push_back(config.text(place + "/groups/" + std::to_string(group), ""));
    }
    if (term.kind != Kind::Window && term.groups.empty()) {
      throw sdk::Failure("`" + place + "/groups` must name at least one value of `" + term.by_name +
                         "`");
    }
    if (term.kind == Kind::Flow && !(term.share > 0.0 && term.share <= 1.0)) {
      throw sdk::Failure("`" + place + "/min` must be a share above 0 and at most 1");
    }
    if (term.kind == Kind::Window && (term.size < 2 || term.max < 1)) {
      throw sdk::Failure("`" + place + "/size` must be at least 2 and `max` at least 1");
    }
  }

  static std::uint32_t group_of(const Term& term, const sdk::Codes& column, sdk::Row row) {
    if (!column.has(row)) return sdk::Codes::kNone;
    if (term.kind == Kind::Window) return column[row];
    const auto text = column.dictionary()[column[row]];
    const auto found = std::find(term.groups.begin(), term.groups.end(), text);
    if (found == term.groups.end()) return sdk::Codes::kNone;
    // Of flow control any of the groups is the group.
    return term.kind == Kind::Flow ? 0 : static_cast<std::uint32_t>(found - term.groups.begin());
  }

  static Groups groups_of(const sdk::Call& call, const Term& term) {
    Groups groups;
    const sdk::Codes column = call.rows(term.by);
    groups.row = call.allocate<std::uint32_t>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      groups.row[row] = group_of(term, column, row);
    }
    const std::uint32_t most =
        term.kind == Kind::Window ? std::min(term.history, term.size - 1) : term.history;
    const std::uint32_t seen = std::min(most, call.history_count());
    const sdk::Codes past = call.history(term.by);
    groups.past = call.allocate<std::uint32_t>(seen);
    for (std::uint32_t index = 0; index < seen; ++index) {
      groups.past[index] = group_of(term, past, call.history_count() - seen + index);
      groups.past_of_group += groups.past[index] == 0 ? 1 : 0;
    }
    if (term.kind == Kind::Window) {
      groups.window = call.filled<std::uint32_t>(column.dictionary().size() + 1, 0);
    }
    return groups;
  }

  // The share of what the page could break that it does break.
  static double broken(const Term& term, const Groups& groups, std::span<const sdk::Row> page) {
    if (page.empty()) return 0.0;
    switch (term.kind) {
      case Kind::Flow:
        return broken_flow(term, groups, page);
      case Kind::Window:
        return broken_window(term, groups, page);
      case Kind::Order:
        return broken_order(groups, page);
    }
    return 0.0;
  }

  // Rows that the group lacks of its share, over history and page together; a group that has had
  // its share already needs nothing of this page.
  static double broken_flow(const Term& term, const Groups& groups,
                            std::span<const sdk::Row> page) {
    double had = groups.past_of_group;
    for (const sdk::Row row : page) had += groups.row[row] == 0 ? 1.0 : 0.0;
    const double all = static_cast<double>(groups.past.size() + page.size());
    const double wanted = std::ceil(term.share * all - 1e-9);
    const double most = std::min(wanted, static_cast<double>(page.size()));
    return most <= 0.0 ? 0.0 : std::clamp((wanted - had) / most, 0.0, 1.0);
  }

  // Rows too many of one group, over all runs of `size` slots that end on the page.
  static double broken_window(const Term& term, const Groups& groups,
                              std::span<const sdk::Row> page) {
    const std::size_t before = groups.past.size();
    const auto at = [&](std::size_t place) {
      return place < before ? groups.past[place] : groups.row[page[place - before]];
    };
    const auto counts = [&](std::uint32_t group) { return group < groups.window.size(); };
    std::uint64_t units = 0;
    std::uint64_t excess = 0;  // of the run that ends here
    const std::size_t end = before + page.size();
    const auto enter = [&](std::uint32_t group) {
      if (counts(group) && ++groups.window[group] > term.max) ++excess;
    };
    const auto leave = [&](std::uint32_t group) {
      if (counts(group) && groups.window[group]-- > term.max) --excess;
    };
    const std::size_t first_whole = std::min<std::size_t>(term.size, end);
    std::size_t runs = 0;
    for (std::size_t place = 0; place < end; ++place) {
      enter(at(place));
      if (place >= term.size) leave(at(place - term.size));
      // A page shorter than the window is one run.
      if (place + 1 < first_whole || place < before) continue;
      units += excess;
      ++runs;
    }
    for (std::size_t place = end - first_whole; place < end; ++place) leave(at(place));
    const std::uint64_t most = first_whole > term.max ? runs * (first_whole - term.max) : 0;
    return most == 0 ? 0.0 : static_cast<double>(units) / static_cast<double>(most);
  }

  // Pairs that stand the other way round than their groups do; rows of no group are not compared.
  static double broken_order(const Groups& groups, std::span<const sdk::Row> page) {
    std::uint64_t units = 0;
    std::uint64_t pairs = 0;
    for (std::size_t left = 0; left < page.size(); ++left) {
      if (groups.row[page[left]] == sdk::Codes::kNone) continue;
      for (std::size_t right = left + 1; right < page.size(); ++right) {
        if (groups.row[page[right]] == sdk::Codes::kNone) continue;
        ++pairs;
        units += groups.row[page[left]] > groups.row[page[right]] ? 1 : 0;
      }
    }
    return pairs == 0 ? 0.0 : static_cast<double>(units) / static_cast<double>(pairs);
  }

  std::vector<Term> terms_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "rule_utility",
  "version": "1.0.0",
  "about": "What else would be a rule, as an objective.",
  "types": [{
    "name": "rule_utility",
    "kind": "evaluator",
    "about": "Values how far pages keep flow control, windows and the order of groups: 0 nothing broken, -1 everything.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["terms"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["terms"],
      "properties": {
        "terms": {"type": "array", "minItems": 1,
          "description": "What counts, each under an objective.",
          "items": {"type": "object", "additionalProperties": false, "required": ["kind", "objective"],
            "properties": {
              "kind": {"type": "string", "enum": ["flow", "window", "order"],
                "description": "`flow`: a group has at least its share; `window`: groups are kept apart; `order`: groups stand in an order."},
              "objective": {"type": "string", "minLength": 1},
              "by": {"type": "string", "minLength": 1, "default": "category",
                "description": "The category column of the groups."},
              "groups": {"type": "array", "items": {"type": "string", "minLength": 1},
                "description": "`flow`: the values that make the group; `order`: the values, the first of them first."},
              "min": {"type": "number", "minimum": 0, "maximum": 1, "default": 0,
                "description": "`flow`: the share."},
              "history": {"type": "integer", "minimum": 0, "default": 0,
                "description": "`flow`, `window`: so many rows that the user saw last count too."},
              "size": {"type": "integer", "minimum": 2, "default": 5,
                "description": "`window`: neighbouring slots looked at."},
              "max": {"type": "integer", "minimum": 1, "default": 1,
                "description": "`window`: rows of one group in them."}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", RuleUtility)
