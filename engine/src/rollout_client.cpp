// SPDX-License-Identifier: Apache-2.0
//
// The other end of the commands in a state directory: what `lineup rollout` asks an engine that
// runs in another process.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "facade.hpp"
#include "rollout/ledger.hpp"
#include "rollout/store.hpp"
#include "rollout_json.hpp"
#include "state_files.hpp"

namespace lineup {

namespace {

constexpr std::chrono::milliseconds kLook{10};

// What the last engine left behind.
RolloutReply without_engine(DiskStoreFiles& files, const std::string& directory) {
  Ledger ledger(system_clock());
  const RevisionStore store(files, directory + "/revisions");
  (void)ledger.read(store.read_journal());
  RolloutReply reply;
  reply.is_done = true;
  reply.message = "no engine runs on this state directory: this is what the last one left";
  reply.status = rollout_json(ledger).dump();
  return reply;
}

std::string new_id() {
  const auto seed = static_cast<std::uint64_t>(monotonic_ns());
  return fmt::format("{}-{:016x}", ::getpid(), mix64(seed));
}

}  // namespace

Result<RolloutReply> tell_rollout(const std::string& state_directory, RolloutCommand command,
                                  std::uint32_t timeout_ms) {
  const std::string directory = state_directory + "/rollout";
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return failure("rollout/no-state",
                   fmt::format("`{}` is no state directory of an engine", state_directory));
  }
  DiskStoreFiles files;
  if (StateLock::take(directory + "/lock")) {
    if (command.verb == RolloutVerb::Status) return without_engine(files, state_directory);
    return failure("rollout/no-engine",
                   fmt::format("no engine runs on the state directory `{}`", state_directory));
  }
  command.id = new_id();
  const std::string place = fmt::format("{}/commands/{}.json", directory, command.id);
  if (auto written = files.write(place + ".new", write_command(command)); !written)
    return tl::unexpected(written.error());
  if (auto renamed = files.rename(place + ".new", place); !renamed)
    return tl::unexpected(renamed.error());
  const std::string target = fmt::format("{}/answers/{}.json", directory, command.id);
  const std::int64_t until_ns = monotonic_ns() + std::int64_t{timeout_ms} * 1'000'000;
  for (;;) {
    if (const auto text = files.read(target)) {
      (void)files.remove(target);
      const auto answer = parse_answer(*text);
      if (!answer) return tl::unexpected(answer.error());
      return RolloutReply{true, answer->is_done, answer->message, answer->status};
    }
    if (monotonic_ns() >= until_ns) break;
    std::this_thread::sleep_for(kLook);
  }
  // Nobody must obey it later, when whoever gave it has gone.
  (void)files.remove(place);
  return failure("rollout/no-answer",
                 fmt::format("the engine did not answer within {} ms", timeout_ms));
}

}  // namespace lineup
