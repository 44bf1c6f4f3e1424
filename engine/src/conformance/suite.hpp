// SPDX-License-Identifier: Apache-2.0
//
// Runs conformance cases, each in a process of its own: the helper lineup-probe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace lineup {

struct SuiteOptions {
  std::filesystem::path program;      // lineup-probe
  std::uint32_t timeout_ms = 10'000;  // of one case
  std::vector<std::string> cases;     // names; empty: all
  std::string config;                 // JSON for every type; empty: its defaults
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> reproduce;  // one round of the fuzzer
};

// "passed", "skipped", "warning", "failed", or "crashed": the process of the case ended before it
// answered, or did not come back in time; the message says which and how far it came.
struct CaseReport {
  std::string name;
  std::string about;
  std::string verdict;
  std::string message;
};

// The plugin is copied first, so that nobody changes it meanwhile. When it cannot even be loaded,
// the cases that call it are skipped. Codes: native/unreadable, native/staging,
// native/no-probe, conformance/unknown-case. [control]
[[nodiscard]] Result<std::vector<CaseReport>> run_suite(const std::string& path,
                                                        const SuiteOptions& options);

// Runs one case in this process, for a debugger: a crash is a crash. Code:
// conformance/unknown-case. [control]
[[nodiscard]] Result<CaseReport> run_case_here(const std::string& path, const std::string& name,
                                               const SuiteOptions& options);

// The helper's side: runs the case and answers with one line of JSON, after lines `at STEP`.
// [control]
[[nodiscard]] std::string run_case_as_helper(const std::vector<std::string>& arguments,
                                             const std::function<void(const std::string&)>& say);

}  // namespace lineup
