// SPDX-License-Identifier: Apache-2.0
//
// The helper is told a case by arguments and answers as the probe does. The staged copy has a
// directory of its own per run: conformance must not find what an earlier run left mapped or
// cached.
#include "conformance/suite.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "conformance/cases.hpp"
#include "native/child.hpp"
#include "native/stage.hpp"

namespace lineup {

namespace {

// A directory that goes with its owner.
class Scratch {
 public:
  Scratch() {
    path_ = (std::filesystem::temp_directory_path() / "lineup-check-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<StagedFile> stage(const std::string& path, const Scratch& scratch) {
  if (scratch.path().empty()) {
    return failure("native/staging", "no temporary directory can be made");
  }
  return StagingDirectory::open(scratch.path()).and_then([&](const StagingDirectory& directory) {
    return directory.stage(path);
  });
}

tl::unexpected<Error> unknown_case(const std::string& name) {
  return failure("conformance/unknown-case",
                 fmt::format("there is no case `{}`: see `lineup plugin check --list`", name));
}

CaseReport read_answer(const ConformanceCase& which, const ChildEnding& ending,
                       std::uint32_t timeout_ms) {
  CaseReport report{which.name, which.about, "crashed", {}};
  if (ending.is_timeout) {
    report.message =
        fmt::format("did not come back within {} ms, at {}", timeout_ms, last_step(ending.answer));
    return report;
  }
  if (const std::string signal = signal_of(ending); !signal.empty()) {
    report.message =
        fmt::format("{}, at {}{}", signal, last_step(ending.answer), complaint_of(ending));
    return report;
  }
  const auto answer = nlohmann::json::parse(last_line(ending.answer), nullptr, false);
  if (!answer.is_object() || !answer.contains("verdict") || !answer["verdict"].is_string() ||
      !answer.contains("message") || !answer["message"].is_string()) {
    report.message =
        fmt::format("ended its process, at {}{}", last_step(ending.answer), complaint_of(ending));
    return report;
  }
  report.verdict = answer["verdict"].get<std::string>();
  report.message = answer["message"].get<std::string>();
  return report;
}

Result<CaseReport> run_in_child(const ConformanceCase& which, const StagedFile& file,
                                const SuiteOptions& options) {
  ChildCommand command{options.program, {"--case", which.name}, options.timeout_ms};
  auto& words = command.arguments;
  words.insert(words.end(), {"--seed", std::to_string(options.seed), "--config", options.config});
  if (options.reproduce) {
    words.insert(words.end(), {"--reproduce", std::to_string(*options.reproduce)});
  }
  words.push_back(file.path.string());
  const auto ending = run_child(command);
  if (!ending) return tl::unexpected(ending.error());
  return read_answer(which, *ending, options.timeout_ms);
}

CaseOutcome run_guarded(const ConformanceCase& which, const CaseInput& input) {
  try {
    return which.run(input);
  } catch (const std::exception& error) {
    return {CaseVerdict::Failed, fmt::format("the case could not be run: {}", error.what())};
  }
}

// Cases before this one read the file; those after it run the plugin's code.
constexpr std::string_view kFirstThatLoads = "load";
// What is left out once the plugin could not be loaded or made.
bool stops_the_rest(const CaseReport& report) {
  const bool is_fault = report.verdict == "failed" || report.verdict == "crashed";
  return is_fault && (report.name == "file" || report.name == "load" || report.name == "create");
}

}  // namespace

Result<std::vector<CaseReport>> run_suite(const std::string& path, const SuiteOptions& options) {
  std::vector<const ConformanceCase*> chosen;
  for (const std::string& name : options.cases) {
    if (find_case(name) == nullptr) return unknown_case(name);
    chosen.push_back(find_case(name));
  }
  if (options.reproduce) chosen = {find_case("fuzz")};
  if (chosen.empty()) {
    for (const ConformanceCase& each : conformance_cases()) chosen.push_back(&each);
  }
  if (options.program.empty()) {
    return failure("native/no-probe",
                   "there is no helper lineup-probe beside this program to run the cases in; "
                   "--case NAME --in-process runs one without it");
  }
  const Scratch scratch;
  const auto file = stage(path, scratch);
  if (!file) return tl::unexpected(file.error());
  std::vector<CaseReport> reports;
  std::string stopped_by;
  bool loads = false;
  for (const ConformanceCase* each : chosen) {
    loads = loads || each->name == kFirstThatLoads;
    if (!stopped_by.empty() && (loads || stopped_by == "file")) {
      reports.push_back(
          {each->name, each->about, "skipped", fmt::format("case `{}` did not pass", stopped_by)});
      continue;
    }
    auto report = run_in_child(*each, *file, options);
    if (!report) return tl::unexpected(report.error());
    if (stops_the_rest(*report)) stopped_by = report->name;
    reports.push_back(*std::move(report));
  }
  return reports;
}

Result<CaseReport> run_case_here(const std::string& path, const std::string& name,
                                 const SuiteOptions& options) {
  const ConformanceCase* which = find_case(name);
  if (which == nullptr) return unknown_case(name);
  CaseInput input;
  input.path = std::filesystem::absolute(path).string();
  input.config = options.config;
  input.seed = options.seed;
  input.only = options.reproduce;
  input.at = [](const std::string&) {};
  CaseOutcome outcome = run_guarded(*which, input);
  return CaseReport{which->name, which->about, std::string(name_of(outcome.verdict)),
                    std::move(outcome.message)};
}

std::string run_case_as_helper(const std::vector<std::string>& arguments,
                               const std::function<void(const std::string&)>& say) {
  CaseInput input;
  std::string name;
  const auto number = [](const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--case") name = value;
    if (arguments[i] == "--config") input.config = value;
    if (arguments[i] == "--seed") input.seed = number(value);
    if (arguments[i] == "--reproduce") input.only = number(value);
  }
  input.path = std::filesystem::absolute(arguments.back()).string();
  input.at = [&](const std::string& step) { say("at " + step); };
  const ConformanceCase* which = find_case(name);
  const CaseOutcome outcome = which == nullptr
                                  ? CaseOutcome{CaseVerdict::Failed, "unknown case `" + name + "`"}
                                  : run_guarded(*which, input);
  const nlohmann::json line = {{"verdict", name_of(outcome.verdict)}, {"message", outcome.message}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace lineup
