// SPDX-License-Identifier: Apache-2.0
//
// An explanation for machines. policies/README.md says what the keys mean; a key keeps its meaning,
// new ones may come.
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/print/report_json.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json number_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(); }
Json count_or_null(std::uint32_t count) { return count == 0 ? Json() : Json(count); }

Json id_of_row(const RequestLine& request, std::uint32_t row) {
  const OwnedIds& ids = request.candidates.ids();
  return ids.came_as_number(row) ? Json::parse(ids.text(row)) : Json(ids.text(row));
}

Json slots_of(const RequestLine& request, const Trace& trace) {
  const OwnedColumn* titles = request.candidates.find("title");
  Json out = Json::array();
  for (const TracedSlot& slot : trace.slots) {
    Json held_back = Json::array();
    for (const HeldBack& held : slot.held_back) {
      Json entry = {{"id", id_of_row(request, held.row)},
                    {"rank", held.rank},
                    {"rule", text_or_null(held.rule)},
                    {"because", held.because}};
      if (std::isfinite(held.cost)) entry["cost_predicted"] = held.cost;
      held_back.push_back(std::move(entry));
    }
    Json entry = {{"slot", slot.slot}, {"id", id_of_row(request, slot.row)}};
    if (titles != nullptr) entry["title"] = text_or_null(std::string(titles->text(slot.row)));
    entry["rank"] = slot.rank;
    entry["score"] = number_or_null(slot.score);
    entry["score_before"] = number_or_null(slot.score_before);
    entry["placed_by"] = slot.placed_by;
    if (!slot.reason.empty()) entry["reason"] = slot.reason;
    entry["held_back"] = std::move(held_back);
    out.push_back(std::move(entry));
  }
  return out;
}

Json rules_of(const Trace& trace) {
  Json out = Json::array();
  for (const TracedRule& rule : trace.rules) {
    Json entry = {{"rule", rule.rule},
                  {"status", rule.status},
                  {"strength", rule.strength},
                  {"priority", number_or_null(rule.priority)},
                  {"asks", rule.asks},
                  {"violations", rule.violations},
                  {"acted", rule.acted},
                  {"slots_placed", rule.slots_placed},
                  {"slots_held_back", rule.slots_held_back},
                  {"cost_predicted", number_or_null(rule.cost)},
                  {"slots_changed", rule.slots_changed},
                  {"frees", rule.frees}};
    if (rule.rows_filtered) entry["rows_filtered"] = *rule.rows_filtered;
    if (rule.rows_boosted) entry["rows_boosted"] = *rule.rows_boosted;
    entry["owner"] = text_or_null(rule.owner);
    entry["reason"] = text_or_null(rule.reason);
    out.push_back(std::move(entry));
  }
  return out;
}

Json conflicts_of(const Trace& trace) {
  Json out = Json::array();
  for (const TracedConflict& conflict : trace.conflicts) {
    Json rules = Json::array();
    for (const TracedConflict::Rule& rule : conflict.rules) {
      rules.push_back({{"rule", rule.rule}, {"because", rule.because}});
    }
    out.push_back({{"rules", std::move(rules)},
                   {"proven_minimal", conflict.proven_minimal},
                   {"given_up", text_or_null(conflict.given_up)}});
  }
  return out;
}

Json nodes_of(const Trace& trace) {
  Json out = Json::array();
  for (const TracedNode& node : trace.nodes) {
    Json entry{{"id", node.id},
               {"slates_in", node.slates_in},
               {"slates", node.slates},
               {"elapsed_us", node.elapsed_us},
               {"status", node.status}};
    if (!std::isnan(node.best)) entry["best"] = node.best;
    out.push_back(std::move(entry));
  }
  return out;
}

Json item_of(const RequestLine& request, const TracedItem& item) {
  Json slots = Json::array();
  for (const TracedItem::Slot& at : item.slots) {
    slots.push_back(
        {{"slot", at.slot}, {"would_break", at.would_break}, {"rule", text_or_null(at.rule)}});
  }
  Json out = {
      {"id", id_of_row(request, item.row)},    {"slot", count_or_null(item.slot)},
      {"rank", count_or_null(item.rank)},      {"status", item.status},
      {"filtered_by", item.filtered_by},       {"natural_slot", count_or_null(item.natural_slot)},
      {"because", text_or_null(item.because)}, {"rule", text_or_null(item.rule)}};
  if (item.forced) {
    Json broken = Json::array();
    for (const auto& [rule, violations] : item.forced->would_break) {
      broken.push_back({{"rule", rule}, {"violations", violations}});
    }
    out["forced"] = {{"slot", item.forced->slot},
                     {"possible", item.forced->possible},
                     {"would_break", std::move(broken)},
                     {"cost_predicted", number_or_null(item.forced->cost)}};
  }
  out["slots"] = std::move(slots);
  return out;
}

}  // namespace

std::string explanation_json(const RequestLine& request, const Explanation& explanation) {
  const Trace& trace = explanation.trace;
  Json relaxed = Json::array();
  for (const GivenUpRule& rule : explanation.given_up) {
    relaxed.push_back(
        {{"rule", rule.rule}, {"violations", rule.violations}, {"reason", rule.reason}});
  }
  Json id = nullptr;
  if (request.has_id) id = request.id_is_number ? Json::parse(request.id) : Json(request.id);
  Json out = {{"id", std::move(id)},
              {"scene", request.scene},
              {"status", explanation.status},
              {"search", explanation.search},
              {"revision", explanation.revision},
              {"elapsed_us", explanation.elapsed_us},
              {"error", text_or_null(explanation.error)},
              {"warnings", explanation.warnings},
              {"slots", slots_of(request, trace)},
              {"relaxed", std::move(relaxed)},
              {"conflicts", conflicts_of(trace)},
              {"rules", rules_of(trace)},
              {"nodes", nodes_of(trace)},
              {"selected_by", trace.selected_by},
              {"load", text_or_null(trace.load)},
              {"value_predicted", number_or_null(trace.value)},
              {"slots_asked", trace.slots_asked},
              {"verified", trace.verified}};
  if (trace.item) out["item"] = item_of(request, *trace.item);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lineup::cli
