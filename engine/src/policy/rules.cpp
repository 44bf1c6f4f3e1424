// SPDX-License-Identifier: Apache-2.0
//
// The uses of rules. What a rule's parameters mean is not known here; what every use of a rule
// takes is: a name, a strength, dates, an owner.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/zone.hpp"
#include "policy/parse.hpp"

namespace lineup {

namespace {

const PolicyKeyTable& rule_keys() { return *policy_keys().find("rules")->table; }

// What is used: a rule by `use` or a constraint plugin by `constrain`; null where neither could be
// read.
const YamlNode* find_source(const PolicyFields& fields) {
  const YamlNode* use = fields.find("use");
  return use != nullptr ? use : fields.find("constrain");
}

// The names that uses go by: `as` where it is given; else the rule's name, or the first of name#2,
// name#3 that is free. Empty where that could not be read.
std::vector<std::string> name_uses(const YamlNode& list,
                                   const std::vector<std::optional<PolicyFields>>& uses,
                                   Diagnostics& diagnostics) {
  std::vector<std::string> names(uses.size());
  std::map<std::string, std::size_t> taken;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const YamlNode* as = uses[i] ? uses[i]->find("as") : nullptr;
    if (as == nullptr) continue;
    const auto [first, is_new] = taken.emplace(as->text, i);
    names[i] = as->text;
    if (is_new) continue;
    diagnostics
        .error(as->span, "policy/duplicate-name",
               fmt::format("two rules are called `{}`", as->text),
               fmt::format("the other stands on line {}", list.items[first->second].span.line))
        .arguments = {{"name", as->text}};
  }
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const YamlNode* use = uses[i] ? find_source(*uses[i]) : nullptr;
    if (use == nullptr || !names[i].empty()) continue;
    names[i] = use->text;
    for (int number = 2; !taken.emplace(names[i], i).second; ++number) {
      names[i] = fmt::format("{}#{}", use->text, number);
    }
  }
  return names;
}

class RuleParser {
 public:
  RuleParser(const YamlNode& node, const PolicyFields& fields, std::string name,
             PolicyDocument& document, Diagnostics& diagnostics)
      : fields_(fields), document_(document), diagnostics_(diagnostics) {
    rule_.name = std::move(name);
    rule_.span = node.span;
  }

  PolicyRule run() {
    rule_.is_plugin = fields_.find("use") == nullptr;
    const char* source = rule_.is_plugin ? "constrain" : "use";
    rule_.rule = fields_.text(source);
    rule_.rule_span = fields_.span(source);
    if (const YamlNode* with = fields_.find("with")) rule_.with = value(*with, rule_.name);
    if (const YamlNode* when = fields_.find("when")) rule_.when = value(*when, rule_.name);
    rule_.enabled = fields_.boolean("enabled", true);
    rule_.owner = fields_.text("owner");
    rule_.reason = fields_.text("reason");
    rule_.breaker = parse_breaker(fields_, diagnostics_);
    read_strength();
    read_dates();
    return std::move(rule_);
  }

 private:
  Value value(const YamlNode& node, const std::string& path) {
    return parse_value(node, path, document_, diagnostics_);
  }

  void read_strength() {
    if (const YamlNode* priority = fields_.find("priority")) rule_.priority = priority->number;
    if (const YamlNode* required = fields_.find("required")) rule_.required = required->boolean;
    if (const YamlNode* weight = fields_.find("weight")) {
      const Value steered = value(*weight, rule_.name + ".weight");
      rule_.weight = Amount::count(steered.number);
      rule_.weight->live = steered.live;
      // A plain number was checked by its key; a steered one hides behind `value` and `live`.
      const bool may_sink = steered.live >= 0 &&
                            document_.parameters[static_cast<std::size_t>(steered.live)].min < 0.0;
      if (weight->kind == Value::Kind::Map && (steered.number < 0.0 || may_sink)) {
        error(weight->span, "policy/range", "`weight` must be at least 0", {});
      }
    }
    const char* first = nullptr;
    for (const char* key : {"priority", "weight", "required"}) {
      const YamlNode* node = fields_.find(key);
      if (node == nullptr || (node->kind == Value::Kind::Bool && !node->boolean)) continue;
      if (first != nullptr) {
        error(fields_.key_span(key), "policy/two-strengths",
              fmt::format("`{}` and `{}` exclude each other", first, key),
              "a rule has a priority (hard), a weight (a wish) or is required");
      }
      first = key;
    }
  }

