// SPDX-License-Identifier: Apache-2.0
//
// Each hostile plugin is caught by the case that looks for what it does; what is right passes all.
#include "conformance/suite.hpp"

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "conformance/cases.hpp"

namespace lineup {
namespace {

std::string hostile(const std::string& name) {
  return std::string(LINEUP_HOSTILE_DIR) + "/" + name + ".so";
}

SuiteOptions options_for(std::vector<std::string> cases, std::uint32_t timeout_ms = 60'000) {
  SuiteOptions options;
  options.program = LINEUP_PROBE;
  options.timeout_ms = timeout_ms;
  options.cases = std::move(cases);
  return options;
}

#if defined(__SANITIZE_ADDRESS__)
// The sanitizer ends the process with a report instead of the signal.
constexpr const char* kSegfault = "ended its process";
constexpr bool kIsSanitized = true;
#else
constexpr const char* kSegfault = "SIGSEGV";
constexpr bool kIsSanitized = false;
#endif

struct Caught {
  const char* plugin;
  const char* by;
  const char* verdict;
  const char* message;
};

TEST_CASE("every way to misbehave is caught with its verdict", "[conformance]") {
  const auto c = GENERATE(values<Caught>({
      {"no_metadata", "file", "failed", "no section .lineup_metadata"},
      {"no_entry", "file", "failed", "exports no `lineup_entry`"},
      {"wrong_magic", "file", "failed", "wrong magic"},
      {"other_abi", "file", "failed", "made for plugin interface 1.0"},
      {"static_tls", "no-static-tls", "failed", "static thread-local storage"},
      {"unique_symbol", "no-unique", "failed", "`lineup_test_unique`"},
      {"exports_more", "one-export", "failed", "`lineup_test_also_here`"},
      {"bad_version", "metadata", "failed", "its version is `newest`"},
      {"invalid_schema", "schema", "failed", "`depth` has a default that does not fit"},
      {"undefined_symbol", "load", "failed", "undefined symbol: lineup_test_nowhere"},
      {"hollow_table", "load", "failed", "names the generator `promised`"},
      {"fails_in_init", "load", "failed", "no licence file"},
      {"aborts_in_init", "load", "crashed", "SIGABRT, at load and init"},
      {"exits_in_init", "load", "crashed", "ended its process, at load and init"},
      {"bad_id", "ids", "failed", "somebody's plugin"},
      {"null_instance", "create", "failed", "gave no instance"},
      {"throws_in_create", "create", "failed", "the model is missing"},
      {"crashes_in_create", "create", "crashed", "at create `crashes_in_create`"},
      {"refuses_config", "create", "skipped", "I never liked it"},
      {"lies_about_columns", "columns", "warning", "`secret`"},
      {"leaks_threads", "life", "failed", "leave threads behind"},
      {"leaks_files", "life", "failed", "leave open files behind"},
      {"well_behaved", "hidden-extensions", "crashed", "without extensions"},
      {"aborts_in_call", "ordinary", "crashed", "SIGABRT, at call of"},
      {"segfaults_in_call", "ordinary", "crashed", kSegfault},
      {"throws_in_generate", "ordinary", "failed", "let an exception out"},
      {"writes_past_end", "ordinary", "crashed", kSegfault},
      {"reads_past_end", "ordinary", "crashed", kSegfault},
      {"writes_inputs", "ordinary", "crashed", kSegfault},
      {"nan_scores", "ordinary", "failed", "a score that is infinite"},
      {"nan_only", "ordinary", "warning", "wrote NaN"},
      {"nan_values", "ordinary", "failed", "a value that is not finite"},
      {"emits_nothing", "ordinary", "failed", "emitted no slate"},
      {"places_twice", "ordinary", "failed", "the call failed"},
      {"odd_status", "ordinary", "failed", "returned 17"},
      {"duplicate_slates", "ordinary", "warning", "emitted 4 slates, of which 1"},
      {"judge_writes_state", "ordinary", "failed", "changed the page's state"},
      {"slow", "past-deadline", "failed", "went on for"},
      {"random_pages", "same-answer", "failed", "another answer"},
      {"keeps_state", "same-answer", "failed", "another answer"},
      {"keeps_builder", "same-answer", "failed", "another answer"},
      {"not_reentrant", "threads", "failed", "as `reentrant` declares"},
      {"lying_bounds", "bounds", "failed", "but 0 is enough"},
      {"state_reads_once", "state", "failed", "a byte at a time"},
      {"state_takes_anything", "state", "failed", "cut after 0 of 12 bytes"},
      {"state_takes_garbage", "state", "failed", "random bytes"},
      {"state_trusts_count", "state", "crashed", kSegfault},
      {"state_forgets", "state", "failed", "saves 8 bytes again"},
      {"stays_loaded", "unload", "warning", "stays mapped"},
      {"crashes_at_bound", "fuzz", "crashed", "again with --reproduce"},
  }));
  CAPTURE(c.plugin);
  const auto reports = run_suite(hostile(c.plugin), options_for({c.by}));
  REQUIRE(reports);
  REQUIRE(reports->size() == 1);
  CHECK((*reports)[0].verdict == c.verdict);
  CHECK_THAT((*reports)[0].message, Catch::Contains(c.message));
}

TEST_CASE("what only an uninstrumented allocator shows is caught", "[conformance]") {
  if (kIsSanitized) {
    WARN("skipped: the sanitizer's allocator stands where allocations are counted");
    return;
  }
  const auto c = GENERATE(values<Caught>({
      {"allocates", "allocations", "warning", "1 heap allocations in a warm call"},
      {"leaks_memory", "life", "failed", "bytes behind"},
  }));
  CAPTURE(c.plugin);
  const auto reports = run_suite(hostile(c.plugin), options_for({c.by}));
  REQUIRE(reports);
  CHECK((*reports)[0].verdict == c.verdict);
  CHECK_THAT((*reports)[0].message, Catch::Contains(c.message));
}

TEST_CASE("a case that never comes back is ended and called crashed", "[conformance]") {
  struct Endless {
    const char* plugin;
    const char* by;
  };
  const auto c = GENERATE(values<Endless>({{"loops", "ordinary"}, {"sleeps_in_init", "load"}}));
  const auto reports = run_suite(hostile(c.plugin), options_for({c.by}, 1000));
  REQUIRE(reports);
  CHECK((*reports)[0].verdict == "crashed");
  CHECK_THAT((*reports)[0].message, Catch::Contains("did not come back within 1000 ms, at "));
}

TEST_CASE("a round of the fuzzer that a report names fails again alone", "[conformance]") {
  const auto found = run_suite(hostile("crashes_at_bound"), options_for({"fuzz"}));
  REQUIRE(found);
  std::smatch match;
  const std::string message = (*found)[0].message;
  REQUIRE(std::regex_search(message, match, std::regex("--reproduce ([0-9]+)")));
  SuiteOptions again = options_for({});
  again.reproduce = std::stoull(match[1]);
  const auto repeated = run_suite(hostile("crashes_at_bound"), again);
  REQUIRE(repeated);
  REQUIRE(repeated->size() == 1);
  CHECK((*repeated)[0].verdict == "crashed");
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    again.reproduce = seed;
    const auto other = run_suite(hostile("well_behaved"), again);
    REQUIRE(other);
    CHECK((*other)[0].verdict == "passed");
  }
}

TEST_CASE("cases that call are skipped once the plugin cannot be loaded", "[conformance]") {
  const auto reports = run_suite(hostile("aborts_in_init"), options_for({}));
  REQUIRE(reports);
  for (const CaseReport& report : *reports) {
    CAPTURE(report.name);
    if (report.name == "file" || report.name == "schema") CHECK(report.verdict == "passed");
    if (report.name == "load") CHECK(report.verdict == "crashed");
    if (report.name == "life" || report.name == "fuzz") CHECK(report.verdict == "skipped");
  }
}

TEST_CASE("the project's own plugins pass every case", "[conformance]") {
  std::istringstream names(LINEUP_PLUGIN_NAMES);
  for (std::string name; std::getline(names, name, ',');) {
    // Some of them search with all their work, which on a busy machine and with instrumented code
    // takes minutes; nothing here is to hang.
    const auto reports = run_suite(std::string(LINEUP_PLUGIN_DIR) + "/" + name + ".so",
                                   options_for({}, kIsSanitized ? 600'000 : 60'000));
    REQUIRE(reports);
    CHECK(reports->size() == conformance_cases().size());
    for (const CaseReport& report : *reports) {
      CAPTURE(name, report.name, report.message);
      const bool is_fine = report.verdict == "passed" || report.verdict == "skipped";
      CHECK(is_fine);
      if (report.verdict == "skipped" && !kIsSanitized) {
        const bool is_asked_of_some = report.name == "bounds" || report.name == "state";
        CHECK(is_asked_of_some);
      }
    }
  }
}

TEST_CASE("a plugin that carries its state with care passes, one without state is skipped",
          "[conformance]") {
  const auto careful = run_suite(std::string(LINEUP_ENGINE_PLUGIN_DIR) + "/counts_1.so",
                                 options_for({"state", "threads", "unload"}));
  REQUIRE(careful);
  for (const CaseReport& report : *careful) {
    CAPTURE(report.name, report.message);
    CHECK(report.verdict == "passed");
  }
  const auto stateless = run_suite(hostile("well_behaved"), options_for({"state"}));
  REQUIRE(stateless);
  CHECK((*stateless)[0].verdict == "skipped");
}

TEST_CASE("a case can be run in this process", "[conformance]") {
  const auto report = run_case_here(hostile("emits_nothing"), "ordinary", options_for({}));
  REQUIRE(report);
  CHECK(report->verdict == "failed");
  const auto unknown = run_case_here(hostile("emits_nothing"), "nothing", options_for({}));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "conformance/unknown-case");
}

TEST_CASE("without the helper the suite says how to go on", "[conformance]") {
  SuiteOptions options = options_for({});
  options.program.clear();
  const auto refused = run_suite(hostile("well_behaved"), options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "native/no-probe");
}

}  // namespace
}  // namespace lineup
