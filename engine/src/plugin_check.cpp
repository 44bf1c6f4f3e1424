// SPDX-License-Identifier: Apache-2.0
//
// The conformance cases that need no knowledge of the plugin's kind. What runs the plugin's code
// runs in the probe's process.
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "facade.hpp"
#include "native/inspect.hpp"
#include "native/probe.hpp"
#include "native/stage.hpp"

namespace lineup {

namespace {

void add(std::vector<PluginCheck>& checks, std::string name, bool passed, std::string message,
         std::string_view otherwise = "failed") {
  checks.push_back({std::move(name), passed ? "passed" : std::string(otherwise),
                    passed ? std::string() : std::move(message)});
}

void check_exports(const LibraryFacts& facts, std::vector<PluginCheck>& checks) {
  std::string others;
  for (const std::string& name : facts.exports) {
    if (name != "lineup_entry") others += (others.empty() ? "" : ", ") + name;
  }
  add(checks, "exports lineup_entry and nothing else", others.empty(),
      fmt::format("also exports {}: build it with lineup_add_plugin()", others), "warning");
  std::string findings;
  for (const std::string& finding : facts.findings) {
    findings += (findings.empty() ? "" : "; ") + finding;
  }
  add(checks, "nothing pins it in memory", facts.findings.empty(), findings, "warning");
}

void check_loading(const std::string& path, std::vector<PluginCheck>& checks) {
  std::string directory = (std::filesystem::temp_directory_path() / "lineup-check-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) {
    add(checks, "can be staged", false, "no temporary directory can be made");
    return;
  }
  const auto verdict =
      StagingDirectory::open(directory)
          .and_then([&](const StagingDirectory& staging) { return staging.stage(path); })
          .and_then([](const StagedFile& file) {
            ProbeOptions options;
            options.program = first_party().probe;
            return probe(file, options);
          });
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  const std::string name =
      "loads, initialises, creates an instance and ends in a process of its own";
  if (!verdict) {
    const bool crashed = verdict.error().code == "native/probe-crashed";
    add(checks, name, false, verdict.error().message, crashed ? "crashed" : "failed");
    checks.push_back({"is gone from memory after it was unloaded", "skipped", "it did not load"});
    return;
  }
  add(checks, name, true, {});
  add(checks, "is gone from memory after it was unloaded", verdict->unloads,
      "it stays mapped: every version that is replaced costs memory until the service restarts",
      "warning");
}

}  // namespace

Result<std::vector<PluginCheck>> check_plugin(const std::string& path) {
  std::vector<PluginCheck> checks;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return failure("native/unreadable", fmt::format("`{}` is not a file that can be read", path));
  }
  const auto facts = inspect(std::filesystem::path(path));
  add(checks, "is a whole library for this machine, with metadata and a known ABI",
      facts.has_value(), facts ? std::string() : facts.error().message);
  if (!facts) return checks;
  check_exports(*facts, checks);
  check_loading(path, checks);
  return checks;
}

}  // namespace lineup
