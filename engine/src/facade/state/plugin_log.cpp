// SPDX-License-Identifier: Apache-2.0
//
// The list lives as long as the process: a plugin may log while the process ends.
#include "facade/state/plugin_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "node/host.hpp"

namespace lineup {

namespace {

struct OpenLogs {
  std::mutex mutex;
  std::vector<Log*> logs;
};

OpenLogs& open_logs() {
  static auto* const logs = new OpenLogs;
  return *logs;
}

void write_to_all(LogLevel level, std::string_view plugin, std::string_view text) {
  const std::string line = fmt::format("plugin `{}`: {}", plugin, text);
  OpenLogs& open = open_logs();
  const std::lock_guard lock(open.mutex);
  for (Log* log : open.logs) log->write(level, line);
}

}  // namespace

PluginLog::PluginLog(Log& log) : log_(log) {
  OpenLogs& open = open_logs();
  const std::lock_guard lock(open.mutex);
  if (open.logs.empty()) set_host_log(write_to_all);
  open.logs.push_back(&log);
}

PluginLog::~PluginLog() {
  OpenLogs& open = open_logs();
  const std::lock_guard lock(open.mutex);
  open.logs.erase(std::find(open.logs.begin(), open.logs.end(), &log_));
}

}  // namespace lineup
