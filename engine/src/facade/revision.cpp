// SPDX-License-Identifier: Apache-2.0
//
// The operator's own files must all be right, used or not: a broken file that is saved is said at
// once. Library files are only looked at closely when a policy uses them.
#include "facade/revision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/clock.hpp"
#include "facade/bundle_tables.hpp"
#include "isolate/isolated_node.hpp"
#include "policy/bundle_file.hpp"
#include "policy/document.hpp"

namespace lineup {

namespace {

std::span<const std::byte> bytes_of(const BundleFile& file) {
  return std::as_bytes(std::span(file.contents->data(), file.contents->size()));
}

// Hosts name experiments by text, so that what a request brings is compared with these few.
std::vector<std::pair<std::string, std::uint32_t>> experiments_of(const ContextLayout& context) {
  std::vector<std::pair<std::string, std::uint32_t>> out;
  for (std::uint32_t slot = 0; slot < context.paths().size(); ++slot) {
    const std::string& path = context.paths()[slot];
    if (!path.starts_with(kExperimentPrefix)) continue;
    out.emplace_back(path.substr(kExperimentPrefix.size()), slot);
  }
  return out;
}

}  // namespace

std::string shown_path(const BundleFile& file) {
  return file.library && !file.origin.empty() ? file.origin : file.path;
}

const Scene* Revision::find(std::string_view scene) const {
  for (const Scene& entry : scenes) {
    if (entry.plan->scene == scene) return &entry;
  }
  return nullptr;
}

// The rule files of a bundle by name.
class RevisionMaker::Rules final : public RuleSource {
 public:
  Rules(RevisionMaker& maker, const Bundle& bundle) : maker_(maker) {
    for (const BundleFile* file : bundle.in_folder("rules")) {
      if (has_ending(file->path, ".lua")) files_.emplace(stem_of(file->path), file);
    }
  }

  Found find(std::string_view name, Diagnostics& diagnostics) override {
    const auto at = files_.find(name);
    if (at == files_.end()) return {};
    // The faults of the operator's own files were said when they were checked.
    Diagnostics said;
    Found found{true, maker_.rule_of(*at->second, at->second->library ? diagnostics : said)};
    return found;
  }

  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, file] : files_) names.push_back(name);
    return names;
  }

  void check_own(Diagnostics& diagnostics) {
    for (const auto& [name, file] : files_) {
      if (!file->library) (void)maker_.rule_of(*file, diagnostics);
    }
  }

  [[nodiscard]] const std::map<std::string, const BundleFile*, std::less<>>& files() const {
    return files_;
  }

 private:
  RevisionMaker& maker_;
  std::map<std::string, const BundleFile*, std::less<>> files_;
};

// The plugins of a bundle: what they offer is read without running them; a library is loaded when a
// policy asks for one of its types.
class RevisionMaker::Nodes final : public NodeSource {
 public:
  Nodes(RevisionMaker& maker, const Bundle& bundle, Diagnostics& diagnostics) : maker_(maker) {
    for (const BundleFile* file : bundle.in_folder("plugins")) {
      if (has_ending(file->path, ".so")) add(*file, diagnostics);
    }
  }

  Result<std::shared_ptr<const NodeType>> find(lineup_kind kind, std::string_view name) override {
    const auto file = file_of(kind, name);
    if (!file) return tl::unexpected(file.error());
    auto library = maker_.library_of(**file);
    if (!library) return tl::unexpected(with_path(**file, library.error()));
    for (const auto& type : (*library)->types()) {
      if (type->kind == kind && type->name == name.substr(0, name.find('@'))) return type;
    }
    return failure("native/metadata",
                   fmt::format("plugin `{}` declares {} `{}` but does not offer it",
                               shown_path(**file), name_of(kind), name));
  }

  Result<std::shared_ptr<const NodeType>> describe(lineup_kind kind,
                                                   std::string_view name) override {
    const auto file = file_of(kind, name);
    if (!file) return tl::unexpected(file.error());
    const auto staged = maker_.stage_plugin(**file);
    if (!staged) return tl::unexpected(with_path(**file, staged.error()));
    const LibraryFacts& facts = *maker_.facts_.at((*file)->content_hash);
    auto type = std::make_shared<NodeType>();
    for (const TypeFacts& each : facts.metadata.types) {
      if (each.kind != kind || each.name != name.substr(0, name.find('@'))) continue;
      type->kind = each.kind;
      type->name = each.name;
      type->id = each.name;  // its own id is known to its code alone
      type->about = each.about;
      type->configuration_schema = each.configuration_schema;
      type->metadata_json = facts.metadata.json;
      type->content_hash = staged->file.content_hash;
      type->path = staged->file.path.string();
      type->threads = each.threads;
      type->deterministic = each.deterministic;
    }
    return type;
  }

