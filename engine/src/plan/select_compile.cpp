// SPDX-License-Identifier: Apache-2.0
//
// What a policy may ask of the selector `best`, read once.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "plan/plan.hpp"
#include "plan/select.hpp"

namespace lineup {

namespace {

const std::vector<std::string>& known_keys() {
  static const auto* keys = new std::vector<std::string>{"maximize",   "floor",     "at_least",
                                                         "hysteresis", "incumbent", "epsilon"};
  return *keys;
}

// Reads the keys of one selector; every fault is reported.
class SelectorReader {
 public:
  SelectorReader(const PolicyNode& node, Diagnostics& diagnostics)
      : node_(node), diagnostics_(diagnostics) {}

  [[nodiscard]] bool is_fine() const { return is_fine_; }
  void fault(const Span& span, const std::string& message, const std::string& hint) {
    diagnostics_.error(span, "policy/selector", fmt::format("node `{}`: {}", node_.id, message),
                       hint);
    is_fine_ = false;
  }
  void check_keys() {
    for (const ValueEntry& entry : node_.with.entries) {
      const auto& keys = known_keys();
      if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
      const std::string near = nearest(entry.key, keys);
      fault(entry.value.span, fmt::format("a selector has no parameter `{}`", entry.key),
            near.empty() ? fmt::format("it has {}", fmt::join(keys, ", "))
                         : fmt::format("did you mean `{}`?", near));
    }
  }
  // An objective, or -1.
  std::int32_t objective(const char* key, const Plan& plan) {
    const Value* value = node_.with.find(key);
    if (value == nullptr) return -1;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < plan.objectives.size(); ++i) {
      if (value->kind == Value::Kind::Text && plan.objectives[i].name == value->text) {
        return static_cast<std::int32_t>(i);
      }
      names.push_back(plan.objectives[i].name);
    }
    fault(value->span, fmt::format("`{}` must be an objective of the policy", key),
          names.empty() ? "the policy declares no `objectives`"
                        : fmt::format("it has {}", fmt::join(names, ", ")));
    return -1;
  }
  // A number from 0 to `most`.
  double number(const char* key, double most) {
    const Value* value = node_.with.find(key);
    if (value == nullptr) return 0.0;
    if (value->is_number() && value->live < 0 && value->number >= 0.0 && value->number <= most) {
      return value->number;
    }
    fault(value->span, fmt::format("`{}` must be a number from 0 to {}", key, most), "");
    return 0.0;
  }
  void floor(const Plan& plan, SelectorSpec& spec) {
    spec.floor_of = objective("floor", plan);
    const Value* value = node_.with.find("at_least");
    if (value == nullptr) {
      if (spec.floor_of >= 0) {
        fault(node_.with.find("floor")->span, "`floor` without `at_least`",
              "say how much it must reach: `at_least: 0.4`, or `at_least: '95%'` of the best");
      }
      return;
    }
    if (node_.with.find("floor") == nullptr) {
      fault(value->span, "`at_least` without `floor`", "name the objective: `floor: clicks`");
    }
    if (value->is_number() && value->live < 0) {
      spec.at_least = value->number;
      return;
    }
    spec.is_share = value->kind == Value::Kind::Text && read_share(value->text, spec.at_least);
    if (!spec.is_share) {
      fault(value->span, "`at_least` must be a number or a share of the best slate's",
            "write it as `0.4` or `'95%'`");
    }
  }
  // The generator that is named, or -1.
  std::int32_t generator(const char* key, const std::vector<PolicyNode>& graph,
                         std::span<const std::int32_t> place) {
    const Value* value = node_.with.find(key);
    if (value == nullptr) return -1;
    for (std::size_t i = 0; i < graph.size(); ++i) {
      const bool is_named = value->kind == Value::Kind::Text && graph[i].id == value->text;
      if (is_named && graph[i].kind == PolicyNode::Kind::Generate) return place[i];
    }
    fault(value->span, fmt::format("`{}` must be the id of a generator of this graph", key), "");
    return -1;
  }

 private:
  static bool read_share(const std::string& text, double& out) {
    if (text.size() < 2 || text.back() != '%') return false;
    std::size_t used = 0;
    try {
      out = std::stod(text, &used) / 100.0;
    } catch (const std::exception&) {
      return false;
    }
    return used + 1 == text.size() && out >= 0.0 && out <= 1.0;
  }

  const PolicyNode& node_;
  Diagnostics& diagnostics_;
  bool is_fine_ = true;
};

}  // namespace

std::optional<SelectorSpec> compile_selector(const PolicyNode& node,
                                             const std::vector<PolicyNode>& graph,
                                             std::span<const std::int32_t> place, const Plan& plan,
                                             Diagnostics& diagnostics) {
  if (node.plugin != "best") {
    diagnostics.error(node.plugin_span, "policy/unknown-plugin",
                      fmt::format("unknown selector `{}`", node.plugin),
                      "`best` is the selector; its `with` says how it picks");
    return std::nullopt;
  }
  SelectorReader reader(node, diagnostics);
  reader.check_keys();
  SelectorSpec spec;
  spec.maximize = reader.objective("maximize", plan);
  reader.floor(plan, spec);
  spec.hysteresis = reader.number("hysteresis", 1.0);
  spec.incumbent = reader.generator("incumbent", graph, place);
  if (spec.incumbent >= 0 && node.with.find("hysteresis") == nullptr) {
    reader.fault(node.with.find("incumbent")->span, "`incumbent` without `hysteresis`",
                 "say by which share it must be beaten: `hysteresis: 0.02`");
  }
  spec.epsilon = reader.number("epsilon", 1.0);
  spec.seed = hash64(node.id);
  if (!reader.is_fine()) return std::nullopt;
  return spec;
}

}  // namespace lineup
