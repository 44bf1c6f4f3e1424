// SPDX-License-Identifier: Apache-2.0
//
// Tolerant on purpose: a newer engine may say more, an older one less.
#include "cli/explain/trace.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace lineup::cli {

namespace {

using Json = nlohmann::json;

double number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>()
                                                   : std::numeric_limits<double>::quiet_NaN();
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& list_at(const Json& json, const char* key) {
  static const Json kNone = Json::array();
  const auto found = json.find(key);
  return found != json.end() && found->is_array() ? *found : kNone;
}

std::vector<std::string> texts_at(const Json& json, const char* key) {
  std::vector<std::string> out;
  for (const Json& text : list_at(json, key)) out.push_back(text.get<std::string>());
  return out;
}

std::vector<std::uint32_t> slots_at(const Json& json, const char* key) {
  std::vector<std::uint32_t> out;
  for (const Json& slot : list_at(json, key)) out.push_back(slot.get<std::uint32_t>());
  return out;
}

// 0 when there is none.
std::uint32_t count_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && !found->is_null() ? found->get<std::uint32_t>() : 0;
}

TracedSlot read_slot(const Json& json) {
  TracedSlot slot;
  slot.slot = json.value("slot", 0U);
  slot.row = json.value("row", 0U);
  slot.rank = json.value("rank", 0U);
  slot.score = number_at(json, "score");
  slot.score_before = number_at(json, "score_before");
  slot.placed_by = text_at(json, "placed_by");
  slot.reason = text_at(json, "reason");
  for (const Json& held : list_at(json, "held_back")) {
    slot.held_back.push_back({held.value("row", 0U), held.value("rank", 0U), text_at(held, "rule"),
                              text_at(held, "because"), number_at(held, "cost_predicted")});
  }
  return slot;
}

TracedRule read_rule(const Json& json) {
  TracedRule rule;
  rule.rule = text_at(json, "rule");
  rule.status = text_at(json, "status");
  rule.strength = text_at(json, "strength");
  rule.violations = json.value("violations", 0U);
  rule.reason = text_at(json, "reason");
  rule.owner = text_at(json, "owner");
  rule.asks = text_at(json, "asks");
  rule.priority = number_at(json, "priority");
  rule.acted = json.value("acted", 0U);
  rule.slots_placed = slots_at(json, "slots_placed");
  rule.slots_held_back = slots_at(json, "slots_held_back");
  if (json.contains("rows_filtered")) rule.rows_filtered = count_at(json, "rows_filtered");
  if (json.contains("rows_boosted")) rule.rows_boosted = count_at(json, "rows_boosted");
  rule.cost = number_at(json, "cost_predicted");
  rule.slots_changed = json.value("slots_changed", 0U);
  rule.frees = texts_at(json, "frees");
  return rule;
}

TracedConflict read_conflict(const Json& json) {
  TracedConflict conflict;
  for (const Json& rule : list_at(json, "rules")) {
    conflict.rules.push_back({text_at(rule, "rule"), text_at(rule, "because")});
  }
  conflict.proven_minimal = json.value("proven_minimal", false);
  conflict.given_up = text_at(json, "given_up");
  return conflict;
}

TracedItem read_item(const Json& json) {
  TracedItem item;
  item.row = json.value("row", 0U);
  item.rank = json.value("rank", 0U);
  item.slot = count_at(json, "slot");
  item.status = text_at(json, "status");
  item.filtered_by = texts_at(json, "filtered_by");
  item.natural_slot = count_at(json, "natural_slot");
  item.because = text_at(json, "because");
  item.rule = text_at(json, "rule");
  for (const Json& slot : list_at(json, "slots")) {
    item.slots.push_back(
        {slot.value("slot", 0U), texts_at(slot, "would_break"), text_at(slot, "rule")});
  }
  if (const auto found = json.find("forced"); found != json.end()) {
    TracedItem::Forced forced;
    forced.slot = found->value("slot", 0U);
    forced.possible = found->value("possible", false);
    forced.cost = number_at(*found, "cost_predicted");
    for (const Json& broken : list_at(*found, "would_break")) {
      forced.would_break.emplace_back(text_at(broken, "rule"), broken.value("violations", 0U));
    }
    item.forced = std::move(forced);
  }
  return item;
}

}  // namespace

Result<Trace> read_trace(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Trace trace;
    for (const Json& slot : list_at(json, "slots")) trace.slots.push_back(read_slot(slot));
    for (const Json& rule : list_at(json, "rules")) trace.rules.push_back(read_rule(rule));
    for (const Json& each : list_at(json, "conflicts")) {
      trace.conflicts.push_back(read_conflict(each));
    }
    if (json.contains("item")) trace.item = read_item(json.at("item"));
    for (const Json& node : list_at(json, "nodes")) {
      trace.nodes.push_back({text_at(node, "id"), node.value("slates", 0U),
                             node.value("elapsed_us", 0.0), text_at(node, "status"),
                             node.value("slates_in", 0U), number_at(node, "best")});
    }
    trace.candidates = json.value("candidates", 0U);
    trace.slots_asked = json.value("slots_asked", 0U);
    trace.value = number_at(json, "value_predicted");
    trace.verified = json.value("verified", false);
    trace.selected_by = text_at(json, "selected_by");
    trace.load = text_at(json, "load");
    return trace;
  } catch (const Json::exception& fault) {
    return failure("trace/json", fmt::format("the trace cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup::cli