  [[nodiscard]] std::vector<std::string> names(lineup_kind kind) const override {
    std::vector<std::string> names;
    for (const auto& [key, file] : types_) {
      if (key.first == kind) names.push_back(key.second);
    }
    return names;
  }

 private:
  void add(const BundleFile& file, Diagnostics& diagnostics) {
    auto at = maker_.facts_.find(file.content_hash);
    if (at == maker_.facts_.end()) {
      at = maker_.facts_.emplace(file.content_hash, inspect(bytes_of(file))).first;
    }
    const Result<LibraryFacts>& facts = at->second;
    if (!facts) {
      const std::string message = fmt::format("plugin cannot be used: {}", facts.error().message);
      if (file.library) {
        diagnostics.warning(span_of(file), facts.error().code, message);
      } else {
        diagnostics.error(span_of(file), facts.error().code, message);
      }
      return;
    }
    for (const TypeFacts& type : facts->metadata.types) {
      // The bundle's own plugin stands before a library's of the same name.
      auto& entry = types_[{type.kind, type.name}];
      if (entry == nullptr || entry->library) entry = &file;
      offers_.push_back({type.kind, type.name, facts->metadata.version, &file});
    }
  }

  // The file that offers `name`; `name@FILE` or `name@VERSION` says which, where several do.
  [[nodiscard]] Result<const BundleFile*> file_of(lineup_kind kind, std::string_view name) const {
    const std::size_t at = name.find('@');
    if (at == std::string_view::npos) {
      const auto found = types_.find({kind, std::string(name)});
      if (found != types_.end()) return found->second;
      return failure("plan/unknown", fmt::format("there is no {} `{}`", name_of(kind), name));
    }
    const std::string_view wanted = name.substr(at + 1);
    std::string offers;
    for (const Offer& offer : offers_) {
      if (offer.kind != kind || offer.name != name.substr(0, at)) continue;
      const std::string stem = stem_of(offer.file->path);
      if (stem == wanted || offer.version == wanted) return offer.file;
      offers += fmt::format("{}`{}@{}` (version {})", offers.empty() ? "" : ", ", offer.name, stem,
                            offer.version);
    }
    if (offers.empty()) {
      return failure("plan/unknown", fmt::format("there is no {} `{}`", name_of(kind), name));
    }
    return failure("policy/unknown-version", fmt::format("no plugin offers {} `{}`; there are {}",
                                                         name_of(kind), name, offers));
  }

  static Error with_path(const BundleFile& file, const Error& error) {
    return {error.code, fmt::format("plugin `{}`: {}", shown_path(file), error.message)};
  }

  struct Offer {
    lineup_kind kind = 0;
    std::string name;
    std::string version;
    const BundleFile* file = nullptr;
  };

  RevisionMaker& maker_;
  std::map<std::pair<lineup_kind, std::string>, const BundleFile*> types_;
  std::vector<Offer> offers_;  // all of them, in the order of the bundle
};

RevisionMaker::RevisionMaker(MakerOptions options, Symbols& symbols, LiveWeights& weights)
    : options_(std::move(options)), symbols_(symbols), weights_(weights) {}

std::shared_ptr<const RuleFile> RevisionMaker::rule_of(const BundleFile& file,
                                                       Diagnostics& diagnostics) {
  const std::string key = shown_path(file) + '|' + file.content_hash;
  const auto at = rules_.find(key);
  if (at != rules_.end()) return at->second;
  auto rule = load_rule(shown_path(file), *file.contents, options_.script_limits, diagnostics);
  if (rule != nullptr && rule->name != stem_of(file.path)) {
    diagnostics.error(
        span_of(file), "rule/name",
        fmt::format("the rule is named `{}` but its file `{}`", rule->name, stem_of(file.path)),
        "a rule's name is its file's name");
    rule = nullptr;
  }
  if (rule != nullptr) rules_.emplace(key, rule);
  return rule;
}

