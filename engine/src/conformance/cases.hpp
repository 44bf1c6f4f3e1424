// SPDX-License-Identifier: Apache-2.0
//
// The conformance cases: what each asks of a plugin, in one sentence, and the function that finds
// out. A case may crash: it runs in a process of its own unless somebody debugs it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "conformance/answer.hpp"
#include "native/library.hpp"

namespace lineup {

enum class CaseVerdict : std::uint8_t { Passed, Skipped, Warning, Failed };

struct CaseOutcome {
  CaseVerdict verdict = CaseVerdict::Passed;
  std::string message;
};

struct CaseInput {
  std::string path;                   // of the library; nobody changes it meanwhile
  std::string config;                 // JSON for every type; empty: what the schema's defaults make
  std::uint64_t seed = 1;             // of what is random
  std::optional<std::uint64_t> only;  // the fuzzer: this one round and no other
  std::function<void(const std::string&)> at;  // told every step before it is taken
};

struct ConformanceCase {
  const char* name;
  const char* about;  // one sentence
  CaseOutcome (*run)(const CaseInput&);
};

// In the order they run. [any]
[[nodiscard]] std::span<const ConformanceCase> conformance_cases();
// Null when there is none. [any]
[[nodiscard]] const ConformanceCase* find_case(std::string_view name);
// "passed", "skipped", "warning", "failed". [any]
[[nodiscard]] std::string_view name_of(CaseVerdict verdict);

// cases_file.cpp: what can be seen without running anything.
CaseOutcome case_file(const CaseInput& input);
CaseOutcome case_one_export(const CaseInput& input);
CaseOutcome case_no_unique(const CaseInput& input);
CaseOutcome case_no_static_tls(const CaseInput& input);
CaseOutcome case_metadata(const CaseInput& input);
CaseOutcome case_schema(const CaseInput& input);
// cases_life.cpp: loading, making, ending.
CaseOutcome case_load(const CaseInput& input);
CaseOutcome case_ids(const CaseInput& input);
CaseOutcome case_create(const CaseInput& input);
CaseOutcome case_columns(const CaseInput& input);
CaseOutcome case_life(const CaseInput& input);
CaseOutcome case_bad_config(const CaseInput& input);
CaseOutcome case_hidden(const CaseInput& input);
CaseOutcome case_unload(const CaseInput& input);
// cases_call.cpp: one call after another.
CaseOutcome case_ordinary(const CaseInput& input);
CaseOutcome case_empty(const CaseInput& input);
CaseOutcome case_one_row(const CaseInput& input);
CaseOutcome case_missing(const CaseInput& input);
CaseOutcome case_wild(const CaseInput& input);
CaseOutcome case_huge(const CaseInput& input);
CaseOutcome case_deadline(const CaseInput& input);
CaseOutcome case_budget(const CaseInput& input);
// cases_state.cpp: what it carries over to the instance that takes its place.
CaseOutcome case_state(const CaseInput& input);
// cases_promise.cpp: what the metadata and the kind promise.
CaseOutcome case_same(const CaseInput& input);
CaseOutcome case_threads(const CaseInput& input);
CaseOutcome case_allocations(const CaseInput& input);
CaseOutcome case_bounds(const CaseInput& input);
CaseOutcome case_fuzz(const CaseInput& input);

}  // namespace lineup
