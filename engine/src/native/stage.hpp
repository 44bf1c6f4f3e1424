// SPDX-License-Identifier: Apache-2.0
//
// Private copies of plugin files, named by their content. Plugins are loaded from here and never
// from the operator's path: a file that is overwritten while it is mapped crashes, and a path that
// was loaded before silently gives the old code back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace lineup {

// LIMIT: bytes of a plugin file. The largest runtime that plugins carry has 180 MB.
inline constexpr std::uint64_t kLibraryMaxBytes = 512ULL << 20;

struct StagedFile {
  std::filesystem::path path;    // <directory>/<content hash>.so
  std::filesystem::path source;  // where it came from
  std::string content_hash;
  std::uint64_t size = 0;
};

class StagingDirectory {
 public:
  // Creates `directory` with mode 0700 when it is not there. Codes: native/staging (not ours, open
  // to others, not writable), native/noexec (mounted so that no code can be loaded from it).
  // [control]
  static Result<StagingDirectory> open(const std::filesystem::path& directory);

  // Copies a file. It is read twice; the reads must agree. Codes: native/unreadable,
  // native/changing (somebody writes it now: try again), native/size, native/staging. [control]
  [[nodiscard]] Result<StagedFile> stage(const std::filesystem::path& source) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit StagingDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace lineup
