// SPDX-License-Identifier: Apache-2.0
//
// A reload is a transaction: either the files serve, or what served keeps serving and the reason is
// known. The revision of these tests is the text of rules/a.lua; "bad" does not build.
#include "reload/reloader.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/hash.hpp"
#include "faulty_source.hpp"

namespace lineup {
namespace {

using Revision = std::string;

class Bench {
 public:
  explicit Bench(std::uint32_t retry_ms = 5) {
    files.put("/b/rules/a.lua", "one");
    ReloaderOptions options;
    options.sources.directory = "/b";
    options.files = &files;
    options.retry_ms = retry_ms;
    options.finished = [this](const Attempt& attempt) {
      const std::lock_guard lock(mutex);
      finished.push_back(attempt);
    };
    reloader =
        std::make_unique<Reloader>(std::move(options), published,
                                   [this](const std::shared_ptr<const Bundle>& bundle,
                                          BuildReport& report) { return build(*bundle, report); });
  }

  Result<std::shared_ptr<const void>> build(const Bundle& bundle, BuildReport& report) {
    ++builds;
    while (hold) std::this_thread::yield();
    const BundleFile* file = bundle.find("rules/a.lua");
    if (file == nullptr) return failure("test/nothing", "no rule");
    report.reached(ReloadState::Compiled);
    if (*file->contents == "throw") throw std::runtime_error("out of paper");
    if (*file->contents == "warn") report.diagnostics().warning({file->path}, "test/odd", "is odd");
    if (*file->contents == "bad") {
      report.diagnostics().error({file->path, 3, 7, 3, 9}, "test/bad", "`bad` is bad");
      report.hint("write something else");
    }
    if (*file->contents == "held") report.hold();
    return std::make_shared<const Revision>(*file->contents);
  }

