// SPDX-License-Identifier: Apache-2.0
//
// Looking at a bundle without serving it. The same maker of revisions is used as for serving, so
// what is checked here is what a reload would find.
#include "facade/facade.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.hpp"
#include "facade/check/lint.hpp"
#include "facade/revision.hpp"
#include "facade/rollout/trust_gate.hpp"
#include "lineup_paths.hpp"
#include "reload/bundle.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;

// Where this program lies; empty when the system does not say.
fs::path program_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : program.parent_path();
}

// Where the engine's code lies: in the library that a host links, or in the program.
fs::path engine_directory() {
  Dl_info facts{};
  if (::dladdr(reinterpret_cast<const void*>(&first_party), &facts) == 0 ||
      facts.dli_fname == nullptr)
    return {};
  std::error_code error;
  const fs::path file = fs::canonical(facts.dli_fname, error);
  return error ? fs::path() : file.parent_path();
}

FirstParty in_prefix(const fs::path& prefix) {
  return {(prefix / kInstallData / "lineup/rules").string(),
          (prefix / kInstallLibraries / "lineup/plugins").string(),
          (prefix / kInstallHelpers / "lineup/lineup-probe").string(),
          (prefix / kInstallData / "lineup/template").string()};
}

FirstParty in_build_tree() {
  return {kSourceDirectory + std::string("/rules"), kBuildDirectory + std::string("/plugins"),
          kBuildDirectory + std::string("/lineup-probe"),
          kSourceDirectory + std::string("/sdk/template")};
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// What is not there is not looked in.
FirstParty only_existing(FirstParty found) {
  for (std::string* path : {&found.rules, &found.plugins, &found.probe, &found.templates}) {
    if (!exists(*path)) path->clear();
  }
  return found;
}

bool is_in_build_tree(const fs::path& directory) {
  return directory.string().rfind(kBuildDirectory, 0) == 0 && exists(kBuildDirectory);
}

// The installation that `directory` (bin, lib or lib/MACHINE) belongs to; empty: none.
fs::path prefix_of(const fs::path& directory) {
  fs::path prefix = directory;
  for (int up = 0; up < 2 && prefix.has_parent_path(); ++up) {
    prefix = prefix.parent_path();
    if (exists(in_prefix(prefix).rules)) return prefix;
  }
  return {};
}

FirstParty find_first_party() {
  if (const char* home = ::getenv("LINEUP_HOME"); home != nullptr && *home != 0) {
    return only_existing(in_prefix(home));
  }
  // What was built or installed together belongs together, wherever it was moved to.
  for (const fs::path& directory : {program_directory(), engine_directory()}) {
    if (is_in_build_tree(directory)) return only_existing(in_build_tree());
    const fs::path prefix = prefix_of(directory);
    if (!prefix.empty()) return only_existing(in_prefix(prefix));
  }
  if (exists(in_prefix(kInstallPrefix).rules)) return only_existing(in_prefix(kInstallPrefix));
  return only_existing(in_build_tree());
}

BundleSources sources_of(const Places& places) {
  BundleSources sources;
  sources.directory = places.bundle;
  sources.rule_directories = places.rule_directories;
  sources.plugin_directories = places.plugin_directories;
  if (!first_party().rules.empty()) sources.rule_directories.push_back(first_party().rules);
  if (!first_party().plugins.empty()) sources.plugin_directories.push_back(first_party().plugins);
  for (const auto& [path, contents] : places.overlay)
    sources.overlay.push_back({path, contents, false});
  return sources;
}

// A directory of its own for one check, removed with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = (fs::temp_directory_path() / "lineup-check-XXXXXX").string();
    if (::mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string bounds_of(const ParameterSpec& parameter) {
  if (!parameter.choices.empty()) {
    std::string out;
    for (const std::string& choice : parameter.choices) {
      out += (out.empty() ? "" : " | ") + choice;
    }
    return out;
  }
  if (parameter.min && parameter.max) return fmt::format("{}..{}", *parameter.min, *parameter.max);
  if (parameter.min) return fmt::format("at least {}", *parameter.min);
  if (parameter.max) return fmt::format("at most {}", *parameter.max);
  return {};
}

std::string written(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Null:
      return {};
    case Value::Kind::Bool:
      return value.boolean ? "true" : "false";
    case Value::Kind::Integer:
      return fmt::format("{}", value.integer);
    case Value::Kind::Float:
      return fmt::format("{}", value.number);
    case Value::Kind::Text:
      return value.text;
    case Value::Kind::List: {
      std::string out = "[";
      for (const Value& item : value.items) out += (out.size() > 1 ? ", " : "") + written(item);
      return out + "]";
    }
    case Value::Kind::Map:
      return "{...}";
  }
  return {};
}

RuleDescription describe_rule(const RuleFile& rule) {
  RuleDescription out;
  out.name = rule.name;
  out.about = rule.about;
  out.path = rule.path;
  out.is_code = rule.has_allow || rule.has_score;
  out.required_by_default = rule.required_by_default;
  for (const ParameterSpec& parameter : rule.parameters) {
    ParameterDescription described;
    described.name = parameter.name;
    described.type = name_of(parameter.type);
    described.about = parameter.about;
    if (parameter.default_value) described.default_text = written(*parameter.default_value);
    described.bounds = bounds_of(parameter);
    described.required = !parameter.optional && !parameter.default_value;
    out.parameters.push_back(std::move(described));
  }
  return out;
}

// What takes the whole bundle to say.
void describe_revision(const Revision& revision, const Bundle& bundle, CheckReport& report) {
  std::vector<const Plan*> plans;
  for (const Scene& scene : revision.scenes) {
    report.scenes.push_back(scene.plan->scene);
    plans.push_back(scene.plan.get());
    const Plan& plan = *scene.plan;
    for (const RuleUse& use : plan.uses) report.rules[{plan.scene, use.name}] = use.span;
    for (std::size_t i = 0; i < plan.segment_names.size(); ++i) {
      report.segments[{plan.scene, plan.segment_names[i]}] = plan.segment_spans[i];
    }
  }
  std::vector<ListFile> lists;
  for (const BundleFile* file : bundle.in_folder("lists")) {
    if (!file->library) lists.push_back({fs::path(file->path).stem().string(), shown_path(*file)});
  }
  lint_lists(plans, lists, report.diagnostics);
}

}  // namespace

