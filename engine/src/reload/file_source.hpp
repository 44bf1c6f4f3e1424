// SPDX-License-Identifier: Apache-2.0
//
// Where the files of a bundle are read from: the disk, or a test's own world with faults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace lineup {

// What tells one state of a file from another without reading it.
struct FileStamp {
  enum class Kind : std::uint8_t { File, Directory, Other };
  Kind kind = Kind::Other;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  // of the contents; may be set by anybody
  std::int64_t changed_ns = 0;   // of the contents or the inode; only the system sets it

  bool operator==(const FileStamp&) const = default;
};

// Errors: `reload/not-found`, `reload/unreadable`, `reload/too-large`. Thread safe.
class FileSource {
 public:
  virtual ~FileSource() = default;
  // The names in a directory, sorted, without `.` and `..`.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // Symbolic links are followed.
  [[nodiscard]] virtual Result<FileStamp> stamp(const std::string& path) = 0;
  [[nodiscard]] virtual Result<std::string> read(const std::string& path,
                                                 std::uint64_t most_bytes) = 0;
};

// The disk. Lives as long as the process.
[[nodiscard]] FileSource& disk();

}  // namespace lineup
