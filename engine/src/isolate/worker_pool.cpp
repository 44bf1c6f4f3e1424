// SPDX-License-Identifier: Apache-2.0
//
// One thread per pool does everything that may take long: it spawns, waits for ends through process
// handles, and starts again after a pause that doubles. Requests only exchange states and wait on
// words; they never spawn and never reap.
#include "isolate/worker_pool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/clock.hpp"

extern char** environ;

namespace lineup {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
// LIMIT: how long a worker that was given up may take to end by itself, as one that retires does.
constexpr std::int64_t kLingerNs = 1000 * kMillisecond;
// A worker that served this long is not in a circle of crashes.
constexpr std::int64_t kSteadyNs = 10'000 * kMillisecond;

std::atomic<std::uint64_t> restarts{0};

int open_process(pid_t child) { return static_cast<int>(::syscall(SYS_pidfd_open, child, 0)); }

}  // namespace

std::uint64_t worker_restarts() { return restarts.load(std::memory_order_relaxed); }

WorkerPool::WorkerPool(std::string setup, const std::filesystem::path& library,
                       IsolationOptions options)
    : setup_(std::move(setup)),
      options_(std::move(options)),
      library_(out_of_the_way(::open(library.c_str(), O_RDONLY | O_CLOEXEC))) {}

WorkerPool::~WorkerPool() {
  is_ending_ = true;
  if (!thread_.joinable()) return;
  poke();
  thread_.join();
}

Result<SetupAnswer> WorkerPool::start(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    auto region = Region::make();
    if (!region) return tl::unexpected(region.error());
    slots_.emplace_back(*std::move(region));
    slots_.back().backoff_ms = options_.backoff_ms;
  }
  bell_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!library_.is_open()) {
    return failure("isolate/worker", "the copy of the plugin cannot be opened");
  }
  if (!bell_.is_open()) return failure("isolate/worker", "no descriptor is left for a worker");
  thread_ = std::thread([this] { run(); });
  std::unique_lock lock(mutex_);
  begun_.wait(lock, [this] { return first_.has_value(); });
  return *first_;
}

WorkerSlot* WorkerPool::take(std::int64_t deadline_ns) {
  for (;;) {
    const std::uint32_t seen = released_.load(std::memory_order_acquire);
    bool is_coming = false;
    const std::int64_t now = monotonic_ns();
    for (WorkerSlot& slot : slots_) {
      WorkerState expected = WorkerState::Idle;
      if (slot.state.compare_exchange_strong(expected, WorkerState::Busy)) return &slot;
      is_coming = is_coming || expected == WorkerState::Busy || slot.starts_at_ns <= now;
    }
    if (!is_coming || now >= deadline_ns) return nullptr;
    wait_while(released_, seen, deadline_ns);
  }
}

void WorkerPool::give_back(WorkerSlot& slot, WorkerState state) {
  slot.state.store(state);
  released_.fetch_add(1, std::memory_order_release);
  wake(released_);
  if (state == WorkerState::Dead) poke();
}

void WorkerPool::kill(WorkerSlot& slot) {
  const int handle = slot.process_handle.load();
  // To its keeper, which ends the plugin and whatever that has started.
  if (handle >= 0) ::syscall(SYS_pidfd_send_signal, handle, SIGTERM, nullptr, 0);
}

void WorkerPool::poke() const {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(bell_.number(), &one, sizeof one));
}

void WorkerPool::run() {
  auto first = start_all();
  const bool is_good = first.has_value();
  {
    const std::lock_guard lock(mutex_);
    first_ = std::move(first);
  }
  begun_.notify_all();
  while (is_good && !is_ending_) {
    std::vector<pollfd> waits = {{bell_.number(), POLLIN, 0}};
    for (const WorkerSlot& slot : slots_) {
      // The handle of a process that was waited for would be ready for ever.
      waits.push_back({slot.child < 0 ? -1 : slot.process_handle.load(), POLLIN, 0});
    }
    static_cast<void>(::poll(waits.data(), waits.size(), wait_ms()));
    std::uint64_t rung = 0;
    static_cast<void>(!::read(bell_.number(), &rung, sizeof rung));
    follow_starts();
    notice_ends();
    end_lingering();
    if (!is_ending_) restart_due();
  }
  for (WorkerSlot& slot : slots_) end(slot);
}

