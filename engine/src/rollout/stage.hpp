// SPDX-License-Identifier: Apache-2.0
//
// How far a revision came, which steps there are from there, and what is said of one that was
// turned down.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lineup {

// In order of the way. The last three are ends, but a revision that was superseded may serve again.
enum class Stage : std::uint8_t {
  Seen,         // something changed, or somebody asked
  Staged,       // the files are in memory, both readings agree
  Verified,     // they are what somebody entitled says they are
  Compiled,     // plans, scripts and instances are made
  Tested,       // its cases and the recorded requests were fine
  Shadow,       // evaluated beside what serves, or serving some users: on trial
  Active,       // it serves
  Superseded,   // another serves, or came before this one was done
  RolledBack,   // it served and was taken back
  Quarantined,  // never again with these contents
};

[[nodiscard]] std::string_view name_of(Stage stage);
// Whether there is a step from one to the other.
[[nodiscard]] bool is_step(Stage from, Stage to);
// Whether the way ends there.
[[nodiscard]] bool is_end(Stage stage);

// Why a revision was turned down.
struct RolloutFault {
  Stage stage = Stage::Seen;  // where
  std::string code;
  std::string file;  // empty: no file is at fault
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
  std::string hint;
};

// One sentence: "tested: rules/pin.lua:3:1: ...".
[[nodiscard]] std::string describe(const RolloutFault& fault);

}  // namespace lineup
