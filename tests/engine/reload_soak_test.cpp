// SPDX-License-Identifier: Apache-2.0
//
// A thousand reloads, rules and plugins in turn, while two threads ask for pages. Every page tells
// which rule file and which plugin made it: the rule pins an item of its own to slot 1, the plugin
// puts an item of its own on slot 2. So a page that was made by two revisions shows itself.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

constexpr int kReloads = LINEUP_RELOADS;
constexpr std::uint32_t kVariants = 8;
constexpr std::uint32_t kRows = 60;

// The rows on the first two slots.
struct Front {
  std::uint32_t pinned;
  std::uint32_t proposed;
  bool operator==(const Front& other) const = default;
};

// What one thread saw, written down whenever it changed.
struct Observed {
  struct Sight {
    std::string revision;
    Front front;
  };
  std::vector<Sight> sights;
  std::uint64_t requests = 0;
  std::string fault;
};

Front front_at(int step) {
  return {kVariants + static_cast<std::uint32_t>(step / 2) % (kRows - kVariants),
          static_cast<std::uint32_t>((step + 1) / 2) % kVariants};
}

// Rules in even steps, plugins in odd ones; the step is part of the contents.
void write_step(const TestBundle& bundle, int step) {
  const Front front = front_at(step);
  if (step % 2 == 0) {
    bundle.write("rules/opener.lua",
                 "-- step " + std::to_string(step) +
                     "\nreturn rule {\n  name = \"opener\", about = \"Opens "
                     "the page.\",\n  parameters = { item = id { default = \"v" +
                     std::to_string(front.pinned) +
                     "\", about = \"The first item.\" } },\n  constraints = "
                     "function(p) return place { id = p.item, slots = 1 } "
                     "end,\n}\n");
  } else {
    bundle.add_plugin(
        kBinaryDir + "/tests/engine_plugins/front_" + std::to_string(front.proposed) + ".so",
        "front", "step " + std::to_string(step));
  }
}

void ask(host::Engine& engine, const std::atomic<bool>& stop, Observed& observed) {
  const Feed feed(kRows);
  Caller caller(engine);
  while (!stop.load(std::memory_order_relaxed)) {
    const host::Result result = caller.rerank(feed);
    ++observed.requests;
    if (result.answer() != host::Answer::Ok || result.slate().size() != 10) {
      observed.fault = std::string(result.revision()) + ": " + std::string(result.error());
      return;
    }
    const Front front{result.slate()[0], result.slate()[1]};
    if (observed.sights.empty() || observed.sights.back().revision != result.revision() ||
        !(observed.sights.back().front == front)) {
      observed.sights.push_back({std::string(result.revision()), front});
    }
  }
}

// Engines that are opened while this lives make their private staging directories in `directory`.
class TemporaryFilesIn {
 public:
  explicit TemporaryFilesIn(const std::string& directory) {
    if (const char* before = ::getenv("TMPDIR"); before != nullptr) before_ = before;
    ::setenv("TMPDIR", directory.c_str(), 1);
  }
  ~TemporaryFilesIn() {
    if (before_.empty()) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", before_.c_str(), 1);
    }
  }
  TemporaryFilesIn(const TemporaryFilesIn&) = delete;
  TemporaryFilesIn& operator=(const TemporaryFilesIn&) = delete;

 private:
  std::string before_;
};

std::uint64_t resident_kib() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::size_t mapped_plugins(const std::string& staging) {
  std::ifstream maps("/proc/self/maps");
  std::map<std::string, int> files;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t at = line.find(staging);
    if (at != std::string::npos) ++files[line.substr(at)];
  }
  return files.size();
}

std::ptrdiff_t files_below(const std::string& directory) {
  namespace fs = std::filesystem;
  return std::count_if(fs::recursive_directory_iterator(directory),
                       fs::recursive_directory_iterator(),
                       [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
}

// Which page each revision makes, learnt from the one who published it.
using Expected = std::map<std::string, Front>;

void check(const Observed& observed, const Expected& expected) {
  INFO(observed.fault);
  CHECK(observed.fault.empty());
  CHECK(observed.requests > 0);
  std::uint64_t mixed = 0;
  for (const Observed::Sight& sight : observed.sights) {
    const auto at = expected.find(sight.revision);
    if (at == expected.end() || !(at->second == sight.front)) ++mixed;
  }
  CHECK(mixed == 0);
}

}  // namespace

TEST_CASE("reloads of rules and plugins under load fail no request and mix no revisions") {
  TestBundle bundle;
  TestBundle staging;
  bundle.write("policies/home.yaml", policy("  - {use: opener, priority: 100}\n",
                                            "graph:\n  - {id: page, generate: front}\n"
                                            // The machine's load must not decide this test.
                                            "limits: {deadline_ms: 60000}\n"));
  write_step(bundle, 0);
  write_step(bundle, -1);
  const TemporaryFilesIn here(staging.root());
  host::Engine engine(quiet_options(bundle.root()));

  Expected expected;
  const Feed feed(kRows);
  Caller caller(engine);
  expected.emplace(caller.rerank(feed).revision(), front_at(0));

  std::atomic<bool> stop{false};
  Observed observed[2];
  std::thread first([&] { ask(engine, stop, observed[0]); });
  std::thread second([&] { ask(engine, stop, observed[1]); });

  std::uint64_t warm_kib = 0;
  std::size_t most_mapped = 0;
  std::string fault;
  for (int step = 1; step <= kReloads && fault.empty(); ++step) {
    write_step(bundle, step);
    try {
      engine.reload();
    } catch (const host::Error& error) {
      fault = error.what();
    }
    const host::Result result = caller.rerank(feed);
    const Front front{result.slate()[0], result.slate()[1]};
    if (!(front == front_at(step))) fault = "the reload did not take effect";
    expected.emplace(result.revision(), front_at(step));
    most_mapped = std::max(most_mapped, mapped_plugins(staging.root()));
    if (step == kReloads / 5) warm_kib = resident_kib();
  }
  stop = true;
  first.join();
  second.join();

  CHECK(fault == "");
  CHECK(expected.size() == static_cast<std::size_t>(kReloads) + 1);
  check(observed[0], expected);
  check(observed[1], expected);
  const auto status = nlohmann::json::parse(engine.status_json());
  CHECK(status["revisions"]["published"] == kReloads + 1);
  CHECK(status["requests"]["errors"] == 0);
  CHECK(status["requests"]["fallbacks"] == 0);
  // The revision that serves, four retained ones, and those that a request still holds.
  CHECK(status["libraries"]["loaded"] <= 8);
  CHECK(status["libraries"]["retired"] == 0);
  CHECK(most_mapped <= 8);
  CHECK(files_below(staging.root()) <= 2);
#if !defined(LINEUP_SANITIZED)
  // A reload that leaked its revision would cost tens of kilobytes each.
  CHECK(resident_kib() < warm_kib + 16 * 1024);
#else
  static_cast<void>(warm_kib);
#endif
  WARN("requests served during " << kReloads
                                 << " reloads: " << observed[0].requests + observed[1].requests);
}

}  // namespace lineup