  [[nodiscard]] std::string serving() const {
    const auto revision = published.current();
    return revision ? *revision : "";
  }
  [[nodiscard]] std::size_t finished_count() {
    const std::lock_guard lock(mutex);
    return finished.size();
  }
  template <typename Claim>
  static bool soon(Claim claim) {
    for (int i = 0; i < 5'000 && !claim(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return claim();
  }

  FaultySource files;
  Published<Revision> published{2};
  std::atomic<int> builds{0};
  std::atomic<bool> hold{false};
  std::mutex mutex;
  std::vector<Attempt> finished;
  std::unique_ptr<Reloader> reloader;
};

TEST_CASE("the first reload makes the files serve") {
  Bench bench;
  CHECK(bench.reloader->status().attempts == 0);
  const Attempt attempt = bench.reloader->reload();
  CHECK(attempt.ok());
  CHECK(attempt.number == 1);
  CHECK(attempt.state == ReloadState::Active);
  CHECK(name_of(attempt.state) == "active");
  CHECK(attempt.finished_ms >= attempt.started_ms);
  CHECK(bench.serving() == "one");
  const ReloadStatus status = bench.reloader->status();
  CHECK(status.revision == attempt.revision);
  CHECK(status.revision == bench.published.current_id());
  CHECK(status.since_ms == attempt.finished_ms);
  CHECK(status.stale_ms == 0);
  CHECK(bench.reloader->active_bundle()->id == attempt.revision);
}

TEST_CASE("unchanged files are not built again") {
  Bench bench;
  bench.reloader->reload();
  const Attempt again = bench.reloader->reload();
  CHECK(again.state == ReloadState::Unchanged);
  CHECK(again.ok());
  CHECK(bench.builds == 1);
  bench.reloader->poke();
  bench.reloader->reload();  // comes after the hint
  CHECK(bench.builds == 1);
}

TEST_CASE("a revision with errors changes nothing and says why") {
  Bench bench;
  const std::string first = bench.reloader->reload().revision;
  bench.files.put("/b/rules/a.lua", "bad");
  const Attempt attempt = bench.reloader->reload();
  CHECK_FALSE(attempt.ok());
  CHECK(attempt.state == ReloadState::Rejected);
  CHECK(attempt.reached == ReloadState::Compiled);
  CHECK(attempt.revision != first);
  CHECK(attempt.error.code == "test/bad");
  CHECK(attempt.error.message == "rules/a.lua:3:7: `bad` is bad");
  CHECK(attempt.hint == "write something else");
  CHECK(attempt.diagnostics.all().size() == 1);
  CHECK(bench.serving() == "one");
  const ReloadStatus status = bench.reloader->status();
  CHECK(status.revision == first);
  CHECK(status.last_rejected.number == 2);
  CHECK(status.stale_ms > 0);
}

TEST_CASE("rejected content is tried again when asked for, not for every hint") {
  Bench bench;
  bench.reloader->reload();
  bench.files.put("/b/rules/a.lua", "bad");
  bench.reloader->poke();
  REQUIRE(Bench::soon([&] { return bench.builds == 2; }));
  for (int i = 0; i < 20; ++i) bench.reloader->poke();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(bench.builds == 2);
  CHECK_FALSE(bench.reloader->reload().ok());
  CHECK(bench.builds == 3);
  bench.files.put("/b/rules/a.lua", "good");
  bench.reloader->poke();
  REQUIRE(Bench::soon([&] { return bench.serving() == "good"; }));
  CHECK(bench.reloader->status().stale_ms == 0);
}

TEST_CASE("taking a mistake back ends the staleness without building") {
  Bench bench;
  bench.reloader->reload();
  bench.files.put("/b/rules/a.lua", "bad");
  bench.reloader->reload();
  bench.files.put("/b/rules/a.lua", "one");
  bench.reloader->poke();
  REQUIRE(Bench::soon([&] { return bench.reloader->status().stale_ms == 0; }));
  CHECK(bench.reloader->status().last.state == ReloadState::Unchanged);
  CHECK(bench.builds == 2);
}

TEST_CASE("a builder that throws is a rejection") {
  Bench bench;
  bench.reloader->reload();
  bench.files.put("/b/rules/a.lua", "throw");
  const Attempt attempt = bench.reloader->reload();
  CHECK(attempt.error.code == "reload/internal");
  CHECK(attempt.error.message == "building the revision failed: out of paper");
  CHECK(bench.serving() == "one");
}

TEST_CASE("warnings do not keep a revision from serving, and are still known later") {
  Bench bench;
  bench.files.put("/b/rules/a.lua", "warn");
  CHECK(bench.reloader->reload().diagnostics.all().size() == 1);
  CHECK(bench.serving() == "warn");
  CHECK(bench.reloader->reload().diagnostics.all().size() == 1);
}

TEST_CASE("files that cannot be read for a while are tried again without being asked") {
  Bench bench;
  bench.reloader->reload();
  std::atomic<int> failing{6};
  bench.files.put("/b/rules/a.lua", "two");
  bench.files.on_read = [&](const std::string& path, int, std::string contents) {
    if (failing > 0) {
      --failing;
      return Result<std::string>(failure("reload/unreadable", "`" + path + "`: input error"));
    }
    return Result<std::string>(contents);
  };
  const Attempt attempt = bench.reloader->reload();
  CHECK(attempt.error.code == "reload/unreadable");
  CHECK(attempt.reached == ReloadState::Seen);
  CHECK(attempt.revision.empty());
  CHECK(bench.serving() == "one");
  CHECK(Bench::soon([&] { return bench.serving() == "two"; }));
}

TEST_CASE("who asks during an attempt gets the answer of a later one, shared") {
  Bench bench;
  bench.hold = true;
  std::thread first([&] { CHECK(bench.reloader->reload().number == 1); });
  REQUIRE(Bench::soon([&] { return bench.builds == 1; }));
  bench.files.put("/b/rules/a.lua", "two");
  std::atomic<int> asking{0};
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  std::vector<std::thread> others;
  for (int i = 0; i < 5; ++i) {
    others.emplace_back([&] {
      ++asking;
      const Attempt attempt = bench.reloader->reload();
      const std::lock_guard lock(mutex);
      numbers.insert(attempt.number);
    });
  }
  REQUIRE(Bench::soon([&] { return asking == 5; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  bench.hold = false;
  first.join();
  for (std::thread& other : others) other.join();
  CHECK(*numbers.begin() >= 2);
  CHECK(numbers.size() <= 2);  // a late thread may have made one of its own
  CHECK(bench.builds == 2);
  CHECK(bench.serving() == "two");
}

TEST_CASE("an overlay stays only when it could be made to serve") {
  Bench bench;
  bench.reloader->reload();
  CHECK(bench.reloader->reload({{"rules/a.lua", "draft"}}).ok());
  CHECK(bench.serving() == "draft");
  CHECK_FALSE(bench.reloader->reload({{"rules/a.lua", "bad"}}).ok());
  CHECK_FALSE(bench.reloader->reload({{"nowhere.lua", "x"}}).ok());
  CHECK(bench.reloader->reload().state == ReloadState::Unchanged);
  CHECK(bench.serving() == "draft");
  CHECK(bench.reloader->reload(std::vector<OverlayFile>{}).ok());
  CHECK(bench.serving() == "one");
  CHECK(bench.published.retained_ids().size() == 1);
}

TEST_CASE("superseded revisions are destroyed on the reload thread when the last request ends") {
  Bench bench;
  struct Noticed {
    std::thread::id& where;
    ~Noticed() { where = std::this_thread::get_id(); }
  };
  // Two threads write it, in turn: the join is between.
  std::thread::id where;
  std::thread::id builder;
  Published<Noticed> published(1, 0);
  ReloaderOptions options;
  options.sources.directory = "/b";
  options.files = &bench.files;
  {
    Reloader reloader(std::move(options), published,
                      [&](const std::shared_ptr<const Bundle>&, BuildReport&) {
                        builder = std::this_thread::get_id();
                        return Result<std::shared_ptr<const void>>(
                            std::shared_ptr<const Noticed>(new Noticed{where}));
                      });
    reloader.reload();
    REQUIRE(published.pin(0) != nullptr);
    bench.files.put("/b/rules/a.lua", "two");
    reloader.reload();
    CHECK(published.counts().retired == 1);
    published.unpin(0);
    CHECK(Bench::soon([&] { return published.counts().destroyed == 1; }));
  }
  CHECK(where == builder);
}

TEST_CASE("destroying the reloader answers those who still wait") {
  Bench bench;
  bench.hold = true;
  Reloader& reloader = *bench.reloader;
  std::thread first([&] { reloader.reload(); });
  REQUIRE(Bench::soon([&] { return bench.builds == 1; }));
  std::atomic<bool> asking{false};
  std::thread second([&] {
    asking = true;
    const Attempt attempt = reloader.reload();
    CHECK((attempt.ok() || attempt.error.code == "reload/stopped"));
  });
  REQUIRE(Bench::soon([&] { return asking.load(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    bench.hold = false;
  });
  bench.reloader.reset();
  first.join();
  second.join();
  release.join();
}

TEST_CASE("1 000 reloads under readers: every request sees one whole revision") {
  Bench bench;
  bench.reloader->reload();
  std::atomic<bool> stop{false};
  std::atomic<int> broken{0};
  std::vector<std::thread> readers;
  for (std::uint32_t session = 0; session < 2; ++session) {
    readers.emplace_back([&, session] {
      while (!stop) {
        const Revision* revision = bench.published.pin(session);
        const std::uint64_t before = hash64(*revision);
        std::this_thread::yield();
        if (hash64(*revision) != before) ++broken;
        bench.published.unpin(session);
      }
    });
  }
  int failed = 0;
  for (int i = 0; i < 1'000; ++i) {
    bench.files.put("/b/rules/a.lua", "revision " + std::to_string(i));
    if (!bench.reloader->reload().ok()) ++failed;
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(failed == 0);
  CHECK(broken == 0);
  CHECK(bench.serving() == "revision 999");
  CHECK(bench.published.drain(1'000'000'000));
  CHECK(bench.published.counts().destroyed == 1'001 - 5);
  CHECK(bench.finished_count() == 1'001);
}

TEST_CASE("who has seen a revision serve finds its attempt in the status") {
  Bench bench;
  bench.reloader->reload();
  for (int i = 0; i < 300; ++i) {
    const std::string before = bench.published.current_id();
    std::atomic<bool> is_told{false};
    std::thread watching([&] {
      while (bench.published.current_id() == before) std::this_thread::yield();
      const ReloadStatus status = bench.reloader->status();
      is_told = status.revision == bench.published.current_id() &&
                status.last.revision == status.revision && status.last.state == ReloadState::Active;
    });
    bench.files.put("/b/rules/a.lua", "text " + std::to_string(i));
    const bool is_live = bench.reloader->reload().ok();
    if (!is_live) bench.published.publish("none", std::make_shared<const Revision>());
    watching.join();
    REQUIRE(is_live);
    REQUIRE(is_told);
  }
}

TEST_CASE("a revision on trial does not serve until it is said to, and a hint does not repeat it") {
  Bench bench;
  REQUIRE(bench.reloader->reload().ok());
  bench.files.put("/b/rules/a.lua", "held");
  const Attempt held = bench.reloader->reload();
  CHECK(held.ok());
  CHECK(held.state == ReloadState::Shadow);
  CHECK(bench.serving() == "one");
  const int builds = bench.builds;
  bench.reloader->poke();
  CHECK(bench.reloader->reject(held.bundle, {"test/slow", "it is slow"}, "").error.code ==
        "test/slow");
  CHECK(bench.builds == builds);
  CHECK(bench.reloader->status().last_rejected.revision == held.revision);
  CHECK(bench.reloader->status().stale_ms > 0);
  CHECK(bench.reloader->active_bundle()->id != held.revision);
  const Attempt served = bench.reloader->serve(
      {held.bundle, std::make_shared<const Revision>("held"), {}, {}, {}, {}});
  CHECK(served.state == ReloadState::Active);
  CHECK(bench.serving() == "held");
  CHECK(bench.reloader->status().revision == held.revision);
  CHECK(bench.reloader->status().stale_ms == 0);
}

TEST_CASE("a rollback that fails, and files that cannot be read, leave a trial on trial") {
  Bench bench;
  std::atomic<bool> is_broken{false};
  bench.files.on_read = [&](const std::string&, int, std::string text) -> Result<std::string> {
    if (is_broken) return failure("reload/unreadable", "input/output error");
    return text;
  };
  const Attempt one = bench.reloader->reload();
  bench.files.put("/b/rules/a.lua", "held");
  REQUIRE(bench.reloader->reload().state == ReloadState::Shadow);
  const int builds = bench.builds;
  MadeRevision gone;
  gone.bundle = one.bundle;
  gone.make = []() -> Result<std::shared_ptr<const void>> {
    return failure("test/damaged", "its files are damaged");
  };
  // A hint has been followed once the file was read, twice, and something else was answered since.
  const auto hint = [&] {
    const int before = bench.files.reads();
    bench.reloader->poke();
    CHECK(Bench::soon([&] { return bench.files.reads() > before + 1; }));
    const MadeRevision nothing = gone;
    CHECK(bench.reloader->serve(nothing).error.code == "test/damaged");
  };
  CHECK(bench.reloader->serve(gone).error.code == "test/damaged");
  hint();
  hint();
  CHECK(bench.builds == builds);

  is_broken = true;
  CHECK(bench.reloader->reload().error.code == "reload/unreadable");
  is_broken = false;
  hint();
  CHECK(bench.builds == builds);
  CHECK(bench.serving() == "one");
}

TEST_CASE("what is taken back is not served again by a hint, though the files are still so") {
  Bench bench;
  const Attempt one = bench.reloader->reload();
  const auto revision = bench.published.current();
  bench.files.put("/b/rules/a.lua", "two");
  const Attempt two = bench.reloader->reload();
  REQUIRE(bench.serving() == "two");
  CHECK(bench.reloader->serve({one.bundle, revision, {}, {}, two.bundle->hash, {}}).ok());
  CHECK(bench.serving() == "one");
  const std::size_t finished = bench.finished_count();
  bench.reloader->poke();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(bench.finished_count() == finished);
  CHECK(bench.serving() == "one");
  CHECK(bench.reloader->status().stale_ms > 0);
  bench.files.put("/b/rules/a.lua", "three");
  bench.reloader->poke();
  CHECK(Bench::soon([&] { return bench.serving() == "three"; }));
}

}  // namespace
}  // namespace lineup
