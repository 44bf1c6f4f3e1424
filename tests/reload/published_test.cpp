// SPDX-License-Identifier: Apache-2.0
//
// No reader ever sees a destroyed revision, and no revision outlives its use.
#include "reload/published.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "base/clock.hpp"

namespace lineup {
namespace {

// Says when it was destroyed, and on which thread. Dead ones are recognised by their number.
struct Watched {
  Watched(std::uint64_t given, std::atomic<int>& alive_count)
      : number(given), copy(given), alive(alive_count) {
    alive.fetch_add(1);
  }
  ~Watched() {
    number = 0;
    copy = ~std::uint64_t{0};
    alive.fetch_sub(1);
  }
  std::uint64_t number;
  std::uint64_t copy;
  std::atomic<int>& alive;
};

std::shared_ptr<const Watched> watched(std::uint64_t number, std::atomic<int>& alive) {
  return std::make_shared<const Watched>(number, alive);
}

TEST_CASE("nothing is served before the first revision") {
  Published<Watched> published(2);
  CHECK(published.pin(0) == nullptr);
  CHECK(published.pin(0, "a") == nullptr);
  CHECK(published.current_id().empty());
  CHECK(published.counts().pinned == 0);
}

TEST_CASE("a request keeps the revision it pinned, the next one gets the new one") {
  std::atomic<int> alive{0};
  Published<Watched> published(2, 0);
  published.publish("a", watched(1, alive));
  const Watched* first = published.pin(0);
  REQUIRE(first != nullptr);
  published.publish("b", watched(2, alive));
  CHECK(first->number == 1);
  CHECK(published.pin(1)->number == 2);
  CHECK(alive == 2);
  CHECK(published.counts().retired == 1);
  CHECK_FALSE(published.drain(2'000'000));
  published.unpin(0);
  CHECK(published.drain(2'000'000));
  CHECK(alive == 1);
  published.unpin(1);
}

TEST_CASE("an idle session keeps nothing alive") {
  std::atomic<int> alive{0};
  Published<Watched> published(8, 0);
  for (std::uint32_t session = 0; session < 8; ++session) {
    published.publish(std::to_string(session), watched(session + 1, alive));
    REQUIRE(published.pin(session) != nullptr);
    published.unpin(session);
  }
  CHECK(published.collect() == 0);
  CHECK(alive == 1);
}

TEST_CASE("the last superseded revisions can be had by id, older ones are destroyed") {
  std::atomic<int> alive{0};
  Published<Watched> published(1, 2);
  for (const char* id : {"a", "b", "c", "d"}) published.publish(id, watched(1, alive));
  CHECK(alive == 3);
  CHECK(published.retained_ids() == std::vector<std::string>{"c", "b"});
  CHECK(published.pin(0, "a") == nullptr);
  CHECK(published.counts().pinned == 0);
  for (const char* id : {"b", "c", "d"}) {
    CHECK(published.pin(0, id) != nullptr);
    published.unpin(0);
  }
  CHECK(published.find("b") != nullptr);
  CHECK(published.find("a") == nullptr);
}

TEST_CASE("going back to earlier content takes no room from other retained revisions") {
  std::atomic<int> alive{0};
  Published<Watched> published(1, 2);
  std::uint64_t number = 0;
  for (const char* id : {"a", "b", "c", "a"}) published.publish(id, watched(++number, alive));
  CHECK(published.current_id() == "a");
  CHECK(published.retained_ids() == std::vector<std::string>{"c", "b"});
  CHECK(published.pin(0, "a")->number == 4);
  published.unpin(0);
  CHECK(alive == 3);
}

TEST_CASE(
    "who holds a revision without serving keeps it, and it still dies where it was published") {
  std::atomic<int> alive{0};
  Published<Watched> published(1, 0);
  published.publish("a", watched(1, alive));
  std::shared_ptr<const Watched> held = published.current();
  published.publish("b", watched(2, alive));
  CHECK(published.collect() == 1);
  held.reset();
  CHECK(alive == 2);  // not here
  CHECK(published.collect() == 0);
  CHECK(alive == 1);
}

TEST_CASE("10 000 publications under four readers: no reader sees a destroyed revision") {
  constexpr std::uint32_t kReaders = 4;
  constexpr std::uint64_t kPublications = 10'000;
  std::atomic<int> alive{0};
  {
    Published<Watched> published(kReaders, 3);
    published.publish("1", watched(1, alive));
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> broken{0};
    std::atomic<std::uint64_t> backwards{0};
    std::atomic<std::uint64_t> reads{0};
    std::vector<std::thread> readers;
    for (std::uint32_t session = 0; session < kReaders; ++session) {
      readers.emplace_back([&, session] {
        std::uint64_t newest = 0;
        std::uint64_t mine = 0;
        // Every second one asks for an earlier revision, as page 2 does.
        for (; !stop.load(std::memory_order_relaxed); ++mine) {
          const bool earlier = mine % 2 == 1 && newest > 2;
          const Watched* revision =
              earlier ? published.pin(session, std::to_string(newest - 1)) : published.pin(session);
          if (revision == nullptr) continue;
          if (revision->number == 0 || revision->number != revision->copy) ++broken;
          if (earlier && revision->number != newest - 1) ++broken;
          if (!earlier && revision->number < newest) ++backwards;
          if (!earlier) newest = revision->number;
          published.unpin(session);
        }
        reads += mine;
      });
    }
    for (std::uint64_t number = 2; number <= kPublications; ++number) {
      published.publish(std::to_string(number), watched(number, alive));
      if (number % 64 == 0) std::this_thread::yield();
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
    CHECK(broken == 0);
    CHECK(backwards == 0);
    CHECK(reads > 0);
    CHECK(published.drain(1'000'000'000));
    CHECK(alive == 4);
    CHECK(published.counts().published == kPublications);
    CHECK(published.counts().destroyed == kPublications - 4);
  }
  CHECK(alive == 0);
}

TEST_CASE("a candidate is given to those who ask for it and ends when it is published") {
  Published<int> published(2);
  published.publish("a", std::make_shared<const int>(1));
  CHECK(published.pin_candidate(0) == nullptr);
  const auto two = std::make_shared<const int>(2);
  published.set_candidate("b", two);
  CHECK(*published.pin_candidate(0) == 2);
  CHECK(*published.pin(1) == 1);
  published.unpin(1);
  // Published while a session is inside a request on it.
  published.publish("b", two);
  CHECK(*published.pin(1) == 2);
  CHECK(published.pin_candidate(1) == nullptr);
  published.unpin(0);
  published.unpin(1);
  CHECK(published.counts().retired == 0);
  // Taken away while it is used, it is destroyed afterwards.
  std::weak_ptr<const int> gone;
  {
    auto three = std::make_shared<const int>(3);
    gone = three;
    published.set_candidate("c", std::move(three));
  }
  REQUIRE(published.pin_candidate(0) != nullptr);
  published.set_candidate("", nullptr);
  CHECK(published.counts().retired == 1);
  CHECK_FALSE(gone.expired());
  published.unpin(0);
  CHECK(published.collect() == 0);
  CHECK(gone.expired());
}

TEST_CASE("a retained revision that serves again is the same, not a second one") {
  Published<int> published(1);
  const auto one = std::make_shared<const int>(1);
  published.publish("a", one);
  published.publish("b", std::make_shared<const int>(2));
  published.publish("a", one);
  CHECK(published.current_id() == "a");
  CHECK(published.counts().retired == 0);
  CHECK(published.counts().retained == 1);
  CHECK(published.retained_ids() == std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace lineup
