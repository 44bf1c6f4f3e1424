// SPDX-License-Identifier: Apache-2.0
//
// Runs the cases beside rules and plugins through the public interface, as any host would. All
// cases of a file that need the same lists are scenes of one bundle held in memory; a case that
// does not compile fails alone, because the bundle is checked first.
#include "policy/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "facade/check/case_coverage.hpp"
#include "facade/check/case_policy.hpp"
#include "facade/check/case_run.hpp"
#include "facade/facade.hpp"
#include "lineup/engine.h"

namespace lineup {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCasesEnd = ".cases.yaml";

std::string_view text_of(lineup_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
lineup_text borrow(std::string_view text) { return {text.data(), text.size()}; }

// The cases of one file that need the same lists.
class CaseBundle {
 public:
  CaseBundle(const Places& places, CaseSubject subject)
      : places_(places), subject_(std::move(subject)) {
    places_.overlay.clear();
  }

  void add(const RuleCase* rule_case) { cases_.push_back(rule_case); }

  // The message of each case in order; empty: passed.
  std::vector<std::string> run() {
    messages_.assign(cases_.size(), {});
    needs_priority_.assign(cases_.size(), false);
    // A rule that needs to be told how strongly it holds says so: then it is told, once.
    if (check()) check();
    write_overlay();
    const auto engine = open();
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (!cases_[i]->refused.empty()) {
        messages_[i] = judge_refusal(cases_[i]->refused, messages_[i]);
        continue;
      }
      if (!messages_[i].empty()) continue;
      if (!engine) {
        messages_[i] = engine.error().message;
        continue;
      }
      const auto outcome = run_case(engine->get(), *cases_[i], scene(i), places_.at_ms);
      messages_[i] = outcome ? difference(*cases_[i], *outcome) : outcome.error().message;
    }
    return messages_;
  }

 private:
  // What is wrong with how a use that must be refused was received; empty: nothing.
  static std::string judge_refusal(const std::string& wanted, const std::string& came) {
    if (came.empty()) return fmt::format("expected to be refused with `{}`, is accepted", wanted);
    if (came.find(wanted) != std::string::npos) return {};
    return fmt::format("expected to be refused with `{}`, came: {}", wanted, came);
  }

  using Engine = std::unique_ptr<lineup_engine, void (*)(lineup_engine*)>;

  static std::string scene(std::size_t index) { return fmt::format("case_{}", index + 1); }
  static std::string policy_path(std::size_t index) {
    return fmt::format("policies/{}.yaml", scene(index));
  }

  void write_overlay() {
    places_.overlay.clear();
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (!messages_[i].empty()) continue;
      places_.overlay.emplace_back(policy_path(i),
                                   case_policy(*cases_[i], subject_, scene(i), needs_priority_[i]));
    }
    for (const auto& [name, ids] : cases_.front()->lists) {
      std::string text;
      for (const std::string& id : ids) text += id + "\n";
      places_.overlay.emplace_back(fmt::format("lists/{}.txt", name), text);
    }
  }

  // Notes why cases cannot run. True when a strength was missing and is now given.
  bool check() {
    write_overlay();
    const CheckReport report = check_bundle(places_);
    bool is_new = false;
    for (const Diagnostic& found : report.diagnostics.all()) {
      if (found.severity != Severity::Error) continue;
      std::size_t index = 0;
      while (index < cases_.size() && policy_path(index) != found.span.file) ++index;
      if (index < cases_.size() && found.code == "policy/no-strength" && !needs_priority_[index]) {
        needs_priority_[index] = is_new = true;
        continue;
      }
      std::string text = found.message;
      if (!found.hint.empty()) text += "; " + found.hint;
      if (index < cases_.size()) {
        add_message(index, text);
        continue;
      }
      // The rule itself, or something beside it: no case can run.
      text = fmt::format("{}:{}:{}: {}", found.span.file, found.span.line, found.span.column, text);
      for (std::size_t i = 0; i < cases_.size(); ++i) add_message(i, text);
    }
    return is_new;
  }

  void add_message(std::size_t index, const std::string& text) {
    messages_[index] += fmt::format("{}{}", messages_[index].empty() ? "" : "; ", text);
  }

  Result<Engine> open() const {
    std::vector<lineup_overlay_file> overlay;
    for (const auto& [path, contents] : places_.overlay) {
      overlay.push_back({sizeof(lineup_overlay_file), 0, borrow(path), borrow(contents)});
    }
    std::vector<lineup_text> rules, plugins;
    for (const std::string& path : places_.rule_directories) rules.push_back(borrow(path));
    for (const std::string& path : places_.plugin_directories) plugins.push_back(borrow(path));
    lineup_options options{};
    options.struct_size = sizeof(options);
    options.overlay = overlay.data();
    options.overlay_count = overlay.size();
    options.rule_directories = rules.data();
    options.rule_directory_count = rules.size();
    options.plugin_directories = plugins.data();
    options.plugin_directory_count = plugins.size();
    options.sessions = 1;
    options.log = [](void*, std::int32_t, lineup_text) {};
    std::string why = "the engine does not open";
    lineup_error_sink errors{sizeof(lineup_error_sink), 0, &why,
                             [](lineup_error_sink* sink, lineup_status, lineup_text message) {
                               *static_cast<std::string*>(sink->context) = text_of(message);
                             }};
    lineup_engine* engine = nullptr;
    if (lineup_open(&options, &errors, &engine) != LINEUP_OK) return failure("cases/open", why);
    return Engine(engine, lineup_close);
  }

