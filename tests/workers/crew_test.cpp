// SPDX-License-Identifier: Apache-2.0
#include "crew/crew.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace lineup {

namespace {

std::unique_ptr<Crew> crew_of(std::uint32_t threads, std::uint32_t seats) {
  auto crew = Crew::start(threads, seats);
  REQUIRE(crew);
  return *std::move(crew);
}

struct Tally {
  std::array<std::atomic<int>, 64> done{};
};
void count_piece(void* context, std::uint32_t piece) noexcept {
  ++static_cast<Tally*>(context)->done[piece];
}

// Pieces 0 and 1 end only together.
struct Pair {
  std::atomic<int> inside{0};
};
void wait_for_the_other(void* context, std::uint32_t) noexcept {
  auto& pair = *static_cast<Pair*>(context);
  ++pair.inside;
  while (pair.inside < 2) std::this_thread::yield();
}

// The same, and then they stay until they are let go.
struct HeldPair : Pair {
  std::atomic<bool> may_end{false};
};
void hold(void* context, std::uint32_t piece) noexcept {
  auto& held = *static_cast<HeldPair*>(context);
  wait_for_the_other(static_cast<Pair*>(&held), piece);
  while (!held.may_end) std::this_thread::yield();
}

}  // namespace

TEST_CASE("every piece of an offer is done once, and all of them when it returns") {
  const auto crew = crew_of(3, 2);
  for (std::uint32_t count : {0U, 1U, 2U, 5U, 64U}) {
    for (int round = 0; round < 200; ++round) {
      Tally tally;
      crew->run(1, count, count_piece, &tally);
      for (std::uint32_t piece = 0; piece < 64; ++piece) {
        REQUIRE(tally.done[piece] == (piece < count ? 1 : 0));
      }
    }
  }
}

TEST_CASE("a helper takes a piece while the one who offers is in another") {
  const auto crew = crew_of(1, 1);
  for (int round = 0; round < 100; ++round) {
    Pair pair;
    crew->run(0, 2, wait_for_the_other, &pair);
    CHECK(pair.inside == 2);
  }
  CHECK(crew->helped() == 100);
}

TEST_CASE("who offers to a crew that is busy does all pieces and waits for nobody") {
  const auto crew = crew_of(1, 2);
  HeldPair held;
  std::thread other([&] { crew->run(0, 2, hold, &held); });
  while (held.inside < 2) std::this_thread::yield();
  // The only helper is held now, as the other thread is.
  for (int round = 0; round < 100; ++round) {
    Tally tally;
    crew->run(1, 4, count_piece, &tally);
    for (std::uint32_t piece = 0; piece < 4; ++piece) REQUIRE(tally.done[piece] == 1);
  }
  CHECK(crew->helped() == 0);
  held.may_end = true;
  other.join();
  CHECK(crew->helped() == 1);
}

TEST_CASE("many who offer at once get their own pieces done and no others") {
  constexpr std::uint32_t kSeats = 6;
  const auto crew = crew_of(2, kSeats);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::uint32_t seat = 0; seat < kSeats; ++seat) {
    threads.emplace_back([&, seat] {
      for (std::uint32_t round = 0; round < 500; ++round) {
        Tally tally;
        const std::uint32_t count = 1 + (round + seat) % 7;
        crew->run(seat, count, count_piece, &tally);
        for (std::uint32_t piece = 0; piece < 8; ++piece) {
          if (tally.done[piece] != (piece < count ? 1 : 0)) ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a crew that nobody ever asked ends") {
  for (int i = 0; i < 20; ++i) CHECK(crew_of(4, 3)->thread_count() == 4);
}

}  // namespace lineup
