// SPDX-License-Identifier: Apache-2.0
//
// A host table per plugin name, never freed: plugins may keep it, and a plugin that is replaced a
// thousand times still costs one. The limiter counts lines per second and says how many it left
// out.
#include "node/host.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "lineup/ext/builder.h"
#include "node/builder_service.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

// LIMIT: bytes of one line.
constexpr std::size_t kLineMaxBytes = 1024;
constexpr std::int64_t kSecondNs = 1'000'000'000;

struct PluginHost : lineup_host {
  std::string plugin;
  mutable std::mutex mutex;
  mutable std::int64_t second = 0;  // the one being counted
  mutable int lines = 0;            // of it
  mutable std::uint64_t left_out = 0;
};

// LIMIT: services besides the builder that other folders may offer.
constexpr std::size_t kServicesMax = 8;
struct Service {
  std::string id;
  const void* table = nullptr;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<PluginHost>, std::less<>> hosts;
  std::shared_ptr<const HostLog> log;
  std::array<Service, kServicesMax> services;
  std::atomic<std::size_t> service_count{0};  // those below it never change any more
};

// Never destroyed: plugins that stay mapped may log while the process ends.
Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

const void* find_extension(const lineup_host*, const char* id) {
  if (id == nullptr) return nullptr;
  if (std::strcmp(id, LINEUP_HOST_BUILDER) == 0) return &builder_service();
  if (std::strcmp(id, LINEUP_HOST_SEARCH) == 0) return &search_service();
  if (std::strcmp(id, LINEUP_HOST_SLATES) == 0) return &slates_service();
  Registry& all = registry();
  const std::size_t count = all.service_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    if (all.services[i].id == id) return all.services[i].table;
  }
  return nullptr;
}

// Whether one more line may be written now; how many were left out before it.
bool admit(const PluginHost& host, std::uint64_t& left_out) {
  const std::int64_t second = monotonic_ns() / kSecondNs;
  const std::lock_guard lock(host.mutex);
  if (second != host.second) {
    host.second = second;
    host.lines = 0;
  }
  if (host.lines >= kHostLogLinesPerSecond) {
    ++host.left_out;
    return false;
  }
  ++host.lines;
  left_out = std::exchange(host.left_out, 0);
  return true;
}

LogLevel level_of(std::int32_t level) {
  switch (level) {
    case 0:
      return LogLevel::Debug;
    case 1:
      return LogLevel::Info;
    case 2:
      return LogLevel::Warning;
    default:
      return LogLevel::Error;
  }
}

void write_line(const lineup_host* host, std::int32_t level, lineup_text message) {
  try {
    const auto& plugin_host = static_cast<const PluginHost&>(*host);
    std::uint64_t left_out = 0;
    if (!admit(plugin_host, left_out)) return;
    std::shared_ptr<const HostLog> log;
    {
      const std::lock_guard lock(registry().mutex);
      log = registry().log;
    }
    if (log == nullptr) return;
    if (left_out > 0) {
      (*log)(LogLevel::Warning, plugin_host.plugin,
             "left out " + std::to_string(left_out) + " lines: too many a second");
    }
    char line[kLineMaxBytes];
    (*log)(level_of(level), plugin_host.plugin, {line, copy_clean(message, line, sizeof line)});
  } catch (...) {
    // A line that cannot be written must not end the call it was written from.
  }
}

}  // namespace

const lineup_host* host_for(std::string_view plugin) {
  static const auto* version = new std::string(std::to_string(LINEUP_VERSION_MAJOR) + "." +
                                               std::to_string(LINEUP_VERSION_MINOR) + "." +
                                               std::to_string(LINEUP_VERSION_PATCH));
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.hosts.find(plugin);
  if (found != all.hosts.end()) return found->second.get();
  auto host = std::make_unique<PluginHost>();
  static_cast<lineup_host&>(*host) = {
      sizeof(lineup_host), LINEUP_ABI_MAJOR, LINEUP_ABI_MINOR, "lineup",
      version->c_str(),    find_extension,   write_line,
  };
  host->plugin = plugin;
  return all.hosts.emplace(host->plugin, std::move(host)).first->second.get();
}

void set_host_log(HostLog sink) {
  auto shared = sink ? std::make_shared<const HostLog>(std::move(sink)) : nullptr;
  const std::lock_guard lock(registry().mutex);
  registry().log.swap(shared);
}

void offer_host_extension(std::string_view id, const void* table) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const std::size_t count = all.service_count.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    if (all.services[i].id == id) return;
  }
  if (count == kServicesMax) return;
  all.services[count] = {std::string(id), table};
  all.service_count.store(count + 1, std::memory_order_release);
}

}  // namespace lineup
