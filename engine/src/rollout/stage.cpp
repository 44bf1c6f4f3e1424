// SPDX-License-Identifier: Apache-2.0
#include "rollout/stage.hpp"

#include <fmt/format.h>

#include <array>

namespace lineup {

std::string_view name_of(Stage stage) {
  constexpr std::array<std::string_view, 10> kNames = {
      "seen",   "staged", "verified",   "compiled",    "tested",
      "shadow", "active", "superseded", "rolled back", "quarantined"};
  return kNames[static_cast<std::size_t>(stage)];
}

bool is_end(Stage stage) { return stage >= Stage::Superseded; }

bool is_step(Stage from, Stage to) {
  switch (to) {
    case Stage::Seen:
      return false;
    case Stage::Staged:
    case Stage::Verified:
    case Stage::Compiled:
    case Stage::Tested:
    case Stage::Shadow:
      return static_cast<int>(to) == static_cast<int>(from) + 1;
    case Stage::Active:
      // Without a trial; after it; again, because what came after it was taken back.
      return from == Stage::Tested || from == Stage::Shadow || from == Stage::Superseded;
    case Stage::Superseded:
      return !is_end(from);
    case Stage::RolledBack:
      return from == Stage::Active;
    case Stage::Quarantined:
      return from < Stage::Active;
  }
  return false;
}

std::string describe(const RolloutFault& fault) {
  std::string where = fault.file;
  if (!where.empty() && fault.line > 0) where += fmt::format(":{}:{}", fault.line, fault.column);
  std::string out = fmt::format("{}: {}{}{}", name_of(fault.stage), where,
                                where.empty() ? "" : ": ", fault.message);
  if (!fault.hint.empty()) out += "; " + fault.hint;
  return out;
}

}  // namespace lineup
