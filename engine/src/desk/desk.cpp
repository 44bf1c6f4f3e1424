// SPDX-License-Identifier: Apache-2.0
//
// Nothing here is flushed to the disk: a command that outlives the machine that it was given on is
// one nobody waits for any more.
#include "desk/desk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "base/clock.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;

// LIMIT: bytes of a command; answers that nobody fetched, beyond which the oldest go.
constexpr std::uintmax_t kCommandMax = 64 * 1024;
constexpr std::size_t kAnswersMax = 64;
constexpr std::chrono::milliseconds kLook{5};
constexpr std::string_view kEnding = ".json";

Result<void> put(const fs::path& target, const std::string& text) {
  fs::path draft = target;
  draft += ".new";
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) {
      std::error_code ignored;
      fs::remove(draft, ignored);
      return failure("desk/write", fmt::format("`{}` cannot be written", draft.string()));
    }
  }
  std::error_code fault;
  fs::rename(draft, target, fault);
  if (fault)
    return failure("desk/write", fmt::format("`{}`: {}", target.string(), fault.message()));
  return {};
}

// Nothing: it is no regular file, or is too long.
std::optional<std::string> get(const fs::path& place) {
  std::error_code fault;
  if (!fs::is_regular_file(place, fault) || fs::file_size(place, fault) > kCommandMax || fault) {
    return std::nullopt;
  }
  std::ifstream in(place, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// Names in the order of time, so that commands are obeyed in the order they were given.
std::string new_id() {
  static std::atomic<std::uint32_t> count{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("{:016x}-{}-{}",
                     std::chrono::duration_cast<std::chrono::microseconds>(now).count(), ::getpid(),
                     count.fetch_add(1, std::memory_order_relaxed));
}

void forget_oldest(const fs::path& answers) {
  std::error_code fault;
  std::vector<std::pair<fs::file_time_type, fs::path>> kept;
  for (fs::directory_iterator entry(answers, fault), end; !fault && entry != end;
       entry.increment(fault)) {
    std::error_code ignored;
    kept.emplace_back(entry->last_write_time(ignored), entry->path());
  }
  std::sort(kept.begin(), kept.end());
  for (std::size_t i = 0; i + kAnswersMax < kept.size(); ++i) fs::remove(kept[i].second, fault);
}

}  // namespace

Result<void> CommandDesk::open() const {
  for (const char* name : {"/commands", "/answers"}) {
    std::error_code fault;
    fs::create_directories(directory_ + name, fault);
    if (fault) {
      return failure("desk/write", fmt::format("`{}{}`: {}", directory_, name, fault.message()));
    }
  }
  return {};
}

void CommandDesk::take(const std::function<DeskAnswer(const DeskCommand& command)>& obey) const {
  std::error_code fault;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(directory_ + "/commands", fault), end; !fault && entry != end;
       entry.increment(fault)) {
    if (entry->path().extension() == kEnding) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  for (const fs::path& place : found) {
    const std::string id = place.stem().string();
    const auto text = get(place);
    fs::remove(place, fault);
    // What could not be removed would be obeyed again and again.
    if (fault || !is_command_id(id)) continue;
    auto command = text ? parse_command(*text)
                        : failure("desk/command", "the command is no file of at most 64 KiB");
    if (command && command->id != id) {
      command = failure("desk/command", "the command's `id` is not the name of its file");
    }
    answer(id, command ? obey(*command) : DeskAnswer{false, command.error().message, {}});
  }
}

void CommandDesk::answer(const std::string& id, const DeskAnswer& answer) const {
  const std::string answers = directory_ + "/answers";
  std::error_code ignored;
  fs::create_directories(answers, ignored);
  // Where it cannot be written, whoever asked is told that nobody answered.
  (void)put(answers + "/" + id + std::string(kEnding), write_answer(answer));
  forget_oldest(answers);
}

Result<DeskAnswer> ask_desk(const std::string& directory, DeskCommand command,
                            std::uint32_t timeout_ms) {
  command.id = new_id();
  std::error_code fault;
  fs::create_directories(directory + "/commands", fault);
  const fs::path place = directory + "/commands/" + command.id + std::string(kEnding);
  const fs::path target = directory + "/answers/" + command.id + std::string(kEnding);
  if (auto written = put(place, write_command(command)); !written)
    return tl::unexpected(written.error());
  const std::int64_t until_ns = monotonic_ns() + std::int64_t{timeout_ms} * 1'000'000;
  for (;;) {
    if (fs::exists(target, fault)) {
      std::ifstream in(target, std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(in)),
                             std::istreambuf_iterator<char>());
      fs::remove(target, fault);
      return parse_answer(text);
    }
    if (monotonic_ns() >= until_ns) break;
    std::this_thread::sleep_for(kLook);
  }
  fs::remove(place, fault);
  return failure("desk/no-answer",
                 fmt::format("the engine did not answer within {} ms", timeout_ms));
}

}  // namespace lineup
