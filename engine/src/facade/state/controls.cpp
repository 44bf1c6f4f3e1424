// SPDX-License-Identifier: Apache-2.0
#include "facade/state/controls.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "facade/revision.hpp"
#include "record/record.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

// LIMIT: pages that are remembered, and for how long feedback may take.
constexpr std::uint32_t kPagesRemembered = 16'384;
constexpr std::int64_t kKeepMs = 7'200'000;

std::uint64_t key_of(const Json& id) {
  return id.is_string() ? item_key(std::string_view(id.get_ref<const std::string&>()))
                        : item_key(id.get<std::int64_t>());
}

Json number(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

}  // namespace

Result<Told> read_feedback(std::string_view events_json) {
  Told out;
  try {
    const auto json = Json::parse(events_json);
    if (json.contains("exposed")) {
      for (const Json& id : json.at("exposed")) out.exposed.push_back(key_of(id));
    }
    if (json.contains("events")) {
      for (const Json& event : json.at("events")) {
        Told::Event told;
        if (event.contains("id")) told.item = key_of(event.at("id"));
        if (event.contains("type")) told.type = hash64(event.at("type").get<std::string>());
        if (event.contains("value")) told.value = event.at("value").get<double>();
        if (!std::isfinite(told.value)) told.value = 0.0;
        out.events.push_back(told);
      }
    }
  } catch (const Json::exception& fault) {
    return failure("feedback/json", fmt::format("the feedback cannot be read: {}", fault.what()));
  }
  return out;
}

Controls::Controls() : memory_(kPagesRemembered, kKeepMs) {}

std::shared_ptr<Controller> Controls::controller(std::string_view scene, std::string_view name) {
  memory_.reserve();
  const std::lock_guard lock(mutex_);
  auto& found = controllers_[{std::string(scene), std::string(name)}];
  if (found == nullptr) found = std::make_shared<Controller>();
  return found;
}

void Controls::follow(const std::shared_ptr<const Revision>& revision) {
  if (revision == nullptr) return;
  const std::lock_guard lock(mutex_);
  if (followed_ == revision->id) return;
  followed_ = revision->id;
  moves_.clear();
  for (const Scene& scene : revision->scenes) {
    const Plan& plan = *scene.plan;
    for (const PlanController& each : plan.controllers) {
      each.controller->configure(each.spec);
      moves_[{plan.scene, each.name}] = each.dial < plan.weights.size()
                                            ? plan.weights[each.dial].name
                                            : plan.parameters[each.dial - plan.weights.size()].name;
    }
  }
}

void Controls::note(const Plan& plan, const Request& request, const Response& response,
                    std::span<const std::uint64_t> items) noexcept {
  const std::size_t count = std::min(plan.controllers.size(), kControllersMax);
  if (response.controls.outputs.size() < count || request.id.empty()) return;
  std::array<Controller*, kControllersMax> who{};
  std::array<std::uint64_t, kControllersMax> events{};
  for (std::size_t c = 0; c < count; ++c) {
    who[c] = plan.controllers[c].controller.get();
    events[c] = plan.controllers[c].event;
  }
  PageNote note;
  note.request = hash64(request.id);
  note.now_ms = request.now_ms;
  note.items = items;
  note.controllers = std::span<Controller* const>(who).first(count);
  note.events = std::span<const std::uint64_t>(events).first(count);
  note.outputs = response.controls.outputs;
  note.followed = response.controls.followed;
  note.values = response.controls.values;
  memory_.note(note);
}

bool Controls::hear(std::string_view request_id, const Told& told) {
  return !memory_.hear(hash64(request_id), told).empty();
}

void Controls::look() {
  const std::int64_t now_ms = memory_.latest_ms();
  if (now_ms == INT64_MIN) return;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, controller] : controllers_) controller->look(now_ms);
}

std::vector<std::string> Controls::news() {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, controller] : controllers_) {
    const std::string text = controller->news();
    if (text.empty()) continue;
    out.push_back(fmt::format("controller `{}` of scene `{}` {}", key.second, key.first, text));
  }
  return out;
}

nlohmann::ordered_json Controls::json() const {
  Json out = Json::array();
  const std::lock_guard lock(mutex_);
  for (const auto& [key, dial] : moves_) {
    const Controller::Status status = controllers_.at(key)->status();
    out.push_back(
        {{"scene", key.first},
         {"name", key.second},
         {"state", name_of(status.state)},
         {"target", status.target},
         {"measured", number(status.measured)},
         {"moves", dial},
         {"value", number(status.output)},
         {"min", status.min},
         {"max", status.max},
         {"steps", status.steps},
         {"exposures", status.exposures},
         {"given_up", status.given_up},
         {"heard", status.heard_ms == 0 ? Json(nullptr) : Json(format_time(status.heard_ms))}});
  }
  return out;
}

}  // namespace lineup
