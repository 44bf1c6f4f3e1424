// SPDX-License-Identifier: Apache-2.0
//
// What a name stands for is on the disk before the name is: contents are flushed when they are
// written, the entries of a directory before it is renamed, and the rename itself afterwards.
#include "facade/state/state_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace lineup {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> broken(const std::string& path, int error) {
  const char* code = error == ENOENT ? "rollout/not-found" : "rollout/disk";
  return failure(code, "`" + path + "`: " + strerrordesc_np(error));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

Result<void> flush_directory(const std::string& path) {
  const Descriptor directory(path, O_RDONLY | O_DIRECTORY);
  if (directory.number() < 0 || ::fsync(directory.number()) != 0) return broken(path, errno);
  return {};
}

}  // namespace

Result<void> DiskStoreFiles::make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return broken(path, error.value());
  return {};
}

Result<void> DiskStoreFiles::write(const std::string& path, std::string_view bytes) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.number() < 0) return broken(path, errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return broken(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.number()) != 0) return broken(path, errno);
  return {};
}

Result<void> DiskStoreFiles::link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  // Not every file system has second names.
  const auto contents = read(from);
  if (!contents) return tl::unexpected(contents.error());
  return write(to, *contents);
}

Result<void> DiskStoreFiles::rename(const std::string& from, const std::string& to) {
  std::error_code error;
  if (fs::is_directory(from, error)) {
    for (const auto& entry : fs::recursive_directory_iterator(from, error)) {
      std::error_code ignored;
      if (!entry.is_directory(ignored)) continue;
      if (auto flushed = flush_directory(entry.path().string()); !flushed) return flushed;
    }
    if (auto flushed = flush_directory(from); !flushed) return flushed;
  }
  if (::rename(from.c_str(), to.c_str()) != 0) return broken(to, errno);
  return flush_directory(fs::path(to).parent_path().string());
}

Result<std::string> DiskStoreFiles::read(const std::string& path) {
  const Descriptor file(path, O_RDONLY);
  struct stat facts {};
  if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) return broken(path, errno);
  if (!S_ISREG(facts.st_mode)) return broken(path, EISDIR);
  std::string out(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::read(file.number(), out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return broken(path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

std::vector<std::string> DiskStoreFiles::list(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> DiskStoreFiles::remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return broken(path, error.value());
  return {};
}

bool DiskStoreFiles::is_linked(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && facts.st_nlink > 1;
}

Result<StateLock> StateLock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return broken(path, errno);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return StateLock(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (error != EWOULDBLOCK) return broken(path, error);
  return failure("rollout/locked", "`" + path + "` is held by another engine");
}

StateLock::StateLock(StateLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

StateLock::~StateLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace lineup