  std::optional<std::int64_t> date(const char* key, const TimeZone& zone) {
    const YamlNode* node = fields_.find(key);
    if (node == nullptr) return std::nullopt;
    const auto time = zone.parse(node->text);
    if (!time) return std::nullopt;
    if (time->clock != ClockTime::Once) warn_of_clocks(*node, zone, *time);
    return time->ms;
  }

  // A date on one of the two nights on which clocks are put means one of two moments, or none.
  void warn_of_clocks(const YamlNode& node, const TimeZone& zone, const ZonedTime& time) {
    const bool is_skipped = time.clock == ClockTime::Skipped;
    diagnostics_
        .warning(node.span, "policy/clock-change",
                 is_skipped
                     ? fmt::format("the clocks of {} skip `{}`", zone.name(), node.text)
                     : fmt::format("the clocks of {} show `{}` twice", zone.name(), node.text),
                 fmt::format("{} is meant: {}; write it so to be sure",
                             is_skipped ? "the moment at which they go forward" : "the first time",
                             format_time(time.ms)))
        .arguments = {{"name", rule_.name}, {"value", node.text}};
  }

  void read_dates() {
    const YamlNode* zone = fields_.find("zone");
    const TimeZone own = zone != nullptr ? *TimeZone::find(zone->text) : document_.zone;
    rule_.from_ms = date("from", own);
    rule_.until_ms = date("until", own);
    rule_.expires_ms = date("expires", own);
    if (rule_.from_ms && rule_.until_ms && *rule_.until_ms <= *rule_.from_ms) {
      error(fields_.span("until"), "policy/dates", "`until` is not after `from`",
            "`until` is the first moment at which the rule no longer acts");
    }
    if (rule_.from_ms && rule_.expires_ms && *rule_.expires_ms <= *rule_.from_ms) {
      error(fields_.span("expires"), "policy/dates", "`expires` is not after `from`", {});
    }
    if (zone != nullptr && !rule_.from_ms && !rule_.until_ms && !rule_.expires_ms) {
      diagnostics_
          .warning(fields_.key_span("zone"), "policy/unused-key", "`zone` has no date to speak of",
                   "it goes with `from`, `until` and `expires`")
          .arguments = {{"key", "zone"}, {"name", rule_.name}};
    }
  }

  void error(const Span& span, const char* code, std::string message, std::string hint) {
    diagnostics_.error(span, code, std::move(message), std::move(hint)).arguments = {
        {"name", rule_.name}};
  }

  const PolicyFields& fields_;
  PolicyDocument& document_;
  Diagnostics& diagnostics_;
  PolicyRule rule_;
};

}  // namespace

void parse_rules(const YamlNode& list, PolicyDocument& out, Diagnostics& diagnostics) {
  std::vector<std::optional<PolicyFields>> uses;
  for (const YamlNode& item : list.items) {
    uses.emplace_back();
    if (item.kind == Value::Kind::Map) {
      uses.back().emplace(item, rule_keys(), diagnostics);
      continue;
    }
    diagnostics.error(item.span, "policy/type",
                      fmt::format("a rule must be a map, found {}", describe(item.kind)),
                      "write {use: NAME, with: {...}, priority: 50}, for example");
  }
  const std::vector<std::string> names = name_uses(list, uses, diagnostics);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (names[i].empty()) continue;
    out.rules.push_back(RuleParser(list.items[i], *uses[i], names[i], out, diagnostics).run());
  }
}

}  // namespace lineup
