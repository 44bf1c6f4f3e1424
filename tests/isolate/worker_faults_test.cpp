// SPDX-License-Identifier: Apache-2.0
//
// What a worker can do to the service besides answering: write anything into the memory that both
// share, end at any time, be left behind. Each costs at most that call, and another process answers
// soon after.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "conformance/feed.hpp"
#include "isolate/isolated_node.hpp"
#include "native/library.hpp"

namespace lineup {
namespace {

// What scribble.h does for so many slots.
constexpr std::uint32_t kFill = 4;
constexpr std::uint32_t kCut = 5;
constexpr std::uint32_t kUnknownTurn = 6;
constexpr std::uint32_t kBeforeItIsDone = 7;
constexpr std::int64_t kMillisecond = 1'000'000;
// So long that only a fault lasts it out, however busy the machine is.
constexpr std::int64_t kPatienceNs = 30'000 * kMillisecond;

std::string hostile(const std::string& name) {
  return std::string(LINEUP_HOSTILE_DIR) + "/" + name + ".so";
}

// The processes of this one's children that have not been waited for: pid and state letter.
struct Child {
  pid_t pid;
  char state;
};
std::vector<Child> children() {
  std::vector<Child> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    pid_t pid = 0;
    pid_t parent = 0;
    std::string name;
    char state = 0;
    if (!(stat >> pid >> name >> state >> parent) || parent != ::getpid()) continue;
    if (name.find("lineup-worker") != std::string::npos) found.push_back({pid, state});
  }
  return found;
}

// How many processes run that `leaves_process` started in the worker of that number.
int left_behind(pid_t worker) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string name;
    if (std::ifstream(entry.path() / "comm") >> name && name == "left" + std::to_string(worker)) {
      ++found;
    }
  }
  return found;
}

