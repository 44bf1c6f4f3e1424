// SPDX-License-Identifier: Apache-2.0
//
// Nodes that are content only when two of them are in their calls at the same time: the first
// waits, as long as its patience lasts, for a second one to come in. So a test sees by the answer,
// and not by a clock, whether calls overlap.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <thread>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

enum class Room : std::uint32_t { Empty, OneWaits, TwoMet };
std::atomic<Room> room{Room::Empty};

bool meets(std::int64_t patience_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  for (;;) {
    Room there = Room::OneWaits;
    if (room.compare_exchange_strong(there, Room::TwoMet)) return true;
    if (there == Room::Empty && room.compare_exchange_strong(there, Room::OneWaits)) break;
    std::this_thread::yield();
  }
  while (room.load() != Room::TwoMet) {
    Room there = Room::OneWaits;
    const bool is_over = std::chrono::steady_clock::now() >= until;
    if (is_over && room.compare_exchange_strong(there, Room::Empty)) return false;
    std::this_thread::yield();
  }
  room.store(Room::Empty);
  return true;
}

void meet_or_fail(std::int64_t patience_ms) {
  if (!meets(patience_ms)) throw sdk::Failure("nobody came");
}

// Long enough that a thread is worth waking, however soon the other one came.
void stay(std::int64_t ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

class Meets : public sdk::Generator {
 public:
  static constexpr const char* kName = "meets";
  static constexpr const char* kId = "dev.lineup.test.meets/1";

  explicit Meets(const sdk::Config& config)
      : patience_ms_(config.integer("/patience_ms", 0)), stay_ms_(config.integer("/stay_ms", 0)) {}
  void activate(const sdk::Binder& binder) { score_ = binder.required<sdk::Floats>("score"); }

  sdk::Status generate(const sdk::Call& call, sdk::Builder& builder) {
    meet_or_fail(patience_ms_);
    stay(stay_ms_);
    const sdk::Floats score = call.rows(score_);
    const std::span<double> utility = call.allocate<double>(call.row_count());
    for (sdk::Row row = 0; row < call.row_count(); ++row) utility[row] = score.value_or(row, 0.0);
    return builder.emit(utility);
  }

 private:
  std::int64_t patience_ms_;
  std::int64_t stay_ms_;
  sdk::Bound<sdk::Floats> score_;
};

// The same, of which the engine may let one call in at a time.
class MeetsAlone : public Meets {
 public:
  static constexpr const char* kName = "meets_alone";
  static constexpr const char* kId = "dev.lineup.test.meets_alone/1";
  using Meets::Meets;
};

class MeetsToo : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "meets_too";
  static constexpr const char* kId = "dev.lineup.test.meets_too/1";

  explicit MeetsToo(const sdk::Config& config) : patience_ms_(config.integer("/patience_ms", 0)) {}
  void activate(const sdk::Binder&) {}

  sdk::Status evaluate(const sdk::Call&, const sdk::Slates&, std::span<double>) {
    meet_or_fail(patience_ms_);
    return LINEUP_OK;
  }

 private:
  std::int64_t patience_ms_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "meets",
  "version": "1.0.0",
  "about": "Content only when two are in at once.",
  "types": [{
    "name": "meets", "kind": "generator", "about": "Waits for another one.",
    "threads": "reentrant", "deterministic": true, "columns": ["score"],
    "configuration": {"type": "object", "additionalProperties": false,
      "properties": {"patience_ms": {"type": "integer"}, "stay_ms": {"type": "integer"}}}
  }, {
    "name": "meets_alone", "kind": "generator", "about": "Waits for another one in vain.",
    "threads": "serial", "deterministic": true, "columns": ["score"],
    "configuration": {"type": "object", "additionalProperties": false,
      "properties": {"patience_ms": {"type": "integer"}, "stay_ms": {"type": "integer"}}}
  }, {
    "name": "meets_too", "kind": "evaluator", "about": "Waits for another one.",
    "threads": "reentrant", "deterministic": true, "columns": [],
    "configuration": {"type": "object", "additionalProperties": false,
      "properties": {"patience_ms": {"type": "integer"}}}
  }]
})");

LINEUP_PLUGIN("1.0.0", Meets, MeetsAlone, MeetsToo)