Result<RevisionMaker::Proven> RevisionMaker::stage_plugin(const BundleFile& file) {
  if (const auto& kept = libraries_[file.content_hash].proven) return *kept;
  if (file.origin.empty()) {
    return failure("native/overlay", "plugins cannot be held in memory: write the file to disk");
  }
  if (!staging_) {
    auto staging = StagingDirectory::open(options_.staging_directory);
    if (!staging) return tl::unexpected(staging.error());
    staging_ = *std::move(staging);
  }
  auto staged = staging_->stage(file.origin);
  if (!staged) return tl::unexpected(staged.error());
  libraries_[file.content_hash].copy = staged->path;
  if (staged->content_hash != file.content_hash) {
    return failure("native/changing", "the file changed while it was read: try again");
  }
  ProbeOptions probe_options;
  probe_options.program = options_.probe;
  auto verdict = probe(*staged, probe_options);
  if (!verdict) return tl::unexpected(verdict.error());
  auto& proven = libraries_[file.content_hash].proven;
  proven = Proven{*std::move(staged), *std::move(verdict)};
  return *proven;
}

Result<std::shared_ptr<const Library>> RevisionMaker::library_of(const BundleFile& file) {
  if (const auto& kept = libraries_[file.content_hash].library; kept != nullptr) return kept;
  const auto proven = stage_plugin(file);
  if (!proven) return tl::unexpected(proven.error());
  auto library = Library::load(proven->file, proven->verdict);
  if (library) libraries_[file.content_hash].library = *library;
  return library;
}

Isolate RevisionMaker::isolation() const {
  IsolationOptions options;
  options.program = std::filesystem::path(options_.probe).parent_path() / "lineup-worker";
  std::error_code error;
  if (options_.probe.empty() || !std::filesystem::exists(options.program, error)) return {};
  return [options](std::shared_ptr<const NodeType> type, const std::string& config,
                   NodeLayout& layout) {
    return make_isolated(std::move(type), config, layout, options);
  };
}

std::map<std::string, std::shared_ptr<const RuleFile>> RevisionMaker::load_rules(
    const Bundle& bundle, Diagnostics& diagnostics) {
  Rules rules(*this, bundle);
  std::map<std::string, std::shared_ptr<const RuleFile>> out;
  for (const auto& [name, file] : rules.files()) out.emplace(name, rule_of(*file, diagnostics));
  return out;
}

void RevisionMaker::forget_others(const Bundle& bundle) {
  std::set<std::string> hashes;
  std::set<std::string> keys;
  for (const BundleFile& file : bundle.files) {
    hashes.insert(file.content_hash);
    keys.insert(shown_path(file) + '|' + file.content_hash);
  }
  std::erase_if(facts_, [&](const auto& entry) { return !hashes.contains(entry.first); });
  std::erase_if(rules_, [&](const auto& entry) { return !keys.contains(entry.first); });
  std::erase_if(libraries_, [&](const auto& entry) {
    if (hashes.contains(entry.first)) return false;
    // Earlier revisions may still run its code: what is mapped outlives the file's name.
    std::error_code ignored;
    if (options_.owns_staging) std::filesystem::remove(entry.second.copy, ignored);
    return true;
  });
}

Scene RevisionMaker::scene_of(std::unique_ptr<Plan> plan, const PolicyDocument& document) const {
  Scene scene;
  scene.columns = SymbolMap(symbols_.columns, plan->schema.names());
  scene.context = SymbolMap(symbols_.context, plan->context.paths());
  scene.experiments = experiments_of(plan->context);
  std::vector<std::string> objectives;
  for (const Dial& dial : plan->weights) objectives.push_back(dial.name);
  std::vector<std::string> parameters;
  for (const Dial& dial : plan->parameters) parameters.push_back(dial.name);
  scene.objectives = SymbolMap(symbols_.objectives, objectives);
  scene.parameters = SymbolMap(symbols_.parameters, parameters);
  scene.plan = std::move(plan);
  if (options_.counts == nullptr) return scene;
  for (const PolicyEvidence& each : document.evidence) {
    scene.evidence.push_back({symbols_.columns.intern(each.column), options_.counts(each)});
  }
  return scene;
}

void plan_of(const Bundle& bundle, RolloutPlan& plan, Diagnostics& diagnostics) {
  const BundleFile* file = bundle.find("bundle.yaml");
  if (file != nullptr)
    (void)parse_bundle_file(shown_path(*file), *file->contents, plan, diagnostics);
}

