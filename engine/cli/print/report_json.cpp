// SPDX-License-Identifier: Apache-2.0
//
// Keys come out in the order they are written here. Absent texts are left out or null, never "".
#include "cli/print/report_json.hpp"

#include <nlohmann/json.hpp>

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

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

Json survey_of(const RequestSurvey& survey) {
  Json rules = Json::array();
  for (const auto& [name, rule] : survey.rules) {
    rules.push_back({{"scene", name.first},
                     {"rule", name.second},
                     {"requests", rule.requests},
                     {"applied", rule.active},
                     {"acted", rule.acted},
                     {"given_up", rule.given_up},
                     {"not_applied", rule.idle}});
  }
  Json segments = Json::array();
  for (const auto& [name, requests] : survey.segments) {
    segments.push_back({{"scene", name.first}, {"segment", name.second}, {"requests", requests}});
  }
  return {{"asked", survey.requests},
          {"failed", survey.failed},
          {"rules", std::move(rules)},
          {"segments", std::move(segments)}};
}

}  // namespace

std::string check_json(const CheckReport& report, const RequestSurvey* survey) {
  Json out = {{"ok", !report.diagnostics.has_errors()},
              {"revision", text_or_null(report.revision)},
              {"scenes", report.scenes},
              {"diagnostics", diagnostics_of(report.diagnostics.all())}};
  if (survey != nullptr) out["requests"] = survey_of(*survey);
  return dump(out);
}

std::string case_json(const CaseResult& result) {
  return dump({{result.is_of_plugin ? "plugin" : "rule", result.of},
               {"case", result.name},
               {"passed", result.passed},
               {"message", text_or_null(result.message)},
               {"file", result.file},
               {"line", result.line}});
}

std::string coverage_json(const RuleCoverage& coverage, double percent) {
  Json items = Json::array();
  for (const RuleCoverage::Item& item : coverage.items) {
    items.push_back({{"sort", item.sort}, {"what", item.what}, {"reached", item.is_reached}});
  }
  return dump({{"rule", coverage.rule},
               {"path", coverage.path},
               {"coverage_percent", percent},
               {"items", std::move(items)}});
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
                    {"about", check.about},
                    {"verdict", check.verdict},
                    {"message", text_or_null(check.message)}});
  }
  return dump({{"plugin", path}, {"ok", ok}, {"checks", std::move(list)}});
}

std::string plugin_cases_json(const std::vector<PluginCheck>& cases) {
  Json list = Json::array();
  for (const PluginCheck& each : cases) {
    list.push_back({{"name", each.name}, {"about", each.about}});
  }
  return dump({{"cases", std::move(list)}});
}

std::string bench_json(const BenchReport& report) {
  Json out = {{"workload", report.workload},
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
              {"core_s_per_million", report.core_seconds_per_million}};
  if (report.missed) out["missed"] = *report.missed;
  if (report.hit_rate) out["hit_rate"] = *report.hit_rate;
  return dump(out);
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
