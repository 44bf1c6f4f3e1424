// SPDX-License-Identifier: Apache-2.0
#include "facade/rollout/rollout_json.hpp"

#include "base/clock.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const RolloutFault& fault) {
  return Json{{"stage", name_of(fault.stage)},
              {"code", fault.code},
              {"file", fault.file},
              {"line", fault.line},
              {"column", fault.column},
              {"message", fault.message},
              {"hint", fault.hint}};
}

Json json_of(const LedgerEntry* entry) {
  if (entry == nullptr) return nullptr;
  Json out{{"revision", entry->id},
           {"hash", entry->hash},
           {"stage", name_of(entry->stage)},
           {"since", format_time(entry->since_ms)},
           {"mode", entry->provenance.mode}};
  if (!entry->provenance.author.empty()) out["author"] = entry->provenance.author;
  if (!entry->provenance.reason.empty()) out["reason"] = entry->provenance.reason;
  if (!entry->provenance.signers.empty()) out["signers"] = entry->provenance.signers;
  if (entry->stage >= Stage::RolledBack) out["report"] = json_of(entry->fault);
  return out;
}

Json list_of(const std::deque<LedgerEntry>& entries) {
  Json out = Json::array();
  for (const LedgerEntry& entry : entries) out.push_back(json_of(&entry));
  return out;
}

}  // namespace

nlohmann::ordered_json rollout_json(const Ledger& ledger) {
  return Json{{"active", json_of(ledger.active())},
              {"on_its_way", json_of(ledger.on_its_way())},
              {"good", list_of(ledger.good())},
              {"quarantine", list_of(ledger.quarantine())}};
}

}  // namespace lineup
