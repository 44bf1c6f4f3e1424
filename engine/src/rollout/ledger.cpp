// SPDX-License-Identifier: Apache-2.0
//
// `active_` and `way_` hold at most one entry each. A good revision has a copy in `good_`, which
// survives it being superseded, so going back is a look at that list.
#include "rollout/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

tl::unexpected<Error> no_step(const LedgerEntry& entry, Stage to) {
  return failure("rollout/step", fmt::format("revision `{}` is {}: it cannot become {}", entry.id,
                                             name_of(entry.stage), name_of(to)));
}

Json json_of(const LedgerEntry& entry) {
  Json out{{"hash", entry.hash}, {"id", entry.id}, {"since_ms", entry.since_ms}};
  out["from"] = {{"mode", entry.provenance.mode},
                 {"parent", entry.provenance.parent},
                 {"author", entry.provenance.author},
                 {"reason", entry.provenance.reason},
                 {"signers", entry.provenance.signers}};
  if (entry.stage < Stage::RolledBack) return out;
  out["stage"] = static_cast<int>(entry.stage);
  out["fault"] = {{"stage", static_cast<int>(entry.fault.stage)},
                  {"code", entry.fault.code},
                  {"file", entry.fault.file},
                  {"line", entry.fault.line},
                  {"column", entry.fault.column},
                  {"message", entry.fault.message},
                  {"hint", entry.fault.hint}};
  return out;
}

Stage stage_of(const Json& json, const char* key, Stage otherwise) {
  const int number = json.value(key, static_cast<int>(otherwise));
  return number >= 0 && number <= static_cast<int>(Stage::Quarantined) ? static_cast<Stage>(number)
                                                                       : otherwise;
}

LedgerEntry entry_of(const Json& json, Stage stage) {
  LedgerEntry entry;
  entry.hash = json.at("hash").get<std::string>();
  entry.id = json.at("id").get<std::string>();
  entry.since_ms = json.value("since_ms", std::int64_t{0});
  entry.stage = stage_of(json, "stage", stage);
  if (json.contains("from")) {
    const Json& from = json.at("from");
    entry.provenance = {from.value("mode", ""), from.value("parent", ""), from.value("author", ""),
                        from.value("reason", ""),
                        from.value("signers", std::vector<std::string>())};
  }
  if (json.contains("fault")) {
    const Json& fault = json.at("fault");
    entry.fault = {stage_of(fault, "stage", Stage::Seen),
                   fault.value("code", ""),
                   fault.value("file", ""),
                   fault.value("line", 0U),
                   fault.value("column", 0U),
                   fault.value("message", ""),
                   fault.value("hint", "")};
  }
  return entry;
}

}  // namespace

LedgerEntry* Ledger::find(std::string_view hash) {
  for (auto* list : {&way_, &active_}) {
    if (!list->empty() && list->front().hash == hash) return &list->front();
  }
  return nullptr;
}

const LedgerEntry* Ledger::active() const { return active_.empty() ? nullptr : &active_.front(); }
const LedgerEntry* Ledger::on_its_way() const { return way_.empty() ? nullptr : &way_.front(); }

const LedgerEntry* Ledger::quarantined(std::string_view hash) const {
  for (const LedgerEntry& entry : quarantine_) {
    if (entry.hash == hash) return &entry;
  }
  return nullptr;
}

Result<void> Ledger::see(std::string_view hash, std::string_view id) {
  if (const LedgerEntry* bad = quarantined(hash)) {
    return failure("rollout/quarantined",
                   fmt::format("these contents are quarantined since {}: {}",
                               format_time(bad->since_ms), describe(bad->fault)));
  }
  way_.assign(
      1, LedgerEntry{std::string(hash), std::string(id), Stage::Seen, clock_.wall_ms(), {}, {}});
  return {};
}

