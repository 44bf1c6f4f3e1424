// SPDX-License-Identifier: Apache-2.0
//
// What the engine tells when something changed: in its log, and to what remembers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "engine_state.hpp"

namespace lineup {

namespace {

constexpr std::uint32_t kEmergencyLookMs = 200;
// The compact ring holds 4096 requests: nothing is lost up to 80 000 requests a second.
constexpr std::uint32_t kDecisionsMs = 50;
// LIMIT: paths that one entry of the audit log lists; it says how many there were.
constexpr std::size_t kChangedShown = 50;

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> node_names(const lineup_engine& engine, std::string_view revision,
                                    std::string_view scene) {
  std::vector<std::string> names;
  const auto found = engine.published.find(revision);
  const Scene* plan_of = found == nullptr ? nullptr : found->find(scene);
  if (plan_of == nullptr) return names;
  for (const PlanNode& node : plan_of->plan->nodes) names.push_back(node.id);
  return names;
}

}  // namespace

void tell_trust(lineup_engine& engine, const Bundle& bundle) {
  if (const auto kept = engine.gate.activated(bundle.hash); !kept) {
    engine.log.write(LogLevel::Warning, kept.error().message);
  }
  if (!engine.gate.is_other_mode()) return;
  if (engine.gate.serving().mode == TrustMode::Development) {
    engine.log.write(LogLevel::Info,
                     fmt::format("bundle `{}` has no manifest: development mode, whatever is saved "
                                 "goes live",
                                 bundle.directory));
  }
}

void audit_attempt(lineup_engine& engine, const Attempt& attempt) {
  if (attempt.state == ReloadState::Unchanged) return;
  const Verified verified = engine.gate.judged();
  AuditEntry entry;
  entry.at_ms = attempt.finished_ms;
  for (const std::string& signer : verified.signers) {
    entry.who += (entry.who.empty() ? "" : ", ") + signer;
  }
  if (entry.who.empty()) entry.who = verified.manifest.author;
  entry.what = "revision";
  entry.target = attempt.revision;
  entry.why = verified.manifest.reason;
  entry.result = attempt.state == ReloadState::Shadow ? "on trial"
                 : attempt.ok()                       ? "active"
                                                      : "refused";
  nlohmann::ordered_json detail{{"mode", name_of(verified.mode)},
                                {"stage", name_of(attempt.reached)}};
  if (!verified.manifest.revision.empty()) {
    detail["manifest"] = verified.manifest.revision;
    detail["parent"] = verified.manifest.parent;
    const std::size_t shown = std::min(verified.changed.size(), kChangedShown);
    detail["changed"] = std::vector<std::string>(
        verified.changed.begin(), verified.changed.begin() + static_cast<std::ptrdiff_t>(shown));
    detail["changed_count"] = verified.changed.size();
  }
  if (!attempt.ok()) {
    detail["code"] = attempt.error.code;
    detail["message"] = attempt.error.message;
  }
  entry.detail = dump(detail);
  engine.audit.note(std::move(entry));
}

void audit_weight(lineup_engine& engine, std::string_view scene, std::string_view name,
                  double value, std::string_view who, std::string_view why,
                  const Result<void>& done) {
  nlohmann::ordered_json detail{{"value", nullptr}};
  if (!std::isnan(value)) detail["value"] = value;
  if (!done) detail["message"] = done.error().message;
  engine.audit.note({0, wall_ms(), std::string(who), "weight", fmt::format("{}/{}", scene, name),
                     std::string(why),
                     !done               ? "refused"
                     : std::isnan(value) ? "taken back"
                                         : "set",
                     dump(detail)});
}

std::vector<EmergencyKeeper::Place> emergency_places(const EngineOptions& options) {
  std::vector<EmergencyKeeper::Place> places;
  if (!options.state_directory.empty()) {
    places.push_back({options.state_directory + "/" + kEmergencyName, false});
  }
  if (!options.sources.directory.empty()) {
    places.push_back(
        {options.sources.directory + "/" + kEmergencyName, !options.trust_file.empty()});
  }
  return places;
}

void audit_emergency(lineup_engine& engine, const EmergencyEvent& event) {
  const bool is_bad = event.result == "refused" || event.result == "left out";
  engine.log.write(is_bad ? LogLevel::Error : LogLevel::Warning,
                   fmt::format("emergency overlay `{}`: {}{}{}", event.path, event.result,
                               event.detail.empty() ? "" : ": ", event.detail));
  engine.audit.note(
      {0, wall_ms(), event.who, "emergency", event.path, event.why, event.result, event.detail});
}

void keep_house(lineup_engine& engine) {
  engine.emergency.look(wall_ms());
  const bool has_state = !engine.options.state_directory.empty();
  if (has_state || engine.options.watch) {
    engine.housekeeper.every(kEmergencyLookMs, [&engine] { engine.emergency.look(wall_ms()); });
  }
  if (engine.decisions.is_on()) {
    engine.housekeeper.every(kDecisionsMs, [&engine, told = false]() mutable {
      const auto drained = engine.decisions.drain(
          engine.recorder,
          [&engine](auto revision, auto scene) { return node_names(engine, revision, scene); });
      if (!drained && !told) engine.log.write(LogLevel::Warning, drained.error().message);
      told = !drained;
    });
  }
  if (has_state) {
    engine.housekeeper.every(engine.options.metrics_ms, [&engine, told = false]() mutable {
      const auto written = write_metrics(engine);
      if (!written && !told) engine.log.write(LogLevel::Warning, written.error().message);
      told = !written;
    });
  }
  engine.housekeeper.start();
}

}  // namespace lineup