  Places places_;
  CaseSubject subject_;
  std::vector<const RuleCase*> cases_;
  std::vector<std::string> messages_;
  std::vector<bool> needs_priority_;
};

struct CasesFile {
  std::string path;
  CaseSubject subject;
};

// The cases files of a directory of rules or plugins, by name.
std::vector<CasesFile> cases_in(const std::string& directory, CaseSubject::Kind kind) {
  std::vector<CasesFile> out;
  std::error_code fault;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, fault)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kCasesEnd) || name.starts_with('.')) continue;
    out.push_back({entry.path().string(), {kind, name.substr(0, name.size() - kCasesEnd.size())}});
  }
  std::sort(out.begin(), out.end(),
            [](const CasesFile& a, const CasesFile& b) { return a.path < b.path; });
  return out;
}

CaseResult unreadable(const CasesFile& file, const Diagnostics& found) {
  CaseResult result;
  result.file = file.path;
  result.of = file.subject.name;
  result.is_of_plugin = file.subject.kind == CaseSubject::Kind::Plugin;
  result.name = "the cases can be read";
  for (const Diagnostic& diagnostic : found.all()) {
    result.message += fmt::format("{}{}:{}: {}{}{}", result.message.empty() ? "" : "; ",
                                  diagnostic.span.line, diagnostic.span.column, diagnostic.message,
                                  diagnostic.hint.empty() ? "" : "; ", diagnostic.hint);
  }
  result.line = found.empty() ? 0 : found.all().front().span.line;
  return result;
}

std::vector<CaseResult> run_file(const Places& places, const CasesFile& file,
                                 std::vector<RuleCoverage>* coverage) {
  std::ifstream in(file.path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<RuleCase> cases;
  Diagnostics found;
  if (!parse_cases(file.path, text, cases, found)) return {unreadable(file, found)};
  // By the lists they need: a bundle has one list of a name.
  std::map<std::vector<std::pair<std::string, std::vector<std::string>>>, std::vector<std::size_t>>
      groups;
  for (std::size_t i = 0; i < cases.size(); ++i) groups[cases[i].lists].push_back(i);
  std::vector<CaseResult> results(cases.size());
  ScriptCoverage ran;
  std::optional<CoverageScope> scope;
  if (coverage != nullptr) scope.emplace(ran);
  for (const auto& group : groups) {
    CaseBundle bundle(places, file.subject);
    for (const std::size_t index : group.second) bundle.add(&cases[index]);
    const auto messages = bundle.run();
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const RuleCase& each = cases[group.second[i]];
      results[group.second[i]] = {
          file.path,     file.subject.name,   file.subject.kind == CaseSubject::Kind::Plugin,
          each.name,     messages[i].empty(), messages[i],
          each.span.line};
    }
  }
  scope.reset();
  if (coverage != nullptr && file.subject.kind == CaseSubject::Kind::Rule) {
    const std::string& rule = file.subject.name;
    const std::string path = (fs::path(file.path).parent_path() / (rule + ".lua")).string();
    coverage->push_back(coverage_of(rule, path, cases, ran));
  }
  return results;
}

std::vector<std::string> directories_of(const std::string& bundle, const char* folder,
                                        const std::vector<std::string>& others) {
  std::vector<std::string> out;
  const std::string own = bundle + "/" + folder;
  std::error_code fault;
  if (!bundle.empty() && fs::is_directory(own, fault)) out.push_back(own);
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

}  // namespace

std::vector<CaseResult> run_cases(const Places& places, const CaseChoice& choice,
                                  const std::function<void(const CaseResult&)>& progress,
                                  std::vector<RuleCoverage>* coverage) {
  auto rules = directories_of(places.bundle, "rules", places.rule_directories);
  auto plugins = directories_of(places.bundle, "plugins", places.plugin_directories);
  if (places.bundle.empty() && rules.empty() && plugins.empty()) {
    rules.push_back(first_party().rules);
    plugins.push_back(first_party().plugins);
  }
  std::vector<CaseResult> all;
  const auto run_directory = [&](const std::string& directory, CaseSubject::Kind kind) {
    // What stands beside the cases comes before all others; policies of the bundle take no part.
    Places beside = places;
    beside.bundle.clear();
    beside.rule_directories = rules;
    beside.plugin_directories = plugins;
    auto& first =
        kind == CaseSubject::Kind::Rule ? beside.rule_directories : beside.plugin_directories;
    first.insert(first.begin(), directory);
    const std::string& name = kind == CaseSubject::Kind::Rule ? choice.rule : choice.plugin;
    const bool wants_other = name.empty() && !(choice.rule.empty() && choice.plugin.empty());
    for (const CasesFile& file : cases_in(directory, kind)) {
      if (wants_other || (!name.empty() && file.subject.name != name)) continue;
      for (CaseResult& result : run_file(beside, file, coverage)) {
        if (progress) progress(result);
        all.push_back(std::move(result));
      }
    }
  };
  const auto run_all = [&](const std::vector<std::string>& directories, CaseSubject::Kind kind) {
    for (const std::string& directory : directories) {
      const bool is_own = !places.bundle.empty() && directory.starts_with(places.bundle + "/");
      if (is_own || !choice.is_bundle_only) run_directory(directory, kind);
    }
  };
  run_all(rules, CaseSubject::Kind::Rule);
  run_all(plugins, CaseSubject::Kind::Plugin);
  return all;
}

}  // namespace lineup
