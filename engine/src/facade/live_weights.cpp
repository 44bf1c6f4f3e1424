// SPDX-License-Identifier: Apache-2.0
//
// A value is written to its file before it is put into its cell: what a request used is never
// forgotten by a restart.
#include "facade/live_weights.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace lineup {

namespace {

constexpr std::size_t kHistoryMax = 10'000;
constexpr std::int64_t kNever = INT64_MAX;

double now_value(const Dial& dial, const LiveValue& cell, std::int64_t now_ms) {
  const double value = cell.value.load();
  return std::isnan(value) || now_ms >= cell.expires_ms.load() ? dial.value : value;
}

}  // namespace

LiveWeights::LiveWeights(std::string state_directory) {
  if (state_directory.empty()) return;
  path_ = state_directory + "/weights.json";
  load();
}

std::shared_ptr<LiveValue> LiveWeights::cell_locked(std::string_view scene, std::string_view name) {
  auto& cell = cells_[{std::string(scene), std::string(name)}];
  if (cell == nullptr) cell = std::make_shared<LiveValue>();
  return cell;
}

std::shared_ptr<const LiveValue> LiveWeights::cell(std::string_view scene, std::string_view name) {
  const std::lock_guard lock(mutex_);
  return cell_locked(scene, name);
}

void LiveWeights::note(LiveChange change) {
  if (history_.size() == kHistoryMax) history_.erase(history_.begin());
  history_.push_back(std::move(change));
}

Result<void> LiveWeights::set(std::string_view scene, const Dial& dial, double value,
                              std::int64_t ttl_ms, std::int64_t now_ms, std::string_view who,
                              std::string_view why) {
  const std::lock_guard lock(mutex_);
  const auto cell = cell_locked(scene, dial.name);
  const double before = now_value(dial, *cell, now_ms);
  LiveChange change{now_ms,
                    std::string(scene),
                    dial.name,
                    before,
                    value,
                    ttl_ms > 0 ? now_ms + ttl_ms : kNever,
                    std::string(who),
                    std::string(why),
                    {}};
  std::string code;
  if (!(value >= dial.min && value <= dial.max)) {
    code = "weights/out-of-bounds";
    change.refusal = fmt::format("`{}` must lie between {} and {}, got {}", dial.name, dial.min,
                                 dial.max, value);
  } else if (dial.max_step > 0.0 && std::abs(value - before) > dial.max_step * (1.0 + 1e-9)) {
    code = "weights/step";
    change.refusal = fmt::format("`{}` is {} now and may change by at most {} at once, got {}",
                                 dial.name, before, dial.max_step, value);
  }
  if (!code.empty()) {
    note(change);
    return failure(code, change.refusal);
  }
  const double old_value = cell->value.load();
  const std::int64_t old_expiry = cell->expires_ms.load();
  cell->expires_ms.store(change.expires_ms);
  cell->value.store(value);
  if (auto kept = keep_locked(); !kept) {
    cell->value.store(old_value);
    cell->expires_ms.store(old_expiry);
    change.refusal = kept.error().message;
    note(change);
    return kept;
  }
  note(std::move(change));
  return {};
}

Result<void> LiveWeights::clear(std::string_view scene, const Dial& dial, std::int64_t now_ms,
                                std::string_view who, std::string_view why) {
  const std::lock_guard lock(mutex_);
  const auto cell = cell_locked(scene, dial.name);
  note({now_ms,
        std::string(scene),
        dial.name,
        now_value(dial, *cell, now_ms),
        std::numeric_limits<double>::quiet_NaN(),
        0,
        std::string(who),
        std::string(why),
        {}});
  cell->value.store(std::numeric_limits<double>::quiet_NaN());
  return keep_locked();
}

std::vector<LiveChange> LiveWeights::history() const {
  const std::lock_guard lock(mutex_);
  return history_;
}

std::vector<LiveChange> LiveWeights::current(std::int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  std::vector<LiveChange> out;
  for (const auto& [key, cell] : cells_) {
    const double value = cell->value.load();
    const std::int64_t expires_ms = cell->expires_ms.load();
    if (std::isnan(value) || now_ms >= expires_ms) continue;
    LiveChange entry;
    entry.scene = key.first;
    entry.name = key.second;
    entry.after = value;
    entry.expires_ms = expires_ms;
    out.push_back(std::move(entry));
  }
  return out;
}

Result<void> LiveWeights::keep_locked() const {
  if (path_.empty()) return {};
  nlohmann::json values = nlohmann::json::array();
  for (const auto& [key, cell] : cells_) {
    const double value = cell->value.load();
    if (std::isnan(value)) continue;
    nlohmann::json entry{{"scene", key.first}, {"name", key.second}, {"value", value}};
    if (cell->expires_ms.load() != kNever) entry["expires_ms"] = cell->expires_ms.load();
    values.push_back(std::move(entry));
  }
  const std::string temporary = path_ + ".tmp";
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << nlohmann::json{{"lineup_weights", 1}, {"values", values}}.dump(2) << '\n';
    if (!file.flush()) {
      return failure("weights/not-kept", fmt::format("`{}` cannot be written", temporary));
    }
  }
  if (std::rename(temporary.c_str(), path_.c_str()) != 0) {
    return failure("weights/not-kept", fmt::format("`{}` cannot be replaced", path_));
  }
  return {};
}

void LiveWeights::load() {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return;  // nothing was kept yet
  std::stringstream text;
  text << file.rdbuf();
  try {
    const auto json = nlohmann::json::parse(text.str());
    for (const auto& entry : json.at("values")) {
      const auto cell =
          cell_locked(entry.at("scene").get<std::string>(), entry.at("name").get<std::string>());
      cell->expires_ms.store(entry.value("expires_ms", kNever));
      cell->value.store(entry.at("value").get<double>());
    }
  } catch (const nlohmann::json::exception& fault) {
    load_fault_ = fmt::format("`{}` cannot be read: {}", path_, fault.what());
  }
}

}  // namespace lineup
