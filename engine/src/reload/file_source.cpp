// SPDX-License-Identifier: Apache-2.0
//
// Plain system calls: each error keeps its cause, and nothing throws. Files are opened without
// waiting, so that a pipe left in a bundle does not stop a reload.
#include "reload/file_source.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace lineup {

namespace {

tl::unexpected<Error> system_failure(const std::string& path, int code) {
  const bool absent = code == ENOENT || code == ENOTDIR;
  return failure(
      absent ? "reload/not-found" : "reload/unreadable",
      fmt::format("`{}` cannot be read: {}", path, std::generic_category().message(code)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

FileStamp stamp_of(const struct stat& status) {
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  FileStamp stamp;
  stamp.kind = S_ISREG(status.st_mode)   ? FileStamp::Kind::File
               : S_ISDIR(status.st_mode) ? FileStamp::Kind::Directory
                                         : FileStamp::Kind::Other;
  stamp.device = status.st_dev;
  stamp.inode = status.st_ino;
  stamp.size = static_cast<std::uint64_t>(status.st_size);
  stamp.modified_ns = nanoseconds(status.st_mtim);
  stamp.changed_ns = nanoseconds(status.st_ctim);
  return stamp;
}

class Disk final : public FileSource {
 public:
  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
    if (!open) return system_failure(directory, errno);
    std::vector<std::string> names;
    for (errno = 0;; errno = 0) {
      const dirent* entry = ::readdir(open.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return system_failure(directory, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<FileStamp> stamp(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return system_failure(path, errno);
    return stamp_of(status);
  }

  Result<std::string> read(const std::string& path, std::uint64_t most_bytes) override {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
      return system_failure(path, errno);
    }
    if (!S_ISREG(status.st_mode)) return failure("reload/unreadable", "`" + path + "` is no file");
    const auto too_large = [&] {
      return failure("reload/too-large",
                     fmt::format("`{}` is larger than {} bytes", path, most_bytes));
    };
    if (static_cast<std::uint64_t>(status.st_size) > most_bytes) return too_large();
    // One byte more than there should be, so that the end is seen without growing.
    std::string contents(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t used = 0;
    for (;;) {
      if (used == contents.size()) contents.resize(contents.size() * 2);
      const ssize_t got = ::read(file.number(), contents.data() + used, contents.size() - used);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_failure(path, errno);
      if (got == 0) break;
      used += static_cast<std::size_t>(got);
      if (used > most_bytes) return too_large();
    }
    contents.resize(used);
    return contents;
  }
};

}  // namespace

FileSource& disk() {
  static Disk instance;
  return instance;
}

}  // namespace lineup
