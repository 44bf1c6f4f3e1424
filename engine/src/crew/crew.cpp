// SPDX-License-Identifier: Apache-2.0
//
// A ticket is one word: 32 bits of round, 16 of where the pieces end, 16 of the next piece. Who
// offers claims the next one, a helper the last one, by changing the word, if it is still the word
// that was read; so a helper that was held up between looking and claiming, while the round ended
// and others came, claims nothing. In a round the next piece only goes up and the end only down, so
// no word comes twice. Who has a claim keeps the round open: run() returns only when all claimed
// pieces are done, and only then may the plain members of the seat change. A round comes again
// after four thousand million offers at one seat; a helper would have to be held up all that while.
#include "crew/crew.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cassert>
#include <system_error>

namespace lineup {

namespace {

constexpr unsigned kRoundShift = 32;
constexpr unsigned kEndShift = 16;
constexpr std::uint64_t kPieceMask = 0xFFFF;

// Signals of the process are the host's to take, on the host's threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Crew::Crew(std::uint32_t seats) : seats_(std::make_unique<Seat[]>(seats)), seat_count_(seats) {}

Result<std::unique_ptr<Crew>> Crew::start(std::uint32_t threads, std::uint32_t seats) {
  assert(threads > 0 && seats > 0);
  std::unique_ptr<Crew> crew(new Crew(seats));
  crew->threads_.reserve(threads);
  const SignalsBlocked blocked;
  try {
    for (std::uint32_t i = 0; i < threads; ++i) {
      std::thread& thread = crew->threads_.emplace_back(&Crew::serve, crew.get(), i);
      pthread_setname_np(thread.native_handle(), "lineup-helper");
    }
  } catch (const std::system_error& error) {
    return failure("crew/thread", fmt::format("{} of {} worker threads could be started: {}",
                                              crew->threads_.size(), threads, error.what()));
  }
  return crew;
}

Crew::~Crew() {
  is_ending_.store(true, std::memory_order_seq_cst);
  offers_.fetch_add(1, std::memory_order_seq_cst);
  offers_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Crew::claim(Seat& seat, From from, std::uint32_t& piece) noexcept {
  std::uint64_t ticket = seat.ticket.load(std::memory_order_acquire);
  for (;;) {
    const std::uint64_t next = ticket & kPieceMask;
    const std::uint64_t end = (ticket >> kEndShift) & kPieceMask;
    if (next >= end) return false;
    const bool is_first = from == From::Front;
    const std::uint64_t after = is_first ? ticket + 1 : ticket - (std::uint64_t{1} << kEndShift);
    if (seat.ticket.compare_exchange_weak(ticket, after, std::memory_order_acq_rel,
                                          std::memory_order_acquire)) {
      piece = static_cast<std::uint32_t>(is_first ? next : end - 1);
      return true;
    }
  }
}

void Crew::run(std::uint32_t seat_index, std::uint32_t count, Work work, void* context) noexcept {
  assert(seat_index < seat_count_ && count <= kPiecesMax);
  Seat& seat = seats_[seat_index];
  seat.work = work;
  seat.context = context;
  seat.done.store(0, std::memory_order_relaxed);
  const std::uint64_t round = (seat.ticket.load(std::memory_order_relaxed) >> kRoundShift) + 1;
  // In one total order with the count of offers: a helper that sees the old count when it goes to
  // sleep is woken, one that sees the new count finds the ticket.
  seat.ticket.store(round << kRoundShift | std::uint64_t{count} << kEndShift,
                    std::memory_order_seq_cst);
  offers_.fetch_add(1, std::memory_order_seq_cst);
  for (std::uint32_t i = 1; i < std::min(count, thread_count() + 1); ++i) offers_.notify_one();
  std::uint32_t mine = 0;
  for (std::uint32_t piece = 0; claim(seat, From::Front, piece); ++mine) work(context, piece);
  const std::uint32_t theirs = count - mine;
  std::uint32_t done = seat.done.load(std::memory_order_acquire);
  while (done != theirs) {
    seat.done.wait(done, std::memory_order_acquire);
    done = seat.done.load(std::memory_order_acquire);
  }
}

// Does one piece of what is offered at the seat; false: there is none.
bool Crew::help(Seat& seat) noexcept {
  std::uint32_t piece = 0;
  if (!claim(seat, From::Back, piece)) return false;
  seat.work(seat.context, piece);
  helped_.fetch_add(1, std::memory_order_relaxed);
  // From here on the round may end; the seat stays.
  seat.done.fetch_add(1, std::memory_order_acq_rel);
  seat.done.notify_one();
  return true;
}

// Helpers begin their rounds at different seats, so that they meet seldom.
void Crew::serve(std::uint32_t from) noexcept {
  std::uint32_t at = from % seat_count_;
  while (!is_ending_.load(std::memory_order_seq_cst)) {
    const std::uint32_t offers = offers_.load(std::memory_order_seq_cst);
    bool has_helped = false;
    for (std::uint32_t i = 0; i < seat_count_; ++i) {
      while (help(seats_[at])) has_helped = true;
      at = at + 1 == seat_count_ ? 0 : at + 1;
    }
    if (!has_helped && !is_ending_.load(std::memory_order_seq_cst)) {
      offers_.wait(offers, std::memory_order_seq_cst);
    }
  }
}

}  // namespace lineup
