// SPDX-License-Identifier: Apache-2.0
//
// Keys come out in the order they are written here. Absent texts are left out or null, never "".
#include "cli/report_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json number_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(); }

Json id_of_row(const RequestLine& request, std::uint32_t row) {
  const OwnedIds& ids = request.candidates.ids();
  return ids.came_as_number(row) ? Json::parse(ids.text(row)) : Json(ids.text(row));
}

Json id_of(const RequestLine& request) {
  if (!request.has_id) return nullptr;
  return request.id_is_number ? Json::parse(request.id) : Json(request.id);
}

Json diagnostic_of(const Diagnostic& found) {
  Json arguments = Json::object();
  for (const auto& [name, value] : found.arguments) arguments[name] = value;
  return {{"severity", found.severity == Severity::Error ? "error" : "warning"},
          {"code", found.code},
          {"file", found.span.file},
          {"line", found.span.line},
          {"column", found.span.column},
          {"end_line", found.span.end_line},
          {"end_column", found.span.end_column},
          {"message", found.message},
          {"hint", text_or_null(found.hint)},
          {"arguments", std::move(arguments)}};
}

Json diagnostics_of(const std::vector<Diagnostic>& all) {
  Json out = Json::array();
  for (const Diagnostic& found : all) out.push_back(diagnostic_of(found));
  return out;
}

Json slots_of(const RequestLine& request, const Trace& trace) {
  const OwnedColumn* titles = request.candidates.find("title");
  Json out = Json::array();
  for (const TracedSlot& slot : trace.slots) {
    Json held_back = Json::array();
    for (const HeldBack& held : slot.held_back) {
      held_back.push_back({{"id", id_of_row(request, held.row)},
                           {"rank", held.rank},
                           {"rule", text_or_null(held.rule)}});
    }
    Json entry = {{"slot", slot.slot}, {"id", id_of_row(request, slot.row)}};
    if (titles != nullptr) entry["title"] = text_or_null(std::string(titles->text(slot.row)));
    entry["rank"] = slot.rank;
    entry["score"] = number_or_null(slot.score);
    entry["score_before"] = number_or_null(slot.score_before);
    entry["placed_by"] = slot.placed_by;
    entry["held_back"] = std::move(held_back);
    out.push_back(std::move(entry));
  }
  return out;
}

Json item_of(const RequestLine& request, const ItemReason& item) {
  Json slots = Json::array();
  for (const ItemAtSlot& at : item.slots) {
    slots.push_back({{"slot", at.slot}, {"would_break", at.broken}});
  }
  return {{"id", id_of_row(request, item.row)},
          {"slot", item.slot == 0 ? Json() : Json(item.slot)},
          {"rank", item.rank == 0 ? Json() : Json(item.rank)},
          {"forbidden", text_or_null(item.forbidden)},
          {"slots", std::move(slots)}};
}

}  // namespace

std::string check_json(const CheckReport& report) {
  return dump({{"ok", !report.diagnostics.has_errors()},
               {"revision", text_or_null(report.revision)},
               {"scenes", report.scenes},
               {"diagnostics", diagnostics_of(report.diagnostics.all())}});
}

std::string explanation_json(const RequestLine& request, const Explanation& explanation) {
  const Trace& trace = explanation.trace;
  Json rules = Json::array();
  for (const TracedRule& rule : trace.rules) {
    rules.push_back({{"rule", rule.rule},
                     {"status", rule.status},
                     {"strength", rule.strength},
                     {"violations", rule.violations},
                     {"reason", text_or_null(rule.reason)}});
  }
  Json nodes = Json::array();
  for (const TracedNode& node : trace.nodes) {
    nodes.push_back({{"id", node.id},
                     {"slates", node.slates},
                     {"elapsed_us", node.elapsed_us},
                     {"status", node.status}});
  }
  Json relaxed = Json::array();
  for (const GivenUpRule& rule : explanation.given_up) {
    relaxed.push_back(
        {{"rule", rule.rule}, {"violations", rule.violations}, {"reason", rule.reason}});
  }
  Json out = {{"id", id_of(request)},
              {"scene", request.scene},
              {"status", explanation.status},
              {"search", explanation.search},
              {"revision", explanation.revision},
              {"elapsed_us", explanation.elapsed_us},
              {"error", text_or_null(explanation.error)},
              {"warnings", explanation.warnings},
              {"slots", slots_of(request, trace)},
              {"relaxed", std::move(relaxed)},
              {"rules", std::move(rules)},
              {"nodes", std::move(nodes)},
              {"selected_by", trace.selected_by},
              {"verified", trace.verified}};
  if (explanation.item) out["item"] = item_of(request, *explanation.item);
  return dump(out);
}

