// SPDX-License-Identifier: Apache-2.0
//
// The list. Names are written on command lines and in reports: they do not change.
#include "conformance/cases.hpp"

#include <algorithm>
#include <array>

namespace lineup {

namespace {

constexpr std::array kCases = {
    ConformanceCase{"file",
                    "It is a whole library for this machine, with metadata and a known ABI.",
                    case_file},
    ConformanceCase{"one-export", "It exports lineup_entry and nothing else.", case_one_export},
    ConformanceCase{"no-unique", "No unique symbol or flag of the linker pins it in memory.",
                    case_no_unique},
    ConformanceCase{"no-static-tls", "It uses no static thread-local storage.", case_no_static_tls},
    ConformanceCase{"metadata", "Its metadata can be read and says version and purpose.",
                    case_metadata},
    ConformanceCase{"schema", "The schema of every type is one, and its defaults fit it.",
                    case_schema},
    ConformanceCase{"load", "It loads, initialises and ends, and leaves no thread behind.",
                    case_load},
    ConformanceCase{"ids",
                    "Types have ids of the form org.example.name/1, tables and versions that "
                    "agree.",
                    case_ids},
    ConformanceCase{"create", "An instance of every type can be made and activated.", case_create},
    ConformanceCase{"columns", "It reads no column that its metadata does not name.", case_columns},
    ConformanceCase{"life", "A hundred instances are made and ended and leave nothing behind.",
                    case_life},
    ConformanceCase{"bad-config",
                    "A configuration that is no JSON, or no object, is refused in "
                    "order.",
                    case_bad_config},
    ConformanceCase{"hidden-extensions", "Without some extensions of the host it works or refuses.",
                    case_hidden},
    ConformanceCase{"ordinary", "An ordinary request is answered as the contract of its kind says.",
                    case_ordinary},
    ConformanceCase{"empty-batch", "A request without rows does no harm.", case_empty},
    ConformanceCase{"one-row", "A request with one row is answered.", case_one_row},
    ConformanceCase{"missing-columns", "Missing values, columns and declarations do no harm.",
                    case_missing},
    ConformanceCase{"wild-values", "NaN, infinities and the ends of every type do no harm.",
                    case_wild},
    ConformanceCase{"huge-page", "10 000 rows and 200 slots are answered, or end with the budget.",
                    case_huge},
    ConformanceCase{"past-deadline", "A call whose deadline has passed ends soon.", case_deadline},
    ConformanceCase{"no-budget", "A call that may not work ends soon.", case_budget},
    ConformanceCase{"same-answer", "The same request gets the same answer, whatever came between.",
                    case_same},
    ConformanceCase{"threads", "Calls may overlap as its thread class declares.", case_threads},
    ConformanceCase{"allocations", "A warm call allocates nothing on the heap.", case_allocations},
    ConformanceCase{"bounds",
                    "Bounds of a constraint are never above the truth, against all pages "
                    "of small batches.",
                    case_bounds},
    ConformanceCase{"state",
                    "Its state is loaded through short reads, and refused when it is cut short or "
                    "garbage.",
                    case_state},
    ConformanceCase{"unload", "It is gone from memory after it was used and unloaded.",
                    case_unload},
    ConformanceCase{"fuzz", "Random configurations and requests do no harm.", case_fuzz},
};

}  // namespace

std::span<const ConformanceCase> conformance_cases() { return kCases; }

const ConformanceCase* find_case(std::string_view name) {
  const auto found =
      std::find_if(kCases.begin(), kCases.end(),
                   [name](const ConformanceCase& each) { return name == each.name; });
  return found == kCases.end() ? nullptr : &*found;
}

std::string_view name_of(CaseVerdict verdict) {
  switch (verdict) {
    case CaseVerdict::Passed:
      return "passed";
    case CaseVerdict::Skipped:
      return "skipped";
    case CaseVerdict::Warning:
      return "warning";
    case CaseVerdict::Failed:
      return "failed";
  }
  return "failed";
}

}  // namespace lineup
