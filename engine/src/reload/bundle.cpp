// SPDX-License-Identifier: Apache-2.0
//
// A snapshot without a lock: list, read everything, list again, read again. When both passes agree
// there was a moment, between them, at which all files had these contents together. Files that are
// being written make them differ, and then all is tried again.
#include "reload/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "reload/inventory.hpp"

namespace lineup {

namespace {

// LIMIT: a bundle of which something changes in each of so many snapshots is being copied right
// now; a few tens of milliseconds are waited for, the caller's retry does the rest.
constexpr int kSnapshots = 5;
constexpr std::int64_t kFirstPauseMs = 4;

// A file changed less than this before it was read might change again within the same tick of a
// coarse file system's clock, unseen (2 s on FAT).
constexpr std::int64_t kSettledNs = 2'500'000'000;

constexpr std::size_t kIdDigits = 12;

class Snapshot {
 public:
  Snapshot(const BundleSources& sources, FileSource& files, const Bundle* previous)
      : sources_(sources), files_(files), previous_(previous) {}

  // Nothing: the files changed meanwhile, and `moved()` names one.
  Result<std::optional<Bundle>> take() {
    Result<Inventory> first = take_inventory(sources_, files_);
    if (!first) return tl::unexpected<Error>(first.error());
    const std::int64_t now_ns = wall_ms() * 1'000'000;
    Bundle bundle;
    bundle.directory = sources_.directory;
    std::uint64_t total = 0;
    for (const InventoryFile& listed : first->files) {
      Result<BundleFile> file = load(listed, now_ns);
      if (!file && file.error().code == "reload/not-found") return moved(listed.path);
      if (!file) return tl::unexpected<Error>(file.error());
      total += file->contents->size();
      if (total > sources_.limits.total_bytes) {
        return failure("reload/too-large",
                       fmt::format("the files of the bundle `{}` are larger "
                                   "than {} bytes together",
                                   sources_.directory, sources_.limits.total_bytes));
      }
      bundle.files.push_back(std::move(*file));
    }
    bundle.warnings = std::move(first->warnings);
    return confirm(std::move(bundle));
  }

  [[nodiscard]] const std::string& moved_path() const { return moved_; }

 private:
  std::optional<Bundle> moved(const std::string& path) {
    moved_ = path;
    return std::nullopt;
  }

  Result<BundleFile> load(const InventoryFile& listed, std::int64_t now_ns) {
    BundleFile file;
    file.path = listed.path;
    file.origin = listed.origin;
    file.library = listed.library;
    file.stamp = listed.stamp;
    if (listed.overlay != nullptr) {
      file.contents = std::make_shared<const std::string>(listed.overlay->contents);
    } else {
      file.settled = listed.stamp.changed_ns + kSettledNs < now_ns;
      if (take_over(file)) return file;
      Result<std::string> contents = files_.read(file.origin, sources_.limits.file_bytes);
      if (!contents) return tl::unexpected<Error>(contents.error());
      file.contents = std::make_shared<const std::string>(std::move(*contents));
      read_.push_back(file.path);
    }
    file.content_hash = content_hash(*file.contents);
    return file;
  }

  bool take_over(BundleFile& file) const {
    const BundleFile* before = previous_ == nullptr ? nullptr : previous_->find(file.path);
    if (before == nullptr || !before->settled || before->origin != file.origin ||
        before->stamp != file.stamp) {
      return false;
    }
    file.contents = before->contents;
    file.content_hash = before->content_hash;
    return true;
  }

  // The second reading. Only files that were read just now are read again.
  Result<std::optional<Bundle>> confirm(Bundle bundle) {
    const Result<Inventory> second = take_inventory(sources_, files_);
    if (!second) return tl::unexpected<Error>(second.error());
    for (std::size_t i = 0; i < std::max(bundle.files.size(), second->files.size()); ++i) {
      if (i >= bundle.files.size()) return moved(second->files[i].path);
      const BundleFile& file = bundle.files[i];
      if (i >= second->files.size() || second->files[i].path != file.path ||
          second->files[i].stamp != file.stamp) {
        return moved(file.path);
      }
      if (!file.origin.empty() && file.contents->size() != file.stamp.size) return moved(file.path);
    }
    for (const std::string& path : read_) {
      const BundleFile& file = *bundle.find(path);
      const Result<std::string> again = files_.read(file.origin, sources_.limits.file_bytes);
      if (!again && again.error().code == "reload/not-found") return moved(path);
      if (!again) return tl::unexpected<Error>(again.error());
      if (content_hash(*again) != file.content_hash) return moved(path);
    }
    return std::optional<Bundle>(std::move(bundle));
  }

  const BundleSources& sources_;
  FileSource& files_;
  const Bundle* previous_;
  std::vector<std::string> read_;
  std::string moved_;
};

void name_revision(Bundle& bundle) {
  std::string folders;
  std::string root;
  for (const BundleFile& file : bundle.files) {
    std::string& text = file.path.find('/') == std::string::npos ? root : folders;
    text += file.path + '\n' + file.content_hash + '\n';
  }
  bundle.id = content_hash(folders).substr(0, kIdDigits);
  bundle.hash = content_hash(folders + root);
}

}  // namespace

const BundleFile* Bundle::find(std::string_view path) const {
  const auto at = std::lower_bound(
      files.begin(), files.end(), path,
      [](const BundleFile& file, std::string_view wanted) { return file.path < wanted; });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

std::vector<const BundleFile*> Bundle::in_folder(std::string_view folder) const {
  const std::string prefix = std::string(folder) + "/";
  std::vector<const BundleFile*> found;
  for (const BundleFile& file : files) {
    if (file.path.starts_with(prefix)) found.push_back(&file);
  }
  return found;
}

Result<Bundle> read_bundle(const BundleSources& sources, FileSource& files,
                           const Bundle* previous) {
  std::string moving;
  for (int tried = 0; tried < kSnapshots; ++tried) {
    if (tried > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kFirstPauseMs << (tried - 1)));
    }
    Snapshot snapshot(sources, files, previous);
    Result<std::optional<Bundle>> bundle = snapshot.take();
    if (!bundle) return tl::unexpected<Error>(bundle.error());
    if (*bundle) {
      name_revision(**bundle);
      return std::move(**bundle);
    }
    moving = snapshot.moved_path();
  }
  return failure("reload/unstable", fmt::format("`{}` keeps changing while the bundle `{}` is read",
                                                moving, sources.directory));
}

}  // namespace lineup
