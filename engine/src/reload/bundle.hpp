// SPDX-License-Identifier: Apache-2.0
//
// A bundle as it was at one moment: every file of policies/, rules/, plugins/, models/, lists/ and
// pools/, bundle.yaml and its manifest, read whole. A revision is built from this and never looks
// at the disk again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "reload/file_source.hpp"

namespace lineup {

struct BundleFile {
  std::string path;    // inside the bundle, whatever it was read from: "rules/pin.lua"
  std::string origin;  // on disk: "/srv/bundle/rules/pin.lua"; empty when it is held in memory
  std::shared_ptr<const std::string> contents;
  std::string content_hash;  // 32 hexadecimal digits
  bool library = false;      // from a library folder, not the operator's own
  bool settled = false;      // it was old when it was read: a later write shows in its stamp
  FileStamp stamp;           // of `origin`, when it was read
};

// A file held in memory that stands over the bundle's own on disk. `removed`: as if that were
// deleted; a library's file of the same path then shows.
struct OverlayFile {
  std::string path;
  std::string contents;
  bool removed = false;
};

struct BundleLimits {
  std::uint64_t file_bytes = 512ULL << 20;    // LIMIT: the largest model we know is far below
  std::uint64_t total_bytes = 2048ULL << 20;  // LIMIT: what a host can hold in memory, with room
  std::uint32_t file_count = 10'000;          // LIMIT: more is a directory given by mistake
};

// What a snapshot is made of. The bundle's own file wins over a library's of the same path, an
// earlier library over a later one, the overlay over all.
struct BundleSources {
  std::string directory;                        // empty: the overlay is everything
  std::vector<std::string> rule_directories;    // flat folders of first-party rules
  std::vector<std::string> plugin_directories;  // flat folders of first-party plugins
  std::vector<OverlayFile> overlay;
  BundleLimits limits;
};

struct Bundle {
  std::string directory;
  std::vector<BundleFile> files;  // by path, each path once
  std::string hash;               // of all paths and contents: 32 hexadecimal digits
  std::string id;  // 12 digits of the hash of the files in folders alone: what people see as the
                   // revision; signing a bundle does not change it
  Diagnostics warnings;  // files that were passed over, and why

  // Null when there is no such file.
  [[nodiscard]] const BundleFile* find(std::string_view path) const;
  // The files below a folder: in_folder("rules") are those of "rules/". In the order of paths.
  [[nodiscard]] std::vector<const BundleFile*> in_folder(std::string_view folder) const;
};

// Takes a snapshot of which every file existed with these contents at one same moment: all is read
// twice and both must agree; when they keep differing the answer is `reload/unstable`. Files whose
// stamp is that of `previous` (null: none) and has been for long enough are taken over unread.
// Hidden, temporary and backup files are not part of a bundle. Other errors: `reload/no-bundle`,
// `reload/too-large`, `reload/unreadable`, `reload/bad-overlay`.
[[nodiscard]] Result<Bundle> read_bundle(const BundleSources& sources, FileSource& files = disk(),
                                         const Bundle* previous = nullptr);

// What can be known of a bundle without reading its files.
struct BundleSurvey {
  // Of all names and stamps: differs when a file was added, removed or written.
  std::uint64_t signature = 0;
  // When the file that changed last did so, nanoseconds since the Unix epoch; 0: no files.
  std::int64_t newest_change_ns = 0;
};
// Looks at everything read_bundle would read. The overlay does not count.
[[nodiscard]] BundleSurvey survey_bundle(const BundleSources& sources, FileSource& files = disk());

// Whether a name in a bundle's folder is an editor's or a copy tool's business, not a bundle file:
// hidden, `x~`, `#x#`, `x.swp`, `x.tmp`, `x.bak`, `4913`, ...
[[nodiscard]] bool is_passing_name(std::string_view name);

// What stands beside the folders: bundle.yaml, manifest.json, manifest.sig. Their paths have no
// `/`.
[[nodiscard]] std::span<const std::string_view> bundle_root_files();

// policies, rules, plugins, models, lists, pools.
[[nodiscard]] std::span<const std::string_view> bundle_folders();

// LIMIT: folders inside a bundle's folder, as in plugins/mmr/mmr.so. Deeper is a build directory or
// a link that leads in circles.
inline constexpr int kBundleDepth = 3;

}  // namespace lineup
