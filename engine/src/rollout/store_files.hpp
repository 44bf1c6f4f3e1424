// SPDX-License-Identifier: Apache-2.0
//
// The few things the store of revisions does with a disk, so that its tests can own the disk and
// end the world after any of them. Codes: rollout/not-found, rollout/disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup {

class StoreFiles {
 public:
  virtual ~StoreFiles() = default;
  // With its parents; fine when it is there.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;
  // The contents are on the disk when it returns; after a crash the file may be there in part.
  [[nodiscard]] virtual Result<void> write(const std::string& path, std::string_view bytes) = 0;
  // The same contents under a second name, without copying where the disk can do that.
  [[nodiscard]] virtual Result<void> link(const std::string& from, const std::string& to) = 0;
  // Of a file or a directory; replaces a file; whole or not at all, and on the disk on return.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) = 0;
  // Names in a directory, sorted; none when it is not there.
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& directory) = 0;
  // A file, or a directory with all in it; fine when it is not there.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  // Whether something else has linked to the file's contents too.
  [[nodiscard]] virtual bool is_linked(const std::string& path) = 0;
};

}  // namespace lineup
