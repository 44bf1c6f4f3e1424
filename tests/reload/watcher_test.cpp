// SPDX-License-Identifier: Apache-2.0
//
// Every way in which people and systems change files is noticed: by an event, and when events are
// lost, by looking. Polling is switched off where the event is what is tested.
#include "reload/watcher.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "reload/watch_map.hpp"
#include "scratch.hpp"

namespace lineup {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kNever = 3'600'000;

// Watches a directory, and remembers what rules/pin.lua was at each report.
class Observer {
 public:
  explicit Observer(const Scratch& scratch, std::uint32_t poll_ms = kNever,
                    std::unique_ptr<Notifier> notifier = nullptr, std::string directory = {}) {
    WatcherOptions options;
    options.sources.directory = directory.empty() ? scratch.root() : std::move(directory);
    options.quiet_ms = 30;
    options.poll_ms = poll_ms;
    options.notifier = std::move(notifier);
    const BundleSources sources = options.sources;
    watcher_ = std::make_unique<Watcher>(std::move(options), [this, sources] {
      const Result<Bundle> bundle = read_bundle(sources);
      const BundleFile* file = bundle ? bundle->find("rules/pin.lua") : nullptr;
      const std::lock_guard lock(mutex_);
      ++reports_;
      text_ = file == nullptr ? "nothing" : *file->contents;
      changed_.notify_all();
    });
  }

