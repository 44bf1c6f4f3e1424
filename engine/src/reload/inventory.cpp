// SPDX-License-Identifier: Apache-2.0
//
// A bundle is laid in layers: its own directory, the overlay on that, then the libraries, which
// only fill what is still free. A name that cannot be part of a bundle is passed over with a
// warning; a folder that cannot be looked into is an error, because rules that silently vanish are
// worse than a reload that fails.
#include "reload/inventory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/hash.hpp"

namespace lineup {

namespace {

constexpr std::array<std::string_view, 6> kFolders = {"policies", "rules", "plugins",
                                                      "models",   "lists", "pools"};

// Of the bundle itself, beside its folders: what it says of all of them.
constexpr std::array<std::string_view, 3> kRootFiles = {"bundle.yaml", "manifest.json",
                                                        "manifest.sig"};

// What may be in a folder; no endings: anything.
std::span<const std::string_view> endings_of(std::string_view folder) {
  static constexpr std::array<std::string_view, 2> kPolicies = {".yaml", ".yml"};
  static constexpr std::array<std::string_view, 3> kRules = {".lua", ".yaml", ".yml"};
  static constexpr std::array<std::string_view, 2> kPlugins = {".so", ".cases.yaml"};
  if (folder == "policies") return kPolicies;
  if (folder == "rules") return kRules;
  if (folder == "plugins") return kPlugins;
  return {};
}

bool ends_like(std::string_view name, std::span<const std::string_view> endings) {
  return endings.empty() ||
         std::any_of(endings.begin(), endings.end(), [name](std::string_view ending) {
           return name.size() > ending.size() && name.ends_with(ending);
         });
}

// Names travel into messages, logs, JSON and staging paths: they are kept plain.
bool is_plain_name(std::string_view name) {
  constexpr std::string_view kOthers = "_-.+";
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

constexpr std::string_view kNameHint = "a name consists of letters, digits, `_`, `-`, `.` and `+`";

using FileMap = std::map<std::string, InventoryFile, std::less<>>;

class Walk {
 public:
  Walk(const BundleSources& sources, FileSource& files) : sources_(sources), files_(files) {}

  Result<Inventory> run() {
    if (auto failed = walk_bundle()) return tl::unexpected<Error>(*failed);
    if (auto failed = apply_overlay()) return tl::unexpected<Error>(*failed);
    for (const std::string& directory : sources_.rule_directories) {
      if (auto failed = walk_library(directory, "rules")) return tl::unexpected<Error>(*failed);
    }
    for (const std::string& directory : sources_.plugin_directories) {
      if (auto failed = walk_library(directory, "plugins")) return tl::unexpected<Error>(*failed);
    }
    for (auto& entry : found_) inventory_.files.push_back(std::move(entry.second));
    return std::move(inventory_);
  }

 private:
  // What every step answers: why it failed, or nothing.
  using Failed = std::optional<Error>;

  Failed walk_bundle() {
    if (sources_.directory.empty()) return std::nullopt;
    const Result<FileStamp> root = files_.stamp(sources_.directory);
    if (!root && root.error().code != "reload/not-found") return root.error();
    if (!root || root->kind != FileStamp::Kind::Directory) {
      return Error{"reload/no-bundle",
                   fmt::format("the bundle `{}` is no directory", sources_.directory)};
    }
    for (const std::string_view name : kRootFiles) {
      if (Failed failed = visit_root(std::string(name))) return failed;
    }
    for (const std::string_view folder : kFolders) {
      const Place place{fmt::format("{}/{}", sources_.directory, folder), std::string(folder),
                        endings_of(folder), false};
      if (Failed failed = walk_folder(place, kBundleDepth, true)) return failed;
    }
    return std::nullopt;
  }

  Failed walk_library(const std::string& directory, std::string_view folder) {
    return walk_folder({directory, std::string(folder), endings_of(folder), true}, 0, false);
  }

  struct Place {
    std::string directory;  // on disk
    std::string path;       // in the bundle
    std::span<const std::string_view> endings;
    bool library;
  };

  Failed walk_folder(const Place& place, int depth, bool may_be_absent) {
    const Result<std::vector<std::string>> names = files_.list(place.directory);
    if (!names) {
      if (may_be_absent && names.error().code == "reload/not-found") return std::nullopt;
      return names.error();
    }
    for (const std::string& name : *names) {
      if (is_passing_name(name)) continue;
      if (Failed failed = visit(place, name, depth)) return failed;
    }
    return std::nullopt;
  }

  Failed visit(const Place& place, const std::string& name, int depth) {
    InventoryFile file{place.path.empty() ? name : place.path + "/" + name,
                       place.directory + "/" + name,
                       place.library,
                       {}};
    const Result<FileStamp> stamp = files_.stamp(file.origin);
    if (!stamp) {
      if (stamp.error().code != "reload/not-found") return stamp.error();
      if (ends_like(name, place.endings)) pass_over(file, "it is a link that leads nowhere", "");
      return std::nullopt;
    }
    if (stamp->kind == FileStamp::Kind::Directory) {
      if (depth == 0 || !is_plain_name(name)) return std::nullopt;
      return walk_folder({file.origin, file.path, place.endings, place.library}, depth - 1, true);
    }
    if (!ends_like(name, place.endings)) return std::nullopt;
    if (!is_plain_name(name)) {
      pass_over(file, "its name is not plain", kNameHint);
    } else if (stamp->kind == FileStamp::Kind::Other) {
      pass_over(file, "it is no regular file", "");
    } else {
      file.stamp = *stamp;
      std::string path = file.path;
      found_.try_emplace(std::move(path), std::move(file));
      if (found_.size() > sources_.limits.file_count) return too_many();
    }
    return std::nullopt;
  }

  Failed visit_root(const std::string& name) {
    InventoryFile file{name, sources_.directory + "/" + name, false, {}};
    const Result<FileStamp> stamp = files_.stamp(file.origin);
    if (!stamp) {
      if (stamp.error().code != "reload/not-found") return stamp.error();
      return std::nullopt;
    }
    if (stamp->kind != FileStamp::Kind::File) {
      pass_over(file, "it is no regular file", "");
      return std::nullopt;
    }
    file.stamp = *stamp;
    found_.emplace(name, std::move(file));
    return std::nullopt;
  }

  Failed apply_overlay() {
    for (const OverlayFile& draft : sources_.overlay) {
      if (!is_bundle_path(draft.path)) {
        return Error{"reload/bad-overlay",
                     fmt::format("`{}` cannot be a file of a bundle: such a path looks like "
                                 "`rules/pin.lua` or `policies/home.yaml`",
                                 draft.path)};
      }
      found_.erase(draft.path);
      if (draft.removed) continue;
      found_[draft.path] = InventoryFile{draft.path, {}, false, {}, &draft};
      if (found_.size() > sources_.limits.file_count) return too_many();
    }
    return std::nullopt;
  }

  static bool is_bundle_path(std::string_view path) {
    if (std::find(kRootFiles.begin(), kRootFiles.end(), path) != kRootFiles.end()) return true;
    const std::size_t first = path.find('/');
    const std::string_view folder = path.substr(0, first);
    if (first == std::string_view::npos) return false;
    if (std::find(kFolders.begin(), kFolders.end(), folder) == kFolders.end()) return false;
    if (!ends_like(path.substr(first + 1), endings_of(folder))) return false;
    for (std::string_view rest = path.substr(first + 1);;) {
      const std::string_view name = rest.substr(0, rest.find('/'));
      if (!is_plain_name(name) || is_passing_name(name)) return false;
      if (name.size() == rest.size()) return true;
      rest.remove_prefix(name.size() + 1);
    }
  }

  Error too_many() const {
    return Error{"reload/too-large",
                 fmt::format("the bundle has more than {} files: is `{}` the right directory",
                             sources_.limits.file_count, sources_.directory)};
  }

  void pass_over(const InventoryFile& file, std::string_view why, std::string_view hint) {
    Diagnostic& warning = inventory_.warnings.warning(
        Span{file.origin}, "reload/passed-over",
        fmt::format("`{}` is passed over: {}", file.path, why), std::string(hint));
    warning.arguments = {{"path", file.path}};
  }

  const BundleSources& sources_;
  FileSource& files_;
  FileMap found_;
  Inventory inventory_;
};

}  // namespace

std::span<const std::string_view> bundle_folders() { return kFolders; }

std::span<const std::string_view> bundle_root_files() { return kRootFiles; }

bool is_passing_name(std::string_view name) {
  constexpr std::array<std::string_view, 10> kEndings = {
      "~", ".swp", ".swx", ".swo", ".tmp", ".temp", ".bak", ".orig", ".part", ".crdownload"};
  // vim writes a file named 4913 to see whether it may.
  if (name.empty() || name.front() == '.' || name.front() == '#' || name == "4913") return true;
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [name](std::string_view ending) { return name.ends_with(ending); });
}

Result<Inventory> take_inventory(const BundleSources& sources, FileSource& files) {
  return Walk(sources, files).run();
}

BundleSurvey survey_bundle(const BundleSources& sources, FileSource& files) {
  BundleSurvey survey;
  const Result<Inventory> inventory = take_inventory(sources, files);
  if (!inventory) {
    survey.signature = hash64(inventory.error().message);
    return survey;
  }
  for (const InventoryFile& file : inventory->files) {
    if (file.overlay != nullptr) continue;
    const FileStamp& stamp = file.stamp;
    survey.newest_change_ns = std::max(survey.newest_change_ns, stamp.changed_ns);
    survey.signature =
        hash64(fmt::format("{}\n{} {} {} {} {}", file.origin, stamp.device, stamp.inode, stamp.size,
                           stamp.modified_ns, stamp.changed_ns),
               survey.signature);
  }
  return survey;
}

}  // namespace lineup
