// SPDX-License-Identifier: Apache-2.0
//
// The engine's log. Goes to a sink the host sets; without one, to standard error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lineup {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error, Off };

using LogSink = std::function<void(LogLevel, std::string_view)>;

// One log per engine: two engines in a process do not mix. Thread safe. Never called on the request
// path, except for messages that are rate limited by their caller.
class Log {
 public:
  Log();
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Where lines go from now on; an empty function means standard error.
  void set_sink(LogSink sink);
  void set_level(LogLevel level);
  void write(LogLevel level, std::string_view message);

 private:
  struct State;
  State* state_;  // owned; kept out of the header so that spdlog stays inside this folder
};

}  // namespace lineup