  [[nodiscard]] bool sees(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, milliseconds(5'000), [&] { return text_ == text; });
  }
  // After everything has become quiet.
  [[nodiscard]] int reports() {
    std::this_thread::sleep_for(milliseconds(150));
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  void stop() { watcher_.reset(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int reports_ = 0;
  std::string text_ = "never";
  std::unique_ptr<Watcher> watcher_;
};

TEST_CASE("an editor's save by rename is seen, once") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  scratch.rename_save("rules/pin.lua", "two");
  CHECK(observer.sees("two"));
  CHECK(observer.reports() == 1);
  scratch.rename_save("rules/pin.lua", "three");
  CHECK(observer.sees("three"));
  CHECK(observer.reports() == 2);
}

TEST_CASE("a slow write in place is seen when it is complete") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  const int file = ::open(scratch.path("rules/pin.lua").c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  for (const char part : {'a', 'b', 'c', 'd'}) {
    REQUIRE(::write(file, &part, 1) == 1);
    std::this_thread::sleep_for(milliseconds(50));
  }
  ::close(file);
  CHECK(observer.sees("abcd"));
  CHECK(observer.reports() == 1);
}

TEST_CASE("a new file that is written slowly is seen when it is complete") {
  const Scratch scratch;
  scratch.make_folder("rules");
  Observer observer(scratch);
  const int file =
      ::open(scratch.path("rules/pin.lua").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  for (const char part : {'a', 'b', 'c'}) {
    REQUIRE(::write(file, &part, 1) == 1);
    std::this_thread::sleep_for(milliseconds(50));
  }
  ::close(file);
  CHECK(observer.sees("abc"));
  CHECK(observer.reports() == 1);
}

TEST_CASE("a ConfigMap's exchange of its link is seen") {
  const Scratch scratch;
  scratch.write("..2026_01/pin.lua", "one");
  scratch.link("..2026_01", "..data");
  SECTION("with a folder that is a link") {
    scratch.make_folder("..2026_01/rules");
    scratch.write("..2026_01/rules/pin.lua", "one");
    scratch.link("..data/rules", "rules");
  }
  SECTION("with files that are links") {
    scratch.make_folder("rules");
    scratch.link("../..data/pin.lua", "rules/pin.lua");
  }
  Observer observer(scratch);
  for (const std::string text : {"two", "three"}) {
    scratch.write("..next_" + text + "/pin.lua", text);
    scratch.write("..next_" + text + "/rules/pin.lua", text);
    scratch.link("..next_" + text, "..data_tmp");
    std::filesystem::rename(scratch.path("..data_tmp"), scratch.path("..data"));
    CHECK(observer.sees(text));
  }
  CHECK(observer.reports() == 2);
}

TEST_CASE("a bundle behind a link is seen when the link is exchanged") {
  const Scratch scratch;
  scratch.write("releases/1/rules/pin.lua", "one");
  scratch.write("releases/2/rules/pin.lua", "two");
  scratch.link("releases/1", "current");
  Observer observer(scratch, kNever, nullptr, scratch.path("current"));
  scratch.link("releases/2", "next");
  std::filesystem::rename(scratch.path("next"), scratch.path("current"));
  CHECK(observer.sees("two"));
  scratch.rename_save("releases/2/rules/pin.lua", "three");
  CHECK(observer.sees("three"));
}

TEST_CASE("a burst of writes is reported by its end") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  for (int i = 0; i < 40; ++i) scratch.rename_save("rules/pin.lua", "burst " + std::to_string(i));
  CHECK(observer.sees("burst 39"));
  // One, unless the machine was so busy that this thread stood still for a quiet time.
  CHECK(observer.reports() < 20);
}

TEST_CASE("a storm without an end is reported all the same") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  std::atomic<bool> stop{false};
  std::thread storm([&] {
    for (int i = 0; !stop; ++i) {
      scratch.rename_save("rules/pin.lua", "storm " + std::to_string(i));
      std::this_thread::sleep_for(milliseconds(5));
    }
    scratch.rename_save("rules/pin.lua", "after");
  });
  std::this_thread::sleep_for(milliseconds(1'200));
  const int during = observer.reports();
  stop = true;
  storm.join();
  CHECK(during >= 2);  // how seldom is proven with the debouncer, without a clock
  CHECK(observer.sees("after"));
}

TEST_CASE("a folder that appears later is watched") {
  const Scratch scratch;
  Observer observer(scratch);
  scratch.write("rules/pin.lua", "one");
  CHECK(observer.sees("one"));
  scratch.rename_save("rules/pin.lua", "two");
  CHECK(observer.sees("two"));
}

TEST_CASE("a bundle that does not exist yet is seen when it comes") {
  const Scratch scratch;
  Observer observer(scratch, kNever, nullptr, scratch.path("deep/bundle"));
  scratch.write("other/rules/pin.lua", "one");
  scratch.make_folder("deep");
  std::this_thread::sleep_for(milliseconds(60));
  std::filesystem::rename(scratch.path("other"), scratch.path("deep/bundle"));
  CHECK(observer.sees("one"));
}

TEST_CASE("a removed file, a removed folder and its return are seen") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  scratch.remove("rules/pin.lua");
  CHECK(observer.sees("nothing"));
  scratch.write("rules/pin.lua", "two");
  CHECK(observer.sees("two"));
  scratch.remove("rules");
  CHECK(observer.sees("nothing"));
  scratch.write("rules/pin.lua", "three");
  CHECK(observer.sees("three"));
}

TEST_CASE("a directory exchanged for another one is seen") {
  const Scratch scratch;
  scratch.write("bundle/rules/pin.lua", "one");
  scratch.write("next/rules/pin.lua", "two");
  Observer observer(scratch, kNever, nullptr, scratch.path("bundle"));
  std::filesystem::rename(scratch.path("bundle/rules"), scratch.path("old"));
  std::filesystem::rename(scratch.path("next/rules"), scratch.path("bundle/rules"));
  CHECK(observer.sees("two"));
  scratch.rename_save("old/pin.lua", "not in the bundle any more");
  scratch.rename_save("bundle/rules/pin.lua", "three");
  CHECK(observer.sees("three"));
}

TEST_CASE("what is not part of a bundle makes no report") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  scratch.write("README.md", "x");
  scratch.write("rules/.pin.lua.swp", "x");
  scratch.write("rules/4913", "x");
  scratch.remove("rules/4913");
  scratch.make_folder("elsewhere");
  CHECK(observer.reports() == 0);
}

// Tells what a test tells it.
class FakeNotifier final : public Notifier {
 public:
  explicit FakeNotifier(FakeNotifier** self) { *self = this; }
  ~FakeNotifier() override { ::close(descriptor_); }
  int descriptor() const override { return descriptor_; }
  Result<int> add(const std::string& directory) override {
    ++adds;
    return static_cast<int>(std::hash<std::string>{}(directory)&0xffff);
  }
  void remove(int) override {}
  std::vector<DirectoryEvent> read() override {
    std::uint64_t count = 0;
    if (::read(descriptor_, &count, sizeof count) != sizeof count) return {};
    DirectoryEvent overflow;
    overflow.overflow = true;
    return {overflow};
  }
  void overflow() const {
    const std::uint64_t one = 1;
    REQUIRE(::write(descriptor_, &one, sizeof one) == sizeof one);
  }
  std::atomic<int> adds{0};

 private:
  int descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
};

TEST_CASE("after a queue overflow everything is looked at and watched anew") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  FakeNotifier* notifier = nullptr;
  auto owned = std::make_unique<FakeNotifier>(&notifier);
  Observer observer(scratch, kNever, std::move(owned));
  const int adds = notifier->adds;
  scratch.rename_save("rules/pin.lua", "two");
  CHECK(observer.reports() == 0);
  notifier->overflow();
  CHECK(observer.sees("two"));
  CHECK(notifier->adds > adds);
}

TEST_CASE("without any event, looking finds a change") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  FakeNotifier* notifier = nullptr;
  auto owned = std::make_unique<FakeNotifier>(&notifier);
  Observer observer(scratch, 20, std::move(owned));
  CHECK(observer.reports() == 0);
  scratch.rename_save("rules/pin.lua", "two");
  CHECK(observer.sees("two"));
  CHECK(observer.reports() == 1);
}

TEST_CASE("a file that grows without events is read when it stops growing") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  FakeNotifier* notifier = nullptr;
  auto owned = std::make_unique<FakeNotifier>(&notifier);
  Observer observer(scratch, 5, std::move(owned));
  const int file = ::open(scratch.path("rules/pin.lua").c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  for (int i = 0; i < 12; ++i) {
    REQUIRE(::write(file, "x", 1) == 1);
    std::this_thread::sleep_for(milliseconds(10));
  }
  ::close(file);
  CHECK(observer.sees("xxxxxxxxxxxx"));
  CHECK(observer.reports() < 12);  // one, unless this thread was held up for long
}

TEST_CASE("a watcher stops promptly, also in the middle of a burst") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "one");
  Observer observer(scratch);
  scratch.rename_save("rules/pin.lua", "two");
  const std::int64_t start = monotonic_ns();
  observer.stop();
  CHECK(monotonic_ns() - start < 1'000'000'000);
}

TEST_CASE("links are watched where they lie, missing things where they would appear") {
  const Scratch scratch;
  scratch.write("real/pin.lua", "x");
  scratch.make_folder("bundle/lists");
  scratch.link("../hop", "bundle/rules");
  scratch.link("real", "hop");
  BundleSources sources;
  sources.directory = scratch.path("bundle");
  sources.rule_directories = {scratch.path("absent/library")};
  const WatchMap map = map_watches(sources);
  REQUIRE(map.count(scratch.root()) == 1);
  CHECK(map.at(scratch.root()).names == std::set<std::string, std::less<>>{"absent", "hop"});
  CHECK_FALSE(map.at(scratch.root()).covers("anything"));
  CHECK(map.at(scratch.path("real")).every_name);
  CHECK(map.at(scratch.path("bundle/lists")).every_name);
  CHECK(map.at(scratch.path("bundle")).covers("rules"));
  CHECK(map.at(scratch.path("bundle")).covers("plugins"));
  CHECK_FALSE(map.at(scratch.path("bundle")).covers("README.md"));
  CHECK(map.size() == 4);
}

}  // namespace
}  // namespace lineup
