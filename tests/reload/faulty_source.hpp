// SPDX-License-Identifier: Apache-2.0
//
// A world of files in memory in which reading goes wrong when a test wants it.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "reload/file_source.hpp"

namespace lineup {

class FaultySource final : public FileSource {
 public:
  // What happens to the n-th read (from 0) of any file, before and after it is read.
  std::function<Result<std::string>(const std::string& path, int nth, std::string contents)>
      on_read;

  void put(const std::string& path, const std::string& contents, std::int64_t changed_ns = 1) {
    const std::lock_guard lock(mutex_);
    File& file = files_[path];
    file.contents = contents;
    file.stamp.kind = FileStamp::Kind::File;
    file.stamp.inode = ++inodes_;
    file.stamp.size = contents.size();
    file.stamp.modified_ns = file.stamp.changed_ns = changed_ns;
  }
  // Other contents that no stamp tells of, as on a file system with a coarse clock.
  void put_unseen(const std::string& path, const std::string& contents) {
    const std::lock_guard lock(mutex_);
    files_.at(path).contents = contents;
  }
  void remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
  }
  [[nodiscard]] int reads() const { return reads_; }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::lock_guard lock(mutex_);
    std::set<std::string> names;
    for (const auto& [path, file] : files_) {
      if (!path.starts_with(directory + "/")) continue;
      const std::string rest = path.substr(directory.size() + 1);
      names.insert(rest.substr(0, rest.find('/')));
    }
    if (names.empty()) return failure("reload/not-found", "`" + directory + "` is not there");
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<FileStamp> stamp(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    const auto at = files_.find(path);
    if (at != files_.end()) return at->second.stamp;
    const auto below = files_.lower_bound(path + "/");
    if (below == files_.end() || !below->first.starts_with(path + "/")) {
      return failure("reload/not-found", "`" + path + "` is not there");
    }
    FileStamp directory;
    directory.kind = FileStamp::Kind::Directory;
    return directory;
  }

  Result<std::string> read(const std::string& path, std::uint64_t most_bytes) override {
    std::string contents;
    {
      const std::lock_guard lock(mutex_);
      const auto at = files_.find(path);
      if (at == files_.end()) return failure("reload/not-found", "`" + path + "` is not there");
      contents = at->second.contents;
    }
    if (contents.size() > most_bytes) return failure("reload/too-large", "`" + path + "`");
    const int nth = reads_++;
    return on_read ? on_read(path, nth, std::move(contents)) : Result<std::string>(contents);
  }

 private:
  struct File {
    std::string contents;
    FileStamp stamp;
  };
  std::mutex mutex_;
  std::map<std::string, File> files_;
  std::uint64_t inodes_ = 0;
  std::atomic<int> reads_{0};
};

}  // namespace lineup
