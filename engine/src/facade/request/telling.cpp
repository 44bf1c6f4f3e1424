// SPDX-License-Identifier: Apache-2.0
//
// What the engine tells when something changed: in its log, and to what remembers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"

namespace lineup {

namespace {

constexpr std::uint32_t kEmergencyLookMs = 200;
// The compact ring holds 4096 requests: nothing is lost up to 80 000 requests a second.
constexpr std::uint32_t kControllersMs = 1000;
constexpr std::uint32_t kDecisionsMs = 50;
// LIMIT: paths that one entry of the audit log lists; it says how many there were.
constexpr std::size_t kChangedShown = 50;

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// An object of JSON as text. Not the library's document: where there is no memory its destructor
// ends the process, and this runs beside whatever else a reload needed memory for.
class Detail {
 public:
  Detail& add(std::string_view name, std::string_view value) { return put(name, json_text(value)); }
  Detail& put(std::string_view name, std::string_view json) {
    text_ += fmt::format("{}\"{}\":{}", text_.size() > 1 ? "," : "", name, json);
    return *this;
  }
  [[nodiscard]] std::string text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

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
  const Verified verified =
      attempt.bundle == nullptr ? Verified() : engine.gate.judged(attempt.bundle->hash);
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
  Detail detail;
  detail.add("mode", name_of(verified.mode)).add("stage", name_of(attempt.reached));
  if (!verified.manifest.revision.empty()) {
    std::string changed;
    for (std::size_t i = 0; i < std::min(verified.changed.size(), kChangedShown); ++i) {
      changed += (i == 0 ? "" : ",") + json_text(verified.changed[i]);
    }
    detail.add("manifest", verified.manifest.revision)
        .add("parent", verified.manifest.parent)
        .put("changed", "[" + changed + "]")
        .put("changed_count", std::to_string(verified.changed.size()));
  }
  if (!attempt.ok()) {
    detail.add("code", attempt.error.code).add("message", attempt.error.message);
  }
  entry.detail = detail.text();
  engine.audit.note(std::move(entry));
}

void audit_weight(lineup_engine& engine, std::string_view scene, std::string_view name,
                  double value, std::string_view who, std::string_view why,
                  const Result<void>& done) {
  Detail detail;
  detail.put("value", std::isfinite(value) ? nlohmann::json(value).dump() : "null");
  if (!done) detail.add("message", done.error().message);
  engine.audit.note({0, wall_ms(), std::string(who), "weight", fmt::format("{}/{}", scene, name),
                     std::string(why),
                     !done               ? "refused"
                     : std::isnan(value) ? "taken back"
                                         : "set",
                     detail.text()});
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

namespace {

void log_controllers(lineup_engine& engine) {
  for (const std::string& text : engine.controls.news()) {
    engine.log.write(LogLevel::Warning, text);
    engine.audit.note({0, wall_ms(), "engine", "controller", "", "", "", text});
  }
}

}  // namespace

void tell_controllers(lineup_engine& engine, std::string_view request_id, const Told& told) {
  engine.controls.follow(engine.published.current());
  if (engine.controls.hear(request_id, told)) log_controllers(engine);
}

void keep_house(lineup_engine& engine) {
  engine.housekeeper.every(kControllersMs, [&engine] {
    engine.controls.follow(engine.published.current());
    engine.controls.look();
    log_controllers(engine);
  });
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
      engine.metrics_fault.set(written);
      if (!written && !told) engine.log.write(LogLevel::Warning, written.error().message);
      told = !written;
    });
  }
  engine.housekeeper.start();
}

}  // namespace lineup