std::shared_ptr<const Revision> RevisionMaker::make_pass_through() {
  constexpr std::string_view kPolicy =
      "lineup: 1\nscene: pass_through\npage: 20\ncolumns: {score: {type: float}}\n";
  const Bundle nothing;
  Diagnostics found;
  Rules rules(*this, nothing);
  Nodes nodes(*this, nothing, found);
  const Lists lists;
  const Pools pools;
  PlanEnvironment environment{
      rules,
      nodes,
      lists,
      instances_,
      [this](std::string_view scene, std::string_view name) { return weights_.cell(scene, name); },
      options_.controller,
      options_.sessions,
      options_.script_limits,
      pools,
      wall_ms(),
      {},
      true};
  PolicyDocument document;
  if (!parse_policy("(built in)", kPolicy, document, found)) return nullptr;
  auto plan = compile_plan(document, environment, found);
  if (plan == nullptr) return nullptr;
  auto revision = std::make_shared<Revision>();
  revision->id = "pass-through";
  revision->traffic = std::make_shared<Traffic>(options_.sessions);
  revision->is_pass_through = true;
  revision->scenes.push_back(scene_of(std::move(plan), document));
  revision->scene_of = SymbolMap(symbols_.scenes, {"pass_through"});
  return revision;
}

std::shared_ptr<const Revision> RevisionMaker::make(const Bundle& bundle, Diagnostics& diagnostics,
                                                    const Revision* heir_of) {
  auto revision = std::make_shared<Revision>();
  revision->id = bundle.id;
  instances_.begin(heir_of == nullptr ? InstanceCache::Places() : heir_of->places);
  revision->traffic = std::make_shared<Traffic>(options_.sessions);
  diagnostics.append(bundle.warnings);
  plan_of(bundle, revision->rollout, diagnostics);
  // What inspects plans says which rules read an empty list.
  const BundleTables tables = read_tables(bundle, options_.inspect == nullptr, diagnostics);
  std::set<std::string, std::less<>> used_models;
  Rules rules(*this, bundle);
  rules.check_own(diagnostics);
  Nodes nodes(*this, bundle, diagnostics);
  PlanEnvironment environment{
      rules,
      nodes,
      tables.lists,
      instances_,
      [this](std::string_view scene, std::string_view name) { return weights_.cell(scene, name); },
      options_.controller,
      options_.sessions,
      options_.script_limits,
      tables.pools,
      options_.at_ms.value_or(wall_ms()),
      options_.inspect};
  environment.isolate = isolation();
  environment.helpers = options_.helpers;
  std::map<std::string, std::string> scene_files;
  bool has_policy = false;
  for (const BundleFile* file : bundle.in_folder("policies")) {
    if (!has_ending(file->path, ".yaml") && !has_ending(file->path, ".yml")) continue;
    PolicyDocument document;
    const bool is_right = parse_policy(shown_path(*file), *file->contents, document, diagnostics);
    has_policy = true;
    if (!is_right && document.scene.empty()) continue;  // nothing more can be said of it
    const auto [at, is_new] = scene_files.emplace(document.scene, file->path);
    if (!is_new) {
      diagnostics.error(
          document.scene_span, "policy/duplicate-scene",
          fmt::format("scene `{}` has a policy already: `{}`", document.scene, at->second));
      continue;
    }
    place_models(document, tables.models, used_models, diagnostics);
    auto plan = compile_plan(document, environment, diagnostics);
    if (plan == nullptr || !is_right) continue;
    revision->scenes.push_back(scene_of(std::move(plan), document));
  }
  if (options_.inspect != nullptr && !diagnostics.has_errors()) {
    lint_models(tables, used_models, diagnostics);
  }
  if (!has_policy && !diagnostics.has_errors()) {
    Span span;
    span.file = bundle.directory;
    diagnostics.error(span, "bundle/no-policy", "the bundle has no policy",
                      "put a file into policies/");
  }
  forget_others(bundle);
  revision->places = instances_.placed();
  if (diagnostics.has_errors()) return nullptr;
  std::vector<std::string> names;
  for (const Scene& scene : revision->scenes) names.push_back(scene.plan->scene);
  revision->scene_of = SymbolMap(symbols_.scenes, names);
  return revision;
}

}  // namespace lineup
