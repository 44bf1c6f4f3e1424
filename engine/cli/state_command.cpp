// SPDX-License-Identifier: Apache-2.0
#include "cli/state_command.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

namespace lineup::cli {

namespace fs = std::filesystem;

Result<std::string> ask_engine(const std::string& desk, const std::string& id,
                               const std::string& command, int wait_ms) {
  const fs::path commands = fs::path(desk) / "commands";
  const fs::path answer = fs::path(desk) / "answers" / (id + ".json");
  std::error_code fault;
  fs::create_directories(commands, fault);
  const fs::path place = commands / (id + ".json");
  const fs::path draft = commands / (id + ".new");
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << command;
    if (!out.flush()) {
      return failure("state/write", fmt::format("`{}` cannot be written", draft.string()));
    }
  }
  fs::rename(draft, place, fault);
  if (fault)
    return failure("state/write", fmt::format("`{}`: {}", place.string(), fault.message()));
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  while (!fs::exists(answer, fault)) {
    if (std::chrono::steady_clock::now() > end) {
      fs::remove(place, fault);
      return failure("state/no-engine",
                     fmt::format("no engine answers in `{}` after {} s: is one running with this "
                                 "state directory?",
                                 desk, wait_ms / 1000));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::ifstream in(answer, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  fs::remove(answer, fault);
  return text;
}

std::string new_command_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("{}-{}", std::chrono::duration_cast<std::chrono::microseconds>(now).count(),
                     ::getpid());
}

std::string login_name() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry != nullptr && entry->pw_name != nullptr ? entry->pw_name : "somebody";
}

}  // namespace lineup::cli
