// SPDX-License-Identifier: Apache-2.0
//
// Counts of items by themselves: what half-lives take off, what a full memory forgets, and that
// readers see no count that was never there.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "control/item_counts.hpp"

namespace lineup {

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

}  // namespace

TEST_CASE("what is told of an item adds up, and other items stay unknown") {
  ItemCounts counts(1000, 0);
  counts.add(7, 1.0, kNow);
  counts.add(7, 2.5, kNow + kDay);
  counts.add(0, 1.0, kNow);  // a key like any other
  CHECK(counts.read(7, kNow + 100 * kDay) == 3.5);
  CHECK(counts.read(0, kNow) == 1.0);
  CHECK(counts.read(8, kNow) == 0.0);
  CHECK(counts.totals().items == 2);
}

TEST_CASE("with a half-life old counts weigh half as much after it, and a quarter after two") {
  ItemCounts counts(1000, kDay);
  for (int i = 0; i < 8; ++i) counts.add(7, 1.0, kNow);
  CHECK(counts.read(7, kNow) == Approx(8.0).epsilon(1e-9));
  CHECK(counts.read(7, kNow + kDay) == Approx(4.0).epsilon(1e-9));
  counts.add(7, 3.0, kNow + kDay);
  CHECK(counts.read(7, kNow + kDay) == Approx(7.0).epsilon(1e-9));
  CHECK(counts.read(7, kNow + 3 * kDay) == Approx(1.75).epsilon(1e-9));
  // Feedback by a clock that is behind counts for what it is worth by now; a request whose clock is
  // behind sees no more than there is.
  counts.add(7, 8.0, kNow - 2 * kDay);
  CHECK(counts.read(7, kNow + kDay) == Approx(8.0).epsilon(1e-9));
  CHECK(counts.read(7, kNow - 100 * kDay) == Approx(8.0).epsilon(1e-9));
  CHECK(counts.read(7, kNow + 5000 * kDay) == 0.0);
}

TEST_CASE("a full memory forgets the item that was heard of longest ago, and says so") {
  ItemCounts counts(8, 0);
  for (std::uint64_t item = 1; item <= 8; ++item) counts.add(item, 1.0, kNow);
  CHECK(counts.totals().forgotten == 0);
  counts.add(1, 1.0, kNow);  // now 2 is the oldest
  counts.add(9, 1.0, kNow);
  CHECK(counts.read(1, kNow) == 2.0);
  CHECK(counts.read(2, kNow) == 0.0);
  CHECK(counts.read(3, kNow) == 1.0);
  CHECK(counts.read(9, kNow) == 1.0);
  const ItemCounts::Totals totals = counts.totals();
  CHECK(totals.places == 8);
  CHECK(totals.items == 8);
  CHECK(totals.forgotten == 1);
}

TEST_CASE("readers see an item's own counts while places change hands") {
  ItemCounts counts(8, 0);
  std::atomic<bool> is_over{false};
  std::atomic<int> strange{0};
  std::thread reader([&] {
    while (!is_over) {
      for (std::uint64_t item = 1; item <= 16; ++item) {
        const double read = counts.read(item, kNow);
        if (read != 0.0 && read != static_cast<double>(item)) ++strange;
      }
    }
  });
  // In turns, so that an item is told once before it is forgotten.
  for (int round = 0; round < 20'000; ++round) {
    for (std::uint64_t item = 1; item <= 16; ++item) {
      counts.add(item, static_cast<double>(item), kNow);
    }
  }
  is_over = true;
  reader.join();
  CHECK(strange == 0);
  CHECK(counts.totals().forgotten == 20'000 * 16 - 8);
}

TEST_CASE("what came before is known until eight others of its place came after it") {
  Repetitions repetitions(8);
  CHECK(repetitions.is_first(1));
  CHECK_FALSE(repetitions.is_first(1));
  for (std::uint64_t key = 2; key <= 8; ++key) CHECK(repetitions.is_first(key));
  CHECK_FALSE(repetitions.is_first(1));
  CHECK(repetitions.is_first(9));
  CHECK(repetitions.is_first(1));
}

}  // namespace lineup
