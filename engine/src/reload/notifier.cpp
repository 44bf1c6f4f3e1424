// SPDX-License-Identifier: Apache-2.0
//
// inotify on directories, never on files: a file that is replaced by a rename takes its watch with
// it. IN_MODIFY is not asked for, it comes with every write and says nothing that IN_CLOSE_WRITE
// does not say better.
#include "reload/notifier.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace lineup {

namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

class Inotify final : public Notifier {
 public:
  explicit Inotify(int descriptor) : descriptor_(descriptor) {}
  ~Inotify() override { ::close(descriptor_); }

  int descriptor() const override { return descriptor_; }

  Result<int> add(const std::string& directory) override {
    const int watch = ::inotify_add_watch(descriptor_, directory.c_str(), kEvents);
    if (watch >= 0) return watch;
    return failure("reload/no-watch", fmt::format("`{}` cannot be watched: {}", directory,
                                                  std::generic_category().message(errno)));
  }

  void remove(int watch) override { ::inotify_rm_watch(descriptor_, watch); }

  std::vector<DirectoryEvent> read() override {
    std::vector<DirectoryEvent> events;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    for (;;) {
      const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return events;
      for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
        inotify_event raw{};
        std::memcpy(&raw, buffer.data() + at, sizeof raw);
        const char* name = raw.len > 0 ? buffer.data() + at + sizeof raw : "";
        at += sizeof raw + raw.len;
        if ((raw.mask & IN_IGNORED) == 0) events.push_back(translate(raw, name));
      }
    }
  }

 private:
  static DirectoryEvent translate(const inotify_event& raw, const char* name) {
    DirectoryEvent event;
    event.watch = raw.wd;
    event.name = name;
    event.directory = (raw.mask & IN_ISDIR) != 0;
    event.created = (raw.mask & IN_CREATE) != 0;
    event.gone = (raw.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0;
    event.overflow = (raw.mask & IN_Q_OVERFLOW) != 0;
    return event;
  }

  int descriptor_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> open_inotify() {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) {
    return failure("reload/no-inotify", fmt::format("inotify is not to be had: {}",
                                                    std::generic_category().message(errno)));
  }
  return std::make_unique<Inotify>(descriptor);
}

}  // namespace lineup