Result<void> Ledger::reach(std::string_view hash, Stage stage) {
  LedgerEntry* entry = find(hash);
  if (entry == nullptr) {
    return failure("rollout/step",
                   fmt::format("revision `{}` is not on its way to {}", hash, name_of(stage)));
  }
  if (!is_step(entry->stage, stage) || is_end(stage)) return no_step(*entry, stage);
  entry->stage = stage;
  entry->since_ms = clock_.wall_ms();
  if (stage == Stage::Active) {
    active_.assign(1, std::move(*entry));
    way_.clear();
  }
  return {};
}

void Ledger::set_provenance(std::string_view hash, Provenance provenance) {
  if (LedgerEntry* entry = find(hash)) entry->provenance = std::move(provenance);
}

void Ledger::turn_down(std::string_view hash) {
  if (!way_.empty() && way_.front().hash == hash) way_.clear();
}

void Ledger::put_away(LedgerEntry entry) {
  entry.since_ms = clock_.wall_ms();
  std::erase_if(good_, [&](const LedgerEntry& good) { return good.hash == entry.hash; });
  std::erase_if(quarantine_, [&](const LedgerEntry& bad) { return bad.hash == entry.hash; });
  quarantine_.push_front(std::move(entry));
  if (quarantine_.size() > kQuarantineMax) quarantine_.pop_back();
}

Result<void> Ledger::quarantine(std::string_view hash, RolloutFault fault) {
  LedgerEntry entry{std::string(hash), std::string(hash.substr(0, 12)), Stage::Seen, 0, {}, {}};
  if (const LedgerEntry* known = find(hash)) {
    if (!is_step(known->stage, Stage::Quarantined)) return no_step(*known, Stage::Quarantined);
    entry = *known;
    way_.clear();
  }
  entry.stage = Stage::Quarantined;
  entry.fault = std::move(fault);
  put_away(std::move(entry));
  return {};
}

const LedgerEntry* Ledger::previous() const {
  for (const LedgerEntry& entry : good_) {
    if (active_.empty() || entry.hash != active_.front().hash) return &entry;
  }
  return nullptr;
}

Result<LedgerEntry> Ledger::roll_back(RolloutFault fault) {
  const LedgerEntry* before = previous();
  if (active_.empty() || before == nullptr) {
    return failure("rollout/no-previous", "there is no good revision before the one that serves");
  }
  LedgerEntry back = *before;
  LedgerEntry bad = active_.front();
  bad.stage = Stage::RolledBack;
  bad.fault = std::move(fault);
  put_away(std::move(bad));
  back.stage = Stage::Active;
  back.since_ms = clock_.wall_ms();
  active_.assign(1, back);
  return back;
}

void Ledger::mark_good() {
  if (active_.empty()) return;
  std::erase_if(good_, [this](const LedgerEntry& e) { return e.hash == active_.front().hash; });
  good_.push_front(active_.front());
  good_.front().stage = Stage::Superseded;  // as what it may be served again
  if (good_.size() > kGoodMax) good_.pop_back();
}

std::string Ledger::write() const {
  Json good = Json::array();
  for (const LedgerEntry& entry : good_) good.push_back(json_of(entry));
  Json bad = Json::array();
  for (const LedgerEntry& entry : quarantine_) bad.push_back(json_of(entry));
  const Json out{{"lineup_rollout", 1}, {"good", std::move(good)}, {"quarantine", std::move(bad)}};
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool Ledger::read(std::string_view text) {
  good_.clear();
  quarantine_.clear();
  active_.clear();
  way_.clear();
  try {
    const Json json = Json::parse(text);
    if (json.at("lineup_rollout").get<int>() != 1) return false;
    for (const Json& entry : json.at("good")) good_.push_back(entry_of(entry, Stage::Superseded));
    for (const Json& entry : json.at("quarantine")) {
      quarantine_.push_back(entry_of(entry, Stage::Quarantined));
    }
    // Anybody may have written it: the oldest go, as they would have gone here.
    good_.resize(std::min(good_.size(), kGoodMax));
    quarantine_.resize(std::min(quarantine_.size(), kQuarantineMax));
    return true;
  } catch (const Json::exception&) {
    good_.clear();
    quarantine_.clear();
    return false;
  }
}

}  // namespace lineup
