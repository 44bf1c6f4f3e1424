// SPDX-License-Identifier: Apache-2.0
//
// The first load of a plugin happens in another process, the helper `lineup-probe`, so that a
// plugin that crashes, hangs or exits takes only the helper with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "native/stage.hpp"

namespace lineup {

// What the helper found out.
struct Verdict {
  bool unloads = false;  // its code was gone from memory after it was unloaded
  std::vector<std::string> types;
};

struct ProbeOptions {
  std::filesystem::path program;  // lineup-probe; empty: only known good files pass
  std::uint32_t timeout_ms = 10'000;
};

// Loads, initialises and unloads the staged file in the helper, and makes each type's instance when
// its schema has defaults for everything. The verdict of a content is remembered for the process.
// Codes: native/probe-crashed, native/probe-timeout, native/probe-refused (an instance cannot be
// made), native/no-probe (no helper, and not known good); and those of Library::load(), which the
// helper passes on. [control, any thread]
[[nodiscard]] Result<Verdict> probe(const StagedFile& file, const ProbeOptions& options);

// The verdict that is remembered, if any. [any]
[[nodiscard]] std::optional<Verdict> known_good(const std::string& content_hash);
// Makes a content known good: files that were proven in an earlier process. [any]
void remember_good(const std::string& content_hash, Verdict verdict);

}  // namespace lineup
