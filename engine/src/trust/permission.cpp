// SPDX-License-Identifier: Apache-2.0
//
// A bundle is always whole, a change is not: an operator who edits a rule signs a bundle with
// somebody else's plugins in it. So each signer answers for what differs from the parent, which was
// accepted here with signatures of its own.
#include "trust/permission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.hpp"
#include "trust/scene_use.hpp"

namespace lineup {

namespace {

Span in_file(std::string_view file) {
  Span span;
  span.file = file;
  return span;
}

std::string listed(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", name);
  return out;
}

// What speaks for every scene at once, and takes an engineer.
bool is_code(std::string_view path) {
  return path == kBundleFileName || path.starts_with("plugins/") || path.starts_with("models/");
}

class Judge {
 public:
  Judge(const Change& change, Diagnostics& diagnostics)
      : change_(change), diagnostics_(diagnostics), use_(change.files) {
    for (const auto& [scene, path] : change.manifest.scenes) all_.insert(scene);
  }

  void judge() {
    for (const std::string& path : change_.paths) {
      const std::set<std::string> scenes = scenes_of(path);
      touched_.insert(scenes.begin(), scenes.end());
      if (is_code(path)) touched_.insert(all_.begin(), all_.end());
      check_path(path, scenes);
    }
    for (const std::string& scene : touched_) check_count(scene);
    if (touched_.empty() && !change_.paths.empty()) check_count("");
    if (!change_.is_first && !change_.paths.empty()) check_freezes();
  }

 private:
  // The scenes that a path speaks for; code speaks for none, its shippers are few.
  std::set<std::string> scenes_of(const std::string& path) const {
    if (is_code(path)) return {};
    if (!path.starts_with("policies/")) return use_.scenes_of(path);
    std::set<std::string> scenes;
    for (const Manifest* manifest : {&change_.manifest, change_.parent}) {
      if (manifest == nullptr) continue;
      for (const auto& [scene, policy] : manifest->scenes) {
        if (policy == path) scenes.insert(scene);
      }
    }
    return scenes;
  }

  void check_path(const std::string& path, const std::set<std::string>& scenes) {
    const auto may = [&](const TrustedKey* key) {
      return key->may_ship(path) && std::all_of(scenes.begin(), scenes.end(),
                                                [key](const auto& s) { return key->owns(s); });
    };
    if (std::any_of(change_.signers.begin(), change_.signers.end(), may)) return;
    std::set<std::string> signers;
    std::set<std::string> others;
    for (const TrustedKey* key : change_.signers) signers.insert(key->name);
    for (const TrustedKey& key : change_.trust.keys) {
      if (may(&key)) others.insert(key.name);
    }
    const bool is_gone = change_.manifest.find(path) == nullptr;
    diagnostics_.error(
        in_file(path), "trust/permission",
        fmt::format("{} may not {} this file{}", listed(signers), is_gone ? "remove" : "ship",
                    is_code(path)    ? ": it takes an engineer"
                    : scenes.empty() ? ""
                                     : fmt::format(", which belongs to {}", listed(scenes))),
        hint_for(others));
  }

  std::string hint_for(const std::set<std::string>& others) const {
    std::string hint = others.empty()
                           ? "no key of the trust file may do that"
                           : fmt::format("a signature of {} is needed too", listed(others));
    if (change_.parent == nullptr) {
      hint += change_.manifest.parent.empty()
                  ? "; the manifest names no parent, so every file counts as changed"
                  : fmt::format(
                        "; parent `{}` was not accepted here, so every file counts as "
                        "changed",
                        change_.manifest.parent);
    }
    return hint;
  }

  // Empty scene: what no scene uses.
  void check_count(const std::string& scene) {
    std::set<std::string> people;
    for (const TrustedKey* key : change_.signers) {
      if (scene.empty() || key->owns(scene)) people.insert(key->owner);
    }
    const std::uint32_t needed =
        scene.empty() ? change_.trust.signatures : change_.trust.signatures_for(scene);
    // That somebody entitled signed each file was seen already.
    if (needed == 1 || people.size() >= needed) return;
    diagnostics_.error(
        in_file(kSignaturesName), "trust/signatures",
        fmt::format("{} needs signatures of {} people{}, there {} {}",
                    scene.empty() ? "the change" : fmt::format("a change of scene `{}`", scene),
                    needed, scene.empty() ? "" : " who own it", people.size() == 1 ? "is" : "are",
                    people.size()),
        "two keys of one owner count once");
  }

  void check_freezes() {
    for (const FreezeWindow& window : change_.trust.freezes) {
      const auto until_ms = window.holds_until(change_.now_ms);
      if (!until_ms || !concerns(window) || is_opened(window)) continue;
      diagnostics_.error(in_file(kManifestName), "trust/frozen",
                         fmt::format("nothing may change until {}: freeze `{}`",
                                     format_time(*until_ms), window.name),
                         window.except.empty()
                             ? ""
                             : fmt::format("a signature of {} opens it",
                                           listed({window.except.begin(), window.except.end()})));
    }
  }

  bool concerns(const FreezeWindow& window) const {
    return window.scenes.empty() ||
           std::any_of(window.scenes.begin(), window.scenes.end(),
                       [this](const std::string& s) { return s == "*" || touched_.count(s) > 0; });
  }

  bool is_opened(const FreezeWindow& window) const {
    return std::any_of(change_.signers.begin(), change_.signers.end(), [&](const TrustedKey* key) {
      return std::find(window.except.begin(), window.except.end(), key->name) !=
             window.except.end();
    });
  }

  const Change& change_;
  Diagnostics& diagnostics_;
  SceneUse use_;
  std::set<std::string> all_;
  std::set<std::string> touched_;
};

}  // namespace

std::vector<std::string> changed_paths(const Manifest& manifest, const Manifest* parent) {
  std::set<std::string> changed;
  for (const ManifestFile& file : manifest.files) {
    const ManifestFile* before = parent == nullptr ? nullptr : parent->find(file.path);
    if (before == nullptr || *before != file) changed.insert(file.path);
  }
  if (parent != nullptr) {
    for (const ManifestFile& file : parent->files) {
      if (manifest.find(file.path) == nullptr) changed.insert(file.path);
    }
  }
  return {changed.begin(), changed.end()};
}

void check_permissions(const Change& change, Diagnostics& diagnostics) {
  Judge(change, diagnostics).judge();
}

}  // namespace lineup
