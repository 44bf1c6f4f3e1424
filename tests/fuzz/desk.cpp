// SPDX-License-Identifier: Apache-2.0
//
// What lies in a state directory where anybody may have written it: commands for a running engine,
// its answers, the journal of its revisions. Any bytes are read or refused with a reason; what is
// read is written and read again as it was, and stays within the limits.
#include "desk/command.hpp"
#include "fuzz.hpp"
#include "rollout/ledger.hpp"

using namespace lineup;

namespace {

RolloutFault some_fault() {
  RolloutFault fault;
  fault.stage = Stage::Shadow;
  fault.code = "rollout/trial-failed";
  fault.message = "its shadow failed: too many errors";
  return fault;
}

std::string some_journal() {
  Ledger ledger(system_clock());
  for (const char* hash : {"first", "second"}) {
    static_cast<void>(ledger.see(hash, hash));
    for (const Stage stage :
         {Stage::Staged, Stage::Verified, Stage::Compiled, Stage::Tested, Stage::Active}) {
      static_cast<void>(ledger.reach(hash, stage));
    }
    ledger.mark_good();
  }
  static_cast<void>(ledger.quarantine("bad", some_fault()));
  return ledger.write();
}

void read_command(std::string_view text) {
  const auto command = parse_command(text);
  if (!command) return fuzz::require(!command.error().message.empty(), "a refusal has a reason");
  fuzz::require(is_command_id(command->id), "the id of a command names files and no path");
  const std::string written = write_command(*command);
  const auto again = parse_command(written);
  fuzz::require(again && write_command(*again) == written, "a command is read again as written");
}

void read_answer(std::string_view text) {
  const auto answer = parse_answer(text);
  if (!answer) return fuzz::require(!answer.error().message.empty(), "a refusal has a reason");
  const std::string written = write_answer(*answer);
  const auto again = parse_answer(written);
  fuzz::require(again && write_answer(*again) == written, "an answer is read again as written");
}

void read_journal(std::string_view text) {
  Ledger ledger(system_clock());
  const bool is_read = ledger.read(text);
  fuzz::require(is_read || (ledger.good().empty() && ledger.quarantine().empty()),
                "a journal that is refused leaves nothing");
  fuzz::require(ledger.good().size() <= Ledger::kGoodMax, "no more good revisions than are kept");
  fuzz::require(ledger.quarantine().size() <= Ledger::kQuarantineMax, "quarantine is bounded");
  if (!is_read) return;
  const std::string written = ledger.write();
  Ledger again(system_clock());
  fuzz::require(again.read(written) && again.write() == written,
                "a journal is read again as written");
  // Whatever it says, the next revision goes its way and can be taken back.
  if (ledger.see("next", "next")) {
    for (const Stage stage :
         {Stage::Staged, Stage::Verified, Stage::Compiled, Stage::Tested, Stage::Active}) {
      fuzz::require(ledger.reach("next", stage).has_value(), "the next revision goes its way");
    }
    const LedgerEntry* before = ledger.previous();
    fuzz::require(ledger.roll_back(some_fault()).has_value() == (before != nullptr),
                  "it can be taken back when there is one before it");
  }
}

}  // namespace

std::vector<std::string> fuzz::made_seeds() {
  DeskCommand command;
  command.id = "a-1";
  command.verb = "set";
  command.who = "ann";
  command.why = "a test";
  command.scene = "home";
  command.name = "relevance";
  command.value = 0.5;
  command.ttl_ms = 60'000;
  return {write_command(command), write_answer({true, "done", "{\"a\": [1, {\"b\": null}]}"}),
          some_journal()};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  read_command(text);
  read_answer(text);
  read_journal(text);
  return 0;
}
