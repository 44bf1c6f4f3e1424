// SPDX-License-Identifier: Apache-2.0
//
// Threads of the engine's own that help the threads which serve. Who serves offers pieces of work
// at a seat of its own and works on them itself, from the first on; a helper that is idle takes the
// last piece that nobody has begun. So a crew that is busy elsewhere costs nothing but the offer:
// whatever no helper came for is done by who offered it, in the order it would have been done in.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.hpp"

namespace lineup {

class Crew {
 public:
  // LIMIT: pieces of one offer.
  static constexpr std::uint32_t kPiecesMax = 0xFFFF;

  // One piece of work; must not throw.
  using Work = void (*)(void* context, std::uint32_t piece) noexcept;

  // `seats`: who may offer at the same time. Code: crew/thread, when the system gives no more
  // threads. REQUIRES: threads > 0, seats > 0. [control]
  [[nodiscard]] static Result<std::unique_ptr<Crew>> start(std::uint32_t threads,
                                                           std::uint32_t seats);
  // Ends the threads. REQUIRES: nobody is in run(). [control]
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Does work(context, piece) for every piece below `count`, each once, on this thread, which
  // begins with the first, and those of the crew, which begin with the last; returns when all are
  // done, and by then nobody touches `context` any more. Takes no lock, allocates nothing.
  // REQUIRES: count <= kPiecesMax; the seat is not used by another thread meanwhile. [request]
  void run(std::uint32_t seat, std::uint32_t count, Work work, void* context) noexcept;

  [[nodiscard]] std::uint32_t thread_count() const {
    return static_cast<std::uint32_t>(threads_.size());
  }
  // Pieces that helpers did, of all seats, since the start.
  [[nodiscard]] std::uint64_t helped() const { return helped_.load(std::memory_order_relaxed); }

 private:
  // An offer. Seats are never freed while there are helpers, so one that looks at an offer which is
  // over finds a seat all the same.
  struct alignas(64) Seat {
    std::atomic<std::uint64_t> ticket{0};  // round, end of its pieces, the next one
    std::atomic<std::uint32_t> done{0};    // pieces that helpers finished in this round
    Work work = nullptr;                   // read only by who has a piece of the round
    void* context = nullptr;
  };

  explicit Crew(std::uint32_t seats);
  enum class From : std::uint8_t { Front, Back };
  static bool claim(Seat& seat, From from, std::uint32_t& piece) noexcept;
  bool help(Seat& seat) noexcept;
  void serve(std::uint32_t from) noexcept;

  std::unique_ptr<Seat[]> seats_;
  const std::uint32_t seat_count_;
  alignas(64) std::atomic<std::uint32_t> offers_{0};  // counts up; idle helpers sleep on it
  std::atomic<bool> is_ending_{false};
  alignas(64) std::atomic<std::uint64_t> helped_{0};
  std::vector<std::thread> threads_;
};

}  // namespace lineup
