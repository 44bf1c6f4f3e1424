// SPDX-License-Identifier: Apache-2.0
//
// The program's own functions stand before the C library's, for the libraries it is linked with as
// well. Which file a descriptor is of is asked of the kernel, so that nothing has to be remembered.
#include "inject/disk_faults.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>

namespace lineup {

namespace {

struct Armed {
  std::string directory;
  std::uint32_t nth = 0;  // 0: not armed
  int error = 0;
  DiskFault fault = DiskFault::Fails;
  bool reads = false;
};

std::mutex mutex;
Armed armed;
std::string noexec;
std::atomic<std::uint32_t> counted{0};
std::atomic<bool> is_armed{false};

enum class Meets : std::uint8_t { Nothing, Half, Failure };

bool is_below(const char* path) {
  return path != nullptr &&
         std::strncmp(path, armed.directory.c_str(), armed.directory.size()) == 0;
}

Meets meet(const char* path, bool is_read) {
  const std::lock_guard lock(mutex);
  if (armed.nth == 0 || (is_read && !armed.reads) || !is_below(path)) return Meets::Nothing;
  const std::uint32_t number = ++counted;
  if (number < armed.nth) return Meets::Nothing;
  if (armed.fault == DiskFault::Kills) ::kill(::getpid(), SIGKILL);
  if (number == armed.nth && armed.fault == DiskFault::Half) return Meets::Half;
  errno = armed.error;
  return Meets::Failure;
}

Meets meet(int file, bool is_read) {
  if (!is_armed) return Meets::Nothing;
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink(link.data(), path.data(), path.size() - 1);
  return size <= 0 ? Meets::Nothing : meet(path.data(), is_read);
}

bool is_noexec(const char* path) {
  const std::lock_guard lock(mutex);
  return !noexec.empty() && std::strncmp(path, noexec.c_str(), noexec.size()) == 0;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

void arm_disk(const std::string& directory, std::uint32_t nth, int error, DiskFault fault,
              bool reads) {
  const std::lock_guard lock(mutex);
  armed = {directory, nth, error, fault, reads};
  counted = 0;
  is_armed = true;
}

void mount_noexec(const std::string& directory) {
  const std::lock_guard lock(mutex);
  noexec = directory;
}

std::uint32_t disarm_disk() {
  const std::lock_guard lock(mutex);
  armed.nth = 0;
  is_armed = false;
  return counted;
}

}  // namespace lineup

using lineup::meet;
using lineup::Meets;

#define OURS extern "C" __attribute__((visibility("default")))

OURS int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  static const auto real = lineup::next<int (*)(const char*, int, mode_t)>("open");
  const bool is_read = (flags & O_ACCMODE) == O_RDONLY;
  if (lineup::is_armed && meet(path, is_read) == Meets::Failure) return -1;
  return real(path, flags, mode);
}

OURS ssize_t write(int file, const void* bytes, size_t size) {
  static const auto real = lineup::next<ssize_t (*)(int, const void*, size_t)>("write");
  switch (meet(file, false)) {
    case Meets::Failure:
      return -1;
    case Meets::Half:
      return real(file, bytes, size > 1 ? size / 2 : size);
    case Meets::Nothing:
      break;
  }
  return real(file, bytes, size);
}

OURS ssize_t writev(int file, const struct iovec* parts, int count) {
  static const auto real = lineup::next<ssize_t (*)(int, const struct iovec*, int)>("writev");
  if (meet(file, false) == Meets::Failure) return -1;
  return real(file, parts, count);
}

OURS ssize_t read(int file, void* bytes, size_t size) {
  static const auto real = lineup::next<ssize_t (*)(int, void*, size_t)>("read");
  if (meet(file, true) == Meets::Failure) return -1;
  return real(file, bytes, size);
}

// SQLite writes through these.
OURS ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static const auto real = lineup::next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  switch (meet(file, false)) {
    case Meets::Failure:
      return -1;
    case Meets::Half:
      return real(file, bytes, size > 1 ? size / 2 : size, at);
    case Meets::Nothing:
      break;
  }
  return real(file, bytes, size, at);
}

OURS int fdatasync(int file) {
  static const auto real = lineup::next<int (*)(int)>("fdatasync");
  return meet(file, false) == Meets::Failure ? -1 : real(file);
}

OURS int ftruncate64(int file, off64_t size) {
  static const auto real = lineup::next<int (*)(int, off64_t)>("ftruncate64");
  return meet(file, false) == Meets::Failure ? -1 : real(file, size);
}

OURS int fsync(int file) {
  static const auto real = lineup::next<int (*)(int)>("fsync");
  return meet(file, false) == Meets::Failure ? -1 : real(file);
}

OURS int rename(const char* from, const char* to) {
  static const auto real = lineup::next<int (*)(const char*, const char*)>("rename");
  if (lineup::is_armed && meet(to, false) == Meets::Failure) return -1;
  return real(from, to);
}

OURS int mkdir(const char* path, mode_t mode) {
  static const auto real = lineup::next<int (*)(const char*, mode_t)>("mkdir");
  if (lineup::is_armed && meet(path, false) == Meets::Failure) return -1;
  return real(path, mode);
}

OURS int statvfs(const char* path, struct statvfs* out) {
  static const auto real = lineup::next<int (*)(const char*, struct statvfs*)>("statvfs");
  const int done = real(path, out);
  if (done == 0 && lineup::is_noexec(path)) out->f_flag |= ST_NOEXEC;
  return done;
}
