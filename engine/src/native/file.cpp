// SPDX-License-Identifier: Apache-2.0
//
// read() until the end, not as many bytes as stat() promised: a file that grows meanwhile shows up
// as other contents, which is what stage() looks for.
#include "native/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cctype>
#include <cerrno>
#include <system_error>

namespace lineup {

std::string system_message(const std::filesystem::path& path, int error_number) {
  std::string reason = std::generic_category().message(error_number);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
  return "`" + path.string() + "`: " + reason;
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  // Not blocking: a FIFO in a bundle must not hold the reload.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (!file.is_open() || ::fstat(file.number(), &facts) != 0) {
    return failure("native/unreadable", system_message(path, errno));
  }
  if (!S_ISREG(facts.st_mode)) {
    return failure("native/unreadable", "`" + path.string() + "`: not a regular file");
  }
  const auto too_large = [&] {
    return failure("native/size", "`" + path.string() + "`: larger than " +
                                      std::to_string(max_bytes >> 20) + " MiB");
  };
  if (static_cast<std::uint64_t>(facts.st_size) > max_bytes) return too_large();

  constexpr std::size_t kStepBytes = 1 << 20;
  std::string bytes(static_cast<std::size_t>(facts.st_size) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("native/unreadable", system_message(path, errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > max_bytes) return too_large();
    if (size == bytes.size()) bytes.resize(size + kStepBytes);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace lineup