// Until the next restart is due; -1 when none is. A worker says that it is ready on a word that
// poll() does not know: it is looked at every millisecond, as long as one is being set up.
int WorkerPool::wait_ms() const {
  std::int64_t left = -1;
  for (const WorkerSlot& slot : slots_) {
    if (slot.is_starting() || (slot.state == WorkerState::Busy && slot.child < 0)) return 1;
    if (slot.state == WorkerState::Dead && slot.child >= 0) {
      left = left < 0 ? kLingerNs : std::min(left, kLingerNs);
    }
    if (slot.state != WorkerState::Dead || slot.child >= 0) continue;
    const std::int64_t until = std::max<std::int64_t>(0, slot.starts_at_ns - monotonic_ns());
    left = left < 0 ? until : std::min(left, until);
  }
  return left < 0 ? -1 : static_cast<int>(left / kMillisecond + 1);
}

// Workers that ended by themselves, or were killed by a request.
void WorkerPool::notice_ends() {
  for (WorkerSlot& slot : slots_) {
    int status = 0;
    // A request may have passed the turn to a worker that was gone already.
    if (slot.child < 0 && slot.state == WorkerState::Busy) {
      pass_turn(slot.region.mailbox(), Turn::Gone);
    }
    siginfo_t ended = {};
    if (slot.child < 0 || slot.is_starting() ||
        ::waitid(P_PID, static_cast<id_t>(slot.child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        ended.si_pid != slot.child) {
      continue;
    }
    // Its keeper has ended what it started, unless somebody killed the keeper.
    ::kill(-slot.child, SIGKILL);
    if (::waitpid(slot.child, &status, 0) != slot.child) continue;
    slot.end_status = status;
    slot.child = -1;
    WorkerState expected = WorkerState::Idle;
    slot.state.compare_exchange_strong(expected, WorkerState::Dead);
    // A request that waits for it goes on; it gives the slot back as dead.
    pass_turn(slot.region.mailbox(), Turn::Gone);
    released_.fetch_add(1, std::memory_order_release);
    wake(released_);
    const std::int64_t now = monotonic_ns();
    const bool retired = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (retired || now - slot.started_ns > kSteadyNs) slot.backoff_ms = options_.backoff_ms;
    slot.starts_at_ns = retired ? now : now + slot.backoff_ms * kMillisecond;
    slot.backoff_ms = std::min(slot.backoff_ms * 2, options_.backoff_max_ms);
  }
}

// One that said that it retires, and stays, would keep its place for ever. Its keeper ends it; a
// keeper that does not is ended with its group.
void WorkerPool::end_lingering() {
  for (WorkerSlot& slot : slots_) {
    if (slot.state != WorkerState::Dead || slot.child < 0 || slot.is_starting()) {
      slot.lingers_since_ns = 0;
    } else if (slot.lingers_since_ns == 0) {
      slot.lingers_since_ns = monotonic_ns();
    } else if (const std::int64_t lingers = monotonic_ns() - slot.lingers_since_ns;
               lingers >= 2 * kLingerNs) {
      ::kill(-slot.child, SIGKILL);
    } else if (lingers >= kLingerNs) {
      ::kill(slot.child, SIGTERM);
    }
  }
}

void WorkerPool::restart_due() {
  for (WorkerSlot& slot : slots_) {
    if (slot.state != WorkerState::Dead || slot.child >= 0 || monotonic_ns() < slot.starts_at_ns) {
      continue;
    }
    restarts.fetch_add(1, std::memory_order_relaxed);
    if (!begin_start(slot)) put_off(slot);
  }
}

// Spawns a worker that sets itself up; follow_start() sees what comes of it.
Result<void> WorkerPool::begin_start(WorkerSlot& slot) {
  Mailbox& mailbox = slot.region.mailbox();
  mailbox.command = Command::SetUp;
  mailbox.text = slot.region.begin();
  mailbox.text_size = setup_.size();
  std::memcpy(mailbox.text, setup_.data(), setup_.size());
  mailbox.turn.store(static_cast<std::uint32_t>(Turn::Worker), std::memory_order_release);
  if (!spawn(slot)) {
    return failure("isolate/worker",
                   fmt::format("the worker `{}` cannot be started", options_.program.string()));
  }
  slot.ready_until_ns = monotonic_ns() + options_.start_timeout_ms * kMillisecond;
  return {};
}

// What came of a start: nothing yet, or the answer, with the worker idle when it is a good one.
std::optional<Result<SetupAnswer>> WorkerPool::follow_start(WorkerSlot& slot) {
  const Mailbox& mailbox = slot.region.mailbox();
  int status = 0;
  if (::waitpid(slot.child, &status, WNOHANG) == slot.child) {
    slot.child = -1;
    slot.ready_until_ns = 0;
    const char* name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : nullptr;
    return failure("isolate/worker",
                   name != nullptr
                       ? fmt::format("its process ended with SIG{} while it was set up", name)
                       : std::string("its process ended while it was set up"));
  }
  if (mailbox.turn.load(std::memory_order_acquire) == static_cast<std::uint32_t>(Turn::Worker)) {
    if (monotonic_ns() < slot.ready_until_ns && !is_ending_) return std::nullopt;
    return failure("isolate/worker", fmt::format("its process was not ready within {} ms",
                                                 options_.start_timeout_ms));
  }
  slot.ready_until_ns = 0;
  // A private copy: the worker may go on writing.
  const std::size_t size = std::min<std::size_t>(read_once(mailbox.text_size), 1U << 20);
  auto answer = read_answer(std::string(reinterpret_cast<const char*>(slot.region.begin()), size));
  if (!answer) return answer;
  slot.started_ns = monotonic_ns();
  give_back(slot, WorkerState::Idle);
  return answer;
}

// Workers that are being set up, all at once: one that takes long holds up none of the others.
void WorkerPool::follow_starts() {
  for (WorkerSlot& slot : slots_) {
    if (!slot.is_starting()) continue;
    const auto answer = follow_start(slot);
    if (answer && !*answer) put_off(slot);
  }
}

// The next try comes after a pause that doubles.
void WorkerPool::put_off(WorkerSlot& slot) {
  end(slot);
  slot.starts_at_ns = monotonic_ns() + slot.backoff_ms * kMillisecond;
  slot.backoff_ms = std::min(slot.backoff_ms * 2, options_.backoff_max_ms);
  released_.fetch_add(1, std::memory_order_release);
  wake(released_);
}

// The first one is awaited, then all others together.
Result<SetupAnswer> WorkerPool::start_all() {
  WorkerSlot& first = slots_.front();
  if (auto begun = begin_start(first); !begun) return tl::unexpected(begun.error());
  std::optional<Result<SetupAnswer>> answer;
  while (!(answer = follow_start(first))) await_turn(first);
  if (!*answer) return *answer;
  for (std::size_t i = 1; i < slots_.size(); ++i) {
    if (!begin_start(slots_[i])) put_off(slots_[i]);
  }
  for (WorkerSlot& slot : slots_) {
    while (slot.is_starting()) {
      follow_starts();
      if (slot.is_starting()) await_turn(slot);
    }
  }
  return *answer;
}

void WorkerPool::await_turn(WorkerSlot& slot) {
  wait_while(slot.region.mailbox().turn, static_cast<std::uint32_t>(Turn::Worker),
             monotonic_ns() + 20 * kMillisecond);
}

bool WorkerPool::spawn(WorkerSlot& slot) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // What a plugin prints is no output of the service.
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, slot.region.descriptor(), kRegionDescriptor);
  ::posix_spawn_file_actions_adddup2(&actions, library_.number(), kLibraryDescriptor);
  // The service's sockets and files are none of the plugin's.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kLibraryDescriptor + 1);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string words[] = {options_.program.string(), std::to_string(slot.region.address()),
                         std::to_string(options_.memory_max_bytes), std::to_string(::getpid())};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t child = -1;
  const int error =
      ::posix_spawn(&child, words[0].c_str(), &actions, &attributes, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return false;
  slot.child = child;
  const int old = slot.process_handle.exchange(open_process(child));
  if (old >= 0) ::close(old);
  return true;
}

// REQUIRES: no request has the slot, or the pool ends.
void WorkerPool::end(WorkerSlot& slot) {
  slot.ready_until_ns = 0;
  if (slot.child >= 0) {
    ::kill(slot.child, SIGTERM);
    pollfd ends = {slot.process_handle.load(), POLLIN, 0};
    if (::poll(&ends, 1, static_cast<int>(kLingerNs / kMillisecond)) <= 0) {
      ::kill(slot.child, SIGKILL);
    }
    // Nothing is left of the group but what a killed keeper has left behind.
    ::kill(-slot.child, SIGKILL);
    int status = 0;
    while (::waitpid(slot.child, &status, 0) < 0 && errno == EINTR) {
    }
    slot.child = -1;
  }
  const int handle = slot.process_handle.exchange(-1);
  if (handle >= 0) ::close(handle);
}

}  // namespace lineup
