// SPDX-License-Identifier: Apache-2.0
//
// Tolerant on purpose: a newer engine may say more, an older one less.
#include "cli/trace.hpp"

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

TracedSlot read_slot(const Json& json) {
  TracedSlot slot;
  slot.slot = json.value("slot", 0U);
  slot.row = json.value("row", 0U);
  slot.rank = json.value("rank", 0U);
  slot.score = number_at(json, "score");
  slot.score_before = number_at(json, "score_before");
  slot.placed_by = text_at(json, "placed_by");
  for (const Json& held : list_at(json, "held_back")) {
    slot.held_back.push_back(
        {held.value("row", 0U), held.value("rank", 0U), text_at(held, "rule")});
  }
  return slot;
}

}  // namespace

Result<Trace> read_trace(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Trace trace;
    for (const Json& slot : list_at(json, "slots")) trace.slots.push_back(read_slot(slot));
    for (const Json& rule : list_at(json, "rules")) {
      trace.rules.push_back({text_at(rule, "rule"), text_at(rule, "status"),
                             text_at(rule, "strength"), rule.value("violations", 0U),
                             text_at(rule, "reason")});
    }
    for (const Json& node : list_at(json, "nodes")) {
      trace.nodes.push_back({text_at(node, "id"), node.value("slates", 0U),
                             node.value("elapsed_us", 0.0), text_at(node, "status")});
    }
    trace.candidates = json.value("candidates", 0U);
    trace.verified = json.value("verified", false);
    trace.selected_by = text_at(json, "selected_by");
    return trace;
  } catch (const Json::exception& fault) {
    return failure("trace/json", fmt::format("the trace cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup::cli
