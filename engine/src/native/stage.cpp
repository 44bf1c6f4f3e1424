// SPDX-License-Identifier: Apache-2.0
//
// A staged file appears under its final name by rename, so whoever sees the name sees the whole
// content. Nothing is flushed to disk: after a crash of the machine files are staged again, and one
// that lost its content no longer matches its name.
#include "native/stage.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "base/hash.hpp"
#include "native/file.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;

// A name in the directory that nobody else uses.
fs::path temporary_name(const fs::path& directory) {
  static std::atomic<std::uint64_t> count{0};
  return directory / (".new." + std::to_string(::getpid()) + "." + std::to_string(count++));
}

Result<void> write_all(const Descriptor& file, const fs::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure("native/staging", system_message(path, errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Writes a new file of mode 0500: read and run by us, written by nobody.
Result<void> write_new(const fs::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0500));
  if (!file.is_open()) return failure("native/staging", system_message(path, errno));
  return write_all(file, path, bytes);
}

// Whether code can be mapped from the directory: the mount's flag, and for mounts that lie, a try.
Result<void> check_executable(const fs::path& directory) {
  const auto refused = [&] {
    return failure("native/noexec", "`" + directory.string() +
                                        "` is mounted noexec: no plugin can be loaded from it; "
                                        "choose another staging directory");
  };
  struct statvfs mount {};
  if (::statvfs(directory.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) {
    return refused();
  }
  const fs::path path = temporary_name(directory);
  if (auto written = write_new(path, "probe"); !written) return written;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ::unlink(path.c_str());
  if (!file.is_open()) return failure("native/staging", system_message(directory, errno));
  void* mapped = ::mmap(nullptr, 5, PROT_READ | PROT_EXEC, MAP_PRIVATE, file.number(), 0);
  if (mapped == MAP_FAILED) return refused();
  ::munmap(mapped, 5);
  return {};
}

}  // namespace

Result<StagingDirectory> StagingDirectory::open(const fs::path& directory) {
  std::error_code error;
  const fs::path path = fs::absolute(directory, error);
  if (!error && path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) return failure("native/staging", system_message(directory, error.value()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure("native/staging", system_message(path, errno));
  }
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) {
    return failure("native/staging", system_message(path, errno));
  }
  // What others may write must not be loaded; a link could lead anywhere later.
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid() || (facts.st_mode & 077) != 0) {
    return failure("native/staging",
                   "`" + path.string() + "` must be a directory of our own with mode 0700");
  }
  if (auto checked = check_executable(path); !checked) return tl::unexpected(checked.error());
  return StagingDirectory(path);
}

Result<StagedFile> StagingDirectory::stage(const fs::path& source) const {
  auto bytes = read_file(source, kLibraryMaxBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  auto again = read_file(source, kLibraryMaxBytes);
  if (!again) return tl::unexpected(again.error());
  if (*bytes != *again) {
    return failure("native/changing",
                   "`" + source.string() + "` changed while it was read: somebody is writing it");
  }
  *again = std::string();

  StagedFile staged;
  staged.source = source;
  staged.content_hash = content_hash(*bytes);
  staged.size = bytes->size();
  staged.path = path_ / (staged.content_hash + ".so");
  // What is there may be left from a crash: it counts only if its content is its name.
  if (auto known = read_file(staged.path, kLibraryMaxBytes); known && *known == *bytes) {
    return staged;
  }
  const fs::path temporary = temporary_name(path_);
  if (auto written = write_new(temporary, *bytes); !written) {
    ::unlink(temporary.c_str());
    return tl::unexpected(written.error());
  }
  if (::rename(temporary.c_str(), staged.path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    return failure("native/staging", system_message(staged.path, reason));
  }
  return staged;
}

}  // namespace lineup