const FirstParty& first_party() {
  static const FirstParty found = find_first_party();
  return found;
}

CheckReport check_bundle(const Places& places) {
  CheckReport report;
  auto bundle = read_bundle(sources_of(places));
  if (!bundle) {
    Span span;
    span.file = places.bundle;
    report.diagnostics.error(span, bundle.error().code, bundle.error().message);
    return report;
  }
  for (const BundleFile& file : bundle->files) {
    report.sources.emplace(shown_path(file), *file.contents);
  }
  report.revision = bundle->id;
  const TemporaryDirectory staging;
  Symbols symbols;
  LiveWeights weights{std::string()};
  MakerOptions options;
  options.staging_directory = staging.path();
  options.probe = first_party().probe;
  options.at_ms = places.at_ms;
  const std::int64_t now_ms = places.at_ms.value_or(wall_ms());
  options.inspect = [now_ms](const Plan& plan, bool is_complete, Diagnostics& diagnostics) {
    lint(plan, now_ms, is_complete, diagnostics);
  };
  RevisionMaker maker(std::move(options), symbols, weights);
  (void)verify_unsigned(staged_contents(*bundle), report.diagnostics);
  const auto revision = maker.make(*bundle, report.diagnostics);
  if (revision != nullptr) {
    describe_revision(*revision, *bundle, report);
  }
  report.diagnostics.sort();
  return report;
}

std::vector<RuleDescription> describe_rules(const Places& places) {
  std::vector<RuleDescription> out;
  const auto bundle = read_bundle(sources_of(places));
  if (!bundle) return out;
  for (const BundleFile* file : bundle->in_folder("rules")) {
    const fs::path path(file->path);
    if (path.extension() != ".lua") continue;
    Diagnostics faults;
    const auto rule = load_rule(shown_path(*file), *file->contents, {}, faults);
    RuleDescription described;
    if (rule != nullptr) {
      described = describe_rule(*rule);
    } else {
      described.name = path.stem().string();
      described.path = shown_path(*file);
    }
    described.faults = faults.all();
    out.push_back(std::move(described));
  }
  return out;
}

}  // namespace lineup
