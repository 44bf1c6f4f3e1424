// SPDX-License-Identifier: Apache-2.0
//
// The other end of the desks in a state directory: what `lineup rollout` and `lineup weights` ask
// an engine that runs in another process. Whether one runs is told by its lock, so that nobody
// waits for an answer that cannot come.
#include <fmt/format.h>

#include <filesystem>

#include "base/clock.hpp"
#include "desk/desk.hpp"
#include "facade/facade.hpp"
#include "facade/rollout/rollout_json.hpp"
#include "facade/state/state_files.hpp"
#include "rollout/ledger.hpp"
#include "rollout/store.hpp"

namespace lineup {

namespace {

Result<bool> is_running(const std::string& state_directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(state_directory + "/rollout", error)) {
    return failure(
        "desk/no-state",
        fmt::format("no engine answers: `{}` is no state directory of one", state_directory));
  }
  return !StateLock::take(state_directory + "/rollout/lock").has_value();
}

tl::unexpected<Error> no_engine(const std::string& state_directory) {
  return failure(
      "desk/no-engine",
      fmt::format("no engine answers: none runs on the state directory `{}`", state_directory));
}

// What the last engine left behind.
RolloutReply without_engine(const std::string& directory) {
  DiskStoreFiles files;
  Ledger ledger(system_clock());
  const RevisionStore store(files, directory + "/revisions");
  (void)ledger.read(store.read_journal());
  RolloutReply reply;
  reply.answer.is_done = true;
  reply.answer.message = "no engine runs on this state directory: this is what the last one left";
  reply.answer.body = rollout_json(ledger).dump();
  return reply;
}

}  // namespace

Result<RolloutReply> tell_rollout(const std::string& state_directory, DeskCommand command,
                                  std::uint32_t timeout_ms) {
  const auto runs = is_running(state_directory);
  if (!runs) return tl::unexpected(runs.error());
  if (!*runs) {
    if (command.verb == "status") return without_engine(state_directory);
    return no_engine(state_directory);
  }
  auto answer = ask_desk(state_directory + "/rollout", std::move(command), timeout_ms);
  if (!answer) return tl::unexpected(answer.error());
  return RolloutReply{true, *std::move(answer)};
}

Result<DeskAnswer> tell_weights(const std::string& state_directory, DeskCommand command,
                                std::uint32_t timeout_ms) {
  const auto runs = is_running(state_directory);
  if (!runs) return tl::unexpected(runs.error());
  if (!*runs) return no_engine(state_directory);
  return ask_desk(state_directory + "/weights", std::move(command), timeout_ms);
}

}  // namespace lineup