std::string case_json(const CaseResult& result) {
  return dump({{"rule", result.rule},
               {"case", result.name},
               {"passed", result.passed},
               {"message", text_or_null(result.message)},
               {"file", result.file},
               {"line", result.line}});
}

std::string rule_json(const RuleDescription& rule) {
  Json parameters = Json::array();
  for (const ParameterDescription& parameter : rule.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"type", parameter.type},
                          {"about", parameter.about},
                          {"default", text_or_null(parameter.default_text)},
                          {"bounds", text_or_null(parameter.bounds)},
                          {"required", parameter.required}});
  }
  return dump({{"name", rule.name},
               {"about", rule.about},
               {"path", rule.path},
               {"code", rule.is_code},
               {"required_by_default", rule.required_by_default},
               {"parameters", std::move(parameters)},
               {"faults", diagnostics_of(rule.faults)}});
}

std::string plugin_check_json(const std::string& path, const std::vector<PluginCheck>& checks) {
  Json list = Json::array();
  bool ok = true;
  for (const PluginCheck& check : checks) {
    ok = ok && check.verdict != "failed" && check.verdict != "crashed";
    list.push_back({{"name", check.name},
                    {"verdict", check.verdict},
                    {"message", text_or_null(check.message)}});
  }
  return dump({{"plugin", path}, {"ok", ok}, {"checks", std::move(list)}});
}

std::string audit_json(const AuditReport& report) {
  Json rules = Json::array();
  for (const auto& [name, rule] : report.rules) {
    rules.push_back({{"rule", name},
                     {"soft", rule.is_soft},
                     {"pages", rule.pages},
                     {"violations", rule.violations},
                     {"examples", rule.examples}});
  }
  Json broken = Json::array();
  for (const BrokenPage& page : report.broken) {
    broken.push_back({{"id", text_or_null(page.id)}, {"message", page.message}});
  }
  return dump({{"ok", report.holds()},
               {"pages", report.pages},
               {"clean", report.clean},
               {"requests_without_page", report.requests_without_page},
               {"rules", std::move(rules)},
               {"broken", std::move(broken)}});
}

std::string bench_json(const BenchReport& report) {
  return dump({{"workload", report.workload},
               {"variant", report.variant},
               {"n", report.n},
               {"k", report.k},
               {"threads", report.threads},
               {"columns", report.columns},
               {"p50_us", report.p50_us},
               {"p99_us", report.p99_us},
               {"p999_us", report.p999_us},
               {"rps", report.rps},
               {"allocs_per_request", report.allocs_per_request},
               {"peak_rss_kb", report.peak_rss_kb},
               {"core_s_per_million", report.core_seconds_per_million}});
}

std::string watch_json(const WatchEvent& event) {
  Json out = {{"event", event.event}, {"revision", text_or_null(event.revision)}};
  if (event.request != nullptr) {
    Json slate = Json::array();
    for (const std::uint32_t row : event.slate) slate.push_back(id_of_row(*event.request, row));
    out["id"] = id_of(*event.request);
    out["slate"] = std::move(slate);
    out["status"] = event.status;
  }
  out["elapsed_ms"] = event.elapsed_ms;
  out["message"] = text_or_null(event.message);
  if (!event.diagnostics.empty()) out["diagnostics"] = diagnostics_of(event.diagnostics);
  return dump(out);
}

std::string replay_json(const ReplayReport& report) {
  return dump({{"id", report.id},
               {"same", report.is_same},
               {"recorded_revision", report.recorded_revision},
               {"revision", report.revision},
               {"recorded", report.recorded},
               {"replayed", report.replayed}});
}

}  // namespace lineup::cli