template <typename Claim>
bool soon(Claim claim) {
  const std::int64_t end = monotonic_ns() + kPatienceNs;
  while (!claim() && monotonic_ns() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return claim();
}

// A node whose plugin runs in one worker, or in as many as are asked for.
struct Apart {
  explicit Apart(const std::string& path, std::uint32_t backoff_ms = 10, std::uint32_t workers = 1)
      : library(load(path)) {
    const auto& type = library->types()[0];
    const auto wishes = ask_wishes(*type, "{}");
    stage = std::make_unique<MadePolicy>(wishes.value());
    IsolationOptions options;
    options.program = LINEUP_WORKER;
    options.workers = workers;
    options.start_timeout_ms = 10 * 60'000;
    stage->layout.threads_max = workers;
    options.backoff_ms = backoff_ms;
    node = make_isolated(type, "{}", stage->layout, options).value();
  }
  static std::shared_ptr<const Library> load(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    return Library::load({path, path, content_hash(bytes), bytes.size()},
                         {.unloads = true, .types = {}})
        .value();
  }
  // `slots` tells the scribbling plugins what to do.
  RunReport call(std::uint32_t slots, std::int64_t patience_ns = kPatienceNs) {
    Shape shape;
    shape.rows = 40;
    shape.slots = slots;
    const MadeRequest feed(*stage, shape);
    arena.reset();
    NodeRequest request = feed.request(arena);
    request.deadline_ns = monotonic_ns() + patience_ns;
    const Problem problem = feed.problem();
    if (node->type().kind == LINEUP_KIND_SCORER) {
      auto outputs = arena.allocate<std::span<double>>(node->outputs().size());
      for (auto& output : outputs) output = arena.allocate<double>(problem.row_count);
      return run_scorer(*node, request, outputs);
    }
    SlateSet set = SlateSet::make(16, problem.slot_count, problem.use_count, arena);
    const RunReport report = run_generator(*node, request, problem, set);
    slates = set.count;
    return report;
  }
  // Calls until one is answered.
  bool recovers() {
    const std::int64_t end = monotonic_ns() + kPatienceNs;
    while (monotonic_ns() < end) {
      if (call(kOrdinary).status == LINEUP_OK) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  static constexpr std::uint32_t kOrdinary = 3;

  std::shared_ptr<const Library> library;
  std::unique_ptr<MadePolicy> stage;
  std::shared_ptr<NodeInstance> node;
  Arena arena;
  std::uint32_t slates = 0;
};

TEST_CASE("what a worker writes over the shared memory is not believed", "[isolate]") {
  const std::string name = GENERATE("scribbles_scores", "scribbles_slates");
  const std::uint32_t way = GENERATE(kFill, kCut);
  CAPTURE(name, way);
  Apart apart(hostile(name));
  REQUIRE(apart.call(Apart::kOrdinary).status == LINEUP_OK);
  const RunReport report = apart.call(way);
  // A cut is refused by the seal; rubbish is no slate, and no score either.
  if (way == kFill && name == "scribbles_slates") {
    CHECK(report.status != LINEUP_OK);
    CHECK(apart.slates == 0);
  }
  if (way == kCut) CHECK(report.status == LINEUP_OK);
  CHECK(apart.recovers());
}

TEST_CASE("a worker that gives the turn away and stays is ended and replaced", "[isolate]") {
  const std::uint32_t way = GENERATE(kUnknownTurn, kBeforeItIsDone);
  CAPTURE(way);
  Apart apart(hostile("scribbles_slates"));
  const auto first = children();
  REQUIRE(first.size() == 1);
  static_cast<void>(apart.call(way));
  // One that answered early is still busy when it is asked again: that call costs its deadline.
  if (way == kBeforeItIsDone) {
    CHECK(apart.call(Apart::kOrdinary, 50 * kMillisecond).status == LINEUP_E_INTERNAL);
  }
  CHECK(apart.recovers());
  const auto second = children();
  REQUIRE(second.size() == 1);
  CHECK(second[0].pid != first[0].pid);
}

TEST_CASE("a worker that is killed in a call costs that call, and no zombie is left", "[isolate]") {
  // None is started in its place meanwhile: that one would loop until the deadline.
  Apart apart(hostile("loops"), 10 * 60'000);
  const auto before = children();
  REQUIRE(before.size() == 1);
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ::kill(before[0].pid, SIGKILL);
  });
  const RunReport report = apart.call(Apart::kOrdinary);
  killer.join();
  // The signal may come before the call: then there is no worker for it.
  CHECK(report.status == LINEUP_E_INTERNAL);
  CHECK_THAT(std::string(report.message), Catch::Contains("its process ended"));
  apart.node.reset();
  CHECK(children().empty());
}

TEST_CASE("a node that is closed ends a worker that hangs in a call", "[isolate]") {
  Apart apart(hostile("scribbles_slates"));
  static_cast<void>(apart.call(kBeforeItIsDone));  // it loops; the slot is idle
  REQUIRE(children().size() == 1);
  const std::int64_t began = monotonic_ns();
  apart.node.reset();
  CHECK(monotonic_ns() - began < kPatienceNs);
  CHECK(children().empty());
}

TEST_CASE("a worker that takes long to start holds up no other", "[isolate]") {
  char marker[] = "/tmp/lineup-slow-start-XXXXXX";
  const int file = ::mkstemp(marker);
  REQUIRE(file >= 0);
  ::close(file);
  ::unlink(marker);
  ::setenv("LINEUP_TEST_SLOW_START", marker, 1);
  {
    constexpr std::uint32_t kAbort = 4;
    Apart apart(hostile("starts_slowly_once"), 10, 2);
    REQUIRE(children().size() == 2);
    REQUIRE(apart.call(Apart::kOrdinary).status == LINEUP_OK);
    std::ofstream{marker}.flush();
    CHECK(apart.call(kAbort).status == LINEUP_E_INTERNAL);
    // The one that is started in its place never gets ready.
    CHECK(soon([&] { return !std::filesystem::exists(marker); }));
    // The other one ends as well: it is back long before that start is given up.
    CHECK(soon([&] { return apart.call(kAbort).status == LINEUP_E_INTERNAL; }));
    CHECK(apart.recovers());
    const std::int64_t began = monotonic_ns();
    apart.node.reset();
    CHECK(monotonic_ns() - began < kPatienceNs);
  }
  ::unsetenv("LINEUP_TEST_SLOW_START");
  CHECK(children().empty());
}

TEST_CASE("what a plugin started in its process ends with it", "[isolate]") {
  Apart apart(hostile("leaves_process"), 10 * 60'000);
  const auto workers = children();
  REQUIRE(workers.size() == 1);
  const pid_t worker = workers[0].pid;
  REQUIRE(soon([&] { return left_behind(worker) == 1; }));
  SECTION("when its node is closed") { apart.node.reset(); }
  SECTION("when it is told to end") { ::kill(worker, SIGTERM); }
  CHECK(soon([&] { return left_behind(worker) == 0; }));
  apart.node.reset();
  CHECK(children().empty());
}

TEST_CASE("a worker ends with its service, however that ends, and all that it started",
          "[isolate]") {
  const std::string name = GENERATE("well_behaved", "leaves_process");
  CAPTURE(name);
  const int leaves = name == "leaves_process" ? 1 : 0;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t service = ::fork();
  REQUIRE(service >= 0);
  if (service == 0) {
    // The worker inherits nothing of this pipe: it is closed when this process is gone.
    const Apart apart(hostile(name));
    const auto workers = children();
    pid_t worker = workers.size() == 1 ? workers[0].pid : -1;
    if (!soon([&] { return left_behind(worker) == leaves; })) worker = -1;
    static_cast<void>(!::write(ends[1], &worker, sizeof worker));
    ::kill(::getpid(), SIGKILL);
  }
  ::close(ends[1]);
  pid_t worker = -1;
  CHECK(::read(ends[0], &worker, sizeof worker) == sizeof worker);
  char more = 0;
  // The end of the pipe: nobody holds it, the worker no more than the service.
  CHECK(::read(ends[0], &more, 1) == 0);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(service, &status, 0);
  CHECK(WIFSIGNALED(status));
  REQUIRE(worker > 0);
  const auto is_alive = [worker] {
    std::ifstream stat("/proc/" + std::to_string(worker) + "/stat");
    std::string pid;
    std::string comm;
    std::string state;
    return stat >> pid >> comm >> state && comm == "(lineup-worker)" && state != "Z";
  };
  CHECK(soon([&] { return !is_alive(); }));
  CHECK(left_behind(worker) == 0);
}

}  // namespace
}  // namespace lineup
