// SPDX-License-Identifier: Apache-2.0
//
// The disk below the store of revisions, and the lock that keeps a second engine out of a state
// directory.
#pragma once

#include <string>

#include "base/result.hpp"
#include "rollout/store_files.hpp"

namespace lineup {

class DiskStoreFiles final : public StoreFiles {
 public:
  [[nodiscard]] Result<void> make_directory(const std::string& path) override;
  [[nodiscard]] Result<void> write(const std::string& path, std::string_view bytes) override;
  [[nodiscard]] Result<void> link(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<std::string> read(const std::string& path) override;
  [[nodiscard]] std::vector<std::string> list(const std::string& directory) override;
  [[nodiscard]] Result<void> remove(const std::string& path) override;
  [[nodiscard]] bool is_linked(const std::string& path) override;
};

// Held as long as this lives, and given up by the system when the process dies.
class StateLock {
 public:
  // Code: rollout/locked, somebody else has it; rollout/disk.
  [[nodiscard]] static Result<StateLock> take(const std::string& path);
  StateLock(StateLock&& other) noexcept;
  StateLock& operator=(StateLock&&) = delete;
  ~StateLock();

 private:
  explicit StateLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace lineup
