// SPDX-License-Identifier: Apache-2.0
//
// posix_spawn, never fork: children of a process with threads deadlocked, and a fork of a large
// process copies its page tables. The child leads a process group of its own, so that whatever a
// plugin starts ends with it.
#include "native/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "base/clock.hpp"
#include "native/file.hpp"
#include "node/plugin_text.hpp"

extern char** environ;

namespace lineup {

namespace {

// LIMIT: bytes kept of what the child writes; a plugin may write for ever.
constexpr std::size_t kOutputMaxBytes = 64 * 1024;
constexpr std::size_t kComplaintMaxBytes = 300;

// One end of a pipe that the helper writes to, and what came out of it.
struct Stream {
  Descriptor read_end;
  Descriptor write_end;
  std::string text;

  bool open() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
    return true;
  }
  // Takes what is there; closes at the end.
  void take() {
    char bytes[4096];
    const ssize_t got = ::read(read_end.number(), bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) return read_end.reset();
    text.append(bytes, static_cast<std::size_t>(got));
    if (text.size() > kOutputMaxBytes) text.erase(0, text.size() - kOutputMaxBytes);
  }
};

// The actions and attributes of a spawn, destroyed in any case.
class Spawn {
 public:
  Spawn() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  // The error number, or 0 and `child` is set.
  int start(const ChildCommand& command, int output, int complaints, pid_t& child) {
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, complaints, STDERR_FILENO);
    // The host may block or ignore signals; the child must be able to die of them.
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::vector<std::string> words = {command.program.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return ::posix_spawn(&child, command.program.c_str(), &actions_, &attributes_, arguments.data(),
                         environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

int milliseconds_until(std::int64_t deadline_ns) {
  return static_cast<int>(std::max<std::int64_t>(0, (deadline_ns - monotonic_ns()) / 1'000'000));
}

// Reads both streams until they end; false when the deadline came first.
bool read_until_end(Stream& output, Stream& complaints, std::int64_t deadline_ns) {
  while (output.read_end.is_open() || complaints.read_end.is_open()) {
    // A negative descriptor is skipped by poll.
    std::array<pollfd, 2> waits = {pollfd{output.read_end.number(), POLLIN, 0},
                                   pollfd{complaints.read_end.number(), POLLIN, 0}};
    const int left = milliseconds_until(deadline_ns);
    if (left == 0) return false;
    if (::poll(waits.data(), waits.size(), left) < 0 && errno != EINTR) return false;
    if (waits[0].revents != 0) output.take();
    if (waits[1].revents != 0) complaints.take();
  }
  return true;
}

// Waits for the child; false when the deadline came first.
bool wait_until(pid_t child, std::int64_t deadline_ns, ChildEnding& ending) {
  for (;;) {
    const pid_t got = ::waitpid(child, &ending.status, WNOHANG);
    if (got == child) {
      ending.is_known = true;
      return true;
    }
    if (got < 0 && errno != EINTR) return true;
    if (milliseconds_until(deadline_ns) == 0) return false;
    const timespec pause = {0, 500'000};
    ::nanosleep(&pause, nullptr);
  }
}

}  // namespace

Result<ChildEnding> run_child(const ChildCommand& command) {
  Stream output;
  Stream complaints;
  if (!output.open() || !complaints.open()) {
    return failure("native/no-probe",
                   "no pipe for the helper: " + std::string(strerrordesc_np(errno)));
  }
  pid_t child = -1;
  Spawn spawn;
  const int error =
      spawn.start(command, output.write_end.number(), complaints.write_end.number(), child);
  if (error != 0) {
    return failure("native/no-probe",
                   "the helper cannot be started: " + system_message(command.program, error));
  }
  output.write_end.reset();
  complaints.write_end.reset();

  ChildEnding ending;
  const std::int64_t deadline_ns =
      monotonic_ns() + static_cast<std::int64_t>(command.timeout_ms) * 1'000'000;
  if (!read_until_end(output, complaints, deadline_ns) || !wait_until(child, deadline_ns, ending)) {
    ending.is_timeout = true;
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &ending.status, 0) < 0 && errno == EINTR) {
    }
  }
  ending.answer = std::move(output.text);
  ending.complaints = std::move(complaints.text);
  return ending;
}

std::string signal_of(const ChildEnding& ending) {
  if (!ending.is_known || !WIFSIGNALED(ending.status)) return {};
  const char* name = sigabbrev_np(WTERMSIG(ending.status));
  return "SIG" + std::string(name == nullptr ? "?" : name);
}

std::string last_step(const std::string& answer) {
  const std::string mark = "at ";
  std::string step = "start";
  for (std::size_t begin = 0; begin < answer.size();) {
    const std::size_t end = std::min(answer.find('\n', begin), answer.size());
    if (answer.compare(begin, mark.size(), mark) == 0) {
      step = answer.substr(begin + mark.size(), end - begin - mark.size());
    }
    begin = end + 1;
  }
  return step;
}

std::string_view last_line(const std::string& answer) {
  std::string_view text = answer;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  text.remove_prefix(text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
  return text;
}

std::string complaint_of(const ChildEnding& ending) {
  const std::string& complaints = ending.complaints;
  std::string line(kComplaintMaxBytes, '\0');
  const std::size_t begin =
      complaints.size() > kComplaintMaxBytes ? complaints.size() - kComplaintMaxBytes : 0;
  line.resize(
      copy_clean({complaints.data() + begin, complaints.size() - begin}, line.data(), line.size()));
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line.empty() ? "" : "; it said: `" + line + "`";
}

}  // namespace lineup
