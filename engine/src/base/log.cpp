// SPDX-License-Identifier: Apache-2.0
//
// spdlog does the formatting and the terminal. The host's sink is called under the lock, so lines
// of several threads never mix.
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <mutex>

namespace lineup {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
    case LogLevel::Off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

}  // namespace

struct Log::State {
  std::mutex mutex;
  LogSink sink;
  LogLevel level = LogLevel::Info;
  spdlog::logger terminal{"lineup", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
};

Log::Log() : state_(new State) {
  state_->terminal.set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  state_->terminal.set_level(spdlog::level::debug);
}

Log::~Log() { delete state_; }

void Log::set_sink(LogSink sink) {
  const std::lock_guard lock(state_->mutex);
  state_->sink = std::move(sink);
}

void Log::set_level(LogLevel level) {
  const std::lock_guard lock(state_->mutex);
  state_->level = level;
}

void Log::write(LogLevel level, std::string_view message) {
  const std::lock_guard lock(state_->mutex);
  if (level < state_->level || level == LogLevel::Off) return;
  if (state_->sink) {
    state_->sink(level, message);
  } else {
    state_->terminal.log(spdlog_level(level), message);
  }
}

}  // namespace lineup
