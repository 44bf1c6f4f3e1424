// SPDX-License-Identifier: Apache-2.0
//
// The report of `lineup verify` for machines.
#include <nlohmann/json.hpp>

#include "cli/print/report_json.hpp"
#include "cli/request/page_audit.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json example_of(const AuditExample& example) {
  return {
      {"id", text_or_null(example.id)}, {"line", example.line}, {"violations", example.violations}};
}

Json rules_of(const AuditReport& report) {
  Json out = Json::array();
  for (const auto& [name, rule] : report.rules) {
    Json examples = Json::array();
    Json worst = Json::array();
    for (const AuditExample& example : rule.examples) {
      examples.push_back(example.id);
      worst.push_back(example_of(example));
    }
    out.push_back({{"rule", name},
                   {"soft", rule.is_soft},
                   {"pages", rule.pages},
                   {"violations", rule.violations},
                   {"examples", std::move(examples)},
                   {"worst", std::move(worst)}});
  }
  return out;
}

Json worst_of(const AuditReport& report) {
  Json out = Json::array();
  for (const WorstPage& page : report.worst) {
    Json entry = example_of(page.page);
    entry["rules"] = Json::object();
    for (const auto& [rule, violations] : page.rules) entry["rules"][rule] = violations;
    entry["slate"] = page.items;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

std::string audit_json(const AuditReport& report) {
  Json broken = Json::array();
  for (const BrokenPage& page : report.broken) {
    broken.push_back(
        {{"id", text_or_null(page.id)}, {"line", page.line}, {"message", page.message}});
  }
  const Json out = {{"ok", report.holds()},
                    {"pages", report.pages},
                    {"clean", report.clean},
                    {"violations", report.violations},
                    {"not_judged", report.broken_count},
                    {"requests_without_page", report.requests_without_page},
                    {"rules", rules_of(report)},
                    {"worst_pages", worst_of(report)},
                    {"broken", std::move(broken)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lineup::cli
