// SPDX-License-Identifier: Apache-2.0
//
// Paths are followed component by component, as the system does it, because every symbolic link on
// the way can be exchanged: a mounted ConfigMap changes by a rename of its link `..data`, and no
// event ever bears the name of a rule.
#include "reload/watch_map.hpp"

#include <filesystem>
#include <list>
#include <optional>

namespace lineup {

namespace {

namespace fs = std::filesystem;

// LIMIT: as many links as the system follows before it calls them a loop.
constexpr int kLinks = 40;

class Mapper {
 public:
  void add_bundle(const std::string& directory) {
    const std::optional<std::string> root = follow(directory);
    if (!root) return;
    for (const std::string_view name : bundle_root_files()) {
      map_[*root].names.emplace(name);
      (void)follow(*root + "/" + std::string(name));
    }
    for (const std::string_view folder : bundle_folders()) {
      map_[*root].names.emplace(folder);
      add_tree(*root + "/" + std::string(folder), kBundleDepth);
    }
  }

  void add_tree(const std::string& path, int depth) {
    const std::optional<std::string> directory = follow(path);
    if (!directory || !is_directory(*directory)) return;
    map_[*directory].every_name = true;
    std::error_code error;
    for (fs::directory_iterator entry(*directory, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (is_passing_name(name)) continue;
      std::error_code ignored;
      if (entry->is_symlink(ignored)) {
        add_link(entry->path().string(), depth);
      } else if (depth > 0 && entry->is_directory(ignored)) {
        add_tree(entry->path().string(), depth - 1);
      }
    }
  }

  WatchMap take() { return std::move(map_); }

 private:
  void add_link(const std::string& path, int depth) {
    const std::optional<std::string> target = follow(path);
    if (!target) return;
    if (!is_directory(*target)) {
      const fs::path file(*target);
      map_[file.parent_path().string()].names.insert(file.filename().string());
    } else if (depth > 0) {
      add_tree(*target, depth - 1);
    }
  }

  // The real path, or nothing when a component is missing. Notes where each link, or the missing
  // component, has its place.
  std::optional<std::string> follow(const std::string& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    if (error) return std::nullopt;
    std::list<fs::path> rest(absolute.begin(), absolute.end());
    fs::path here;
    for (int links = 0; !rest.empty();) {
      const fs::path part = std::move(rest.front());
      rest.pop_front();
      if (part.empty() || part == ".") continue;
      if (part == ".." || part.is_absolute()) {
        here = part == ".." ? here.parent_path() : part;
        continue;
      }
      const fs::path next = here / part;
      const fs::file_status status = fs::symlink_status(next, error);
      if (status.type() == fs::file_type::symlink) {
        map_[here.string()].names.insert(part.string());
        const fs::path target = fs::read_symlink(next, error);
        if (error || ++links > kLinks) return std::nullopt;
        rest.insert(rest.begin(), target.begin(), target.end());
      } else if (!fs::exists(status)) {
        map_[here.string()].names.insert(part.string());
        return std::nullopt;
      } else {
        here = next;
      }
    }
    return here.string();
  }

  static bool is_directory(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
  }

  WatchMap map_;
};

}  // namespace

bool WatchInterest::covers(std::string_view name) const {
  return name.empty() || names.count(name) > 0 || (every_name && !is_passing_name(name));
}

WatchMap map_watches(const BundleSources& sources) {
  Mapper mapper;
  if (!sources.directory.empty()) mapper.add_bundle(sources.directory);
  for (const std::string& directory : sources.rule_directories) mapper.add_tree(directory, 0);
  for (const std::string& directory : sources.plugin_directories) mapper.add_tree(directory, 0);
  return mapper.take();
}

}  // namespace lineup
