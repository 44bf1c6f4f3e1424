// SPDX-License-Identifier: Apache-2.0
//
// Three rings: compact records of everything, whole requests as they come, and whole requests that
// must be kept. A query looks at each slot under its lock, compares, and copies out only what it
// will answer with. Users are found by a hash in every case, so a masked record answers a query for
// the user who made it.
#include "record/recorder.hpp"

#include <lineup/engine.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <charconv>
#include <new>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "record/ring.hpp"

namespace lineup {

namespace {

// LIMIT: requests that record at the same moment; a slot that is empty behind so many later ones
// was stepped over.
constexpr std::uint64_t kInFlight = 64;

constexpr std::uint64_t kItemSeed = 0x6974656d;

std::uint64_t key_of(std::string_view text, std::uint64_t seed) {
  if (text.empty()) return 0;
  const std::uint64_t key = hash64(text, seed);
  return key == 0 ? 1 : key;
}

// Nobody who reads a record can find the user by hashing all users: the seed is not in it.
std::uint64_t secret_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) {
    seed = mix64(static_cast<std::uint64_t>(monotonic_ns()));
  }
  return seed;
}

ShortText<16> mask_of(std::uint64_t user_key) {
  ShortText<16> mask;
  if (user_key == 0) return mask;
  for (std::size_t i = 0; i < 16; ++i) {
    mask.bytes[i] = "0123456789abcdef"[(user_key >> (60 - 4 * i)) & 15U];
  }
  return mask;
}

// Grows in powers of two, so that requests of slightly different sizes soon stop allocating.
template <typename Container, typename Source>
void fill(Container& target, const Source& source) {
  if (source.size() > target.capacity()) target.reserve(std::bit_ceil(source.size()));
  target.assign(source.begin(), source.end());
}

// A query with its texts turned into keys.
struct Keys {
  std::uint64_t request = 0;
  std::uint64_t user = 0;
  std::uint64_t scene = 0;
  std::uint64_t item = 0;
  std::uint64_t item_number = 0;

  [[nodiscard]] bool fits(const Record& record) const {
    return (request == 0 || request == record.request_key) &&
           (user == 0 || user == record.user_key) && (scene == 0 || scene == record.scene_key);
  }
  [[nodiscard]] bool fits(const WholeRecord& whole) const {
    if (!fits(whole.record)) return false;
    if (item == 0) return true;
    return std::any_of(whole.items.begin(), whole.items.end(), [this](std::uint64_t key) {
      return key == item || (item_number != 0 && key == item_number);
    });
  }
};

void keep_newest(std::vector<Record>& records, std::size_t most) {
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return a.sequence > b.sequence; });
  if (records.size() > most) records.resize(most);
}

}  // namespace

struct Recorder::State {
  explicit State(const RecorderOptions& given)
      : options(given),
        seed(given.mask_user ? secret_seed() : 0),
        compact(std::max(given.compact_count, 1U)),
        sampled(std::max(given.whole_count, 1U)),
        kept(std::max(given.kept_count, 1U)) {
    for (Ring<WholeRecord>* ring : {&sampled, &kept}) {
      ring->prepare([&given](WholeRecord& slot) {
        slot.request_id.reserve(64);
        slot.user.reserve(64);
        slot.scene.reserve(32);
        slot.revision.reserve(32);
        slot.request.reserve(given.slot_bytes);
        slot.response.reserve(given.slot_bytes / 4);
        slot.slate.reserve(64);
        slot.items.reserve(1024);
      });
    }
  }

  [[nodiscard]] Keys keys_of(const RecordQuery& query) const {
    Keys keys;
    keys.request = key_of(query.request_id, 0);
    keys.user = key_of(query.user, seed);
    keys.scene = key_of(query.scene, 0);
    if (query.item.empty()) return keys;
    keys.item = item_key(std::string_view(query.item));
    std::int64_t number = 0;
    std::from_chars(query.item.data(), query.item.data() + query.item.size(), number);
    // "08" and "+8" are texts, not the number 8.
    if (std::to_string(number) == query.item) keys.item_number = item_key(number);
    return keys;
  }

  // What fits in a ring, without the blobs: where it is, and its sequence.
  struct Place {
    std::uint64_t sequence;
    const Ring<WholeRecord>* ring;
    std::uint32_t index;
  };
  [[nodiscard]] std::vector<Place> places_of(const Keys& keys, std::size_t most) const {
    std::vector<Place> places;
    for (const Ring<WholeRecord>* ring : {&sampled, &kept}) {
      for (std::uint32_t i = 0; i < ring->count(); ++i) {
        ring->visit(i, [&](const WholeRecord& whole) {
          if (keys.fits(whole)) places.push_back({whole.record.sequence, ring, i});
        });
      }
    }
    std::sort(places.begin(), places.end(),
              [](const Place& a, const Place& b) { return a.sequence > b.sequence; });
    if (places.size() > most) places.resize(most);
    return places;
  }

  bool put_whole(const Record& record, const RecordInput& input) noexcept;

  const RecorderOptions options;
  const std::uint64_t seed;
  Ring<Record> compact;
  Ring<WholeRecord> sampled;
  Ring<WholeRecord> kept;
  std::atomic<std::uint64_t> sample{0};
  std::atomic<std::uint64_t> dropped{0};
};

Recorder::Recorder(RecorderOptions options) : state_(std::make_unique<State>(options)) {}

Recorder::~Recorder() = default;

bool Recorder::must_keep(const Record& record) {
  return record.keep || record.answer == LINEUP_ANSWER_RELAXED ||
         record.answer == LINEUP_ANSWER_FALLBACK || record.search == LINEUP_SEARCH_DEADLINE;
}

bool Recorder::wants_whole(const Record& record) noexcept {
  if (must_keep(record)) return true;
  const std::uint32_t every = state_->options.sample_every;
  if (every <= 1) return every == 1;
  return state_->sample.fetch_add(1, std::memory_order_relaxed) % every == 0;
}

void Recorder::record(Record record, const RecordInput& input) noexcept {
  record.request_key = key_of(input.request_id, 0);
  record.user_key = key_of(input.user, state_->seed);
  record.scene_key = key_of(input.scene, 0);
  record.revision.assign(input.revision);
  record.scene.assign(input.scene);
  record.request_id.assign(input.request_id);
  record.whole = !input.request.empty();
  const bool put = state_->compact.put([&record](Record& slot, std::uint64_t ticket) {
    record.sequence = ticket + 1;
    slot = record;
    return true;
  });
  const bool lost = !put || (record.whole && !state_->put_whole(record, input));
  if (lost) state_->dropped.fetch_add(1, std::memory_order_relaxed);
}

bool Recorder::State::put_whole(const Record& record, const RecordInput& input) noexcept {
  Ring<WholeRecord>& ring = must_keep(record) ? kept : sampled;
  return ring.put([&](WholeRecord& slot, std::uint64_t) {
    try {
      slot.record = record;
      fill(slot.request_id, input.request_id);
      if (options.mask_user) {
        const ShortText<16> mask = mask_of(record.user_key);
        fill(slot.user, mask.view());
      } else {
        fill(slot.user, input.user);
      }
      fill(slot.scene, input.scene);
      fill(slot.revision, input.revision);
      if (input.request_buffer != nullptr) {
        slot.request.swap(*input.request_buffer);
      } else {
        fill(slot.request, input.request);
      }
      fill(slot.response, input.response);
      fill(slot.slate, input.slate);
      fill(slot.items, input.items);
      return true;
    } catch (const std::bad_alloc&) {
      return false;  // half filled: the slot counts as empty
    }
  });
}

ShortText<16> Recorder::masked(std::string_view user) const {
  return mask_of(key_of(user, state_->seed));
}

bool Recorder::masks_users() const { return state_->options.mask_user; }

std::vector<Record> Recorder::find(const RecordQuery& query) const {
  std::vector<Record> found;
  const Keys keys = state_->keys_of(query);
  if (keys.item != 0) {
    for (const State::Place& place : state_->places_of(keys, query.most)) {
      place.ring->visit(place.index, [&](const WholeRecord& whole) {
        if (whole.record.sequence == place.sequence) found.push_back(whole.record);
      });
    }
    return found;
  }
  for (std::uint32_t i = 0; i < state_->compact.count(); ++i) {
    state_->compact.visit(i, [&](const Record& record) {
      if (keys.fits(record)) found.push_back(record);
    });
  }
  keep_newest(found, query.most);
  return found;
}

std::vector<WholeRecord> Recorder::find_whole(const RecordQuery& query) const {
  std::vector<WholeRecord> found;
  for (const State::Place& place : state_->places_of(state_->keys_of(query), query.most)) {
    place.ring->visit(place.index, [&](const WholeRecord& whole) {
      if (whole.record.sequence == place.sequence) found.push_back(whole);
    });
  }
  return found;
}

std::vector<WholeRecord> Recorder::whole_after(std::uint64_t sequence, std::size_t most) const {
  std::vector<WholeRecord> found;
  std::vector<State::Place> places = state_->places_of({}, most);
  std::reverse(places.begin(), places.end());
  for (const State::Place& place : places) {
    if (place.sequence <= sequence) continue;
    place.ring->visit(place.index, [&](const WholeRecord& whole) {
      if (whole.record.sequence == place.sequence) found.push_back(whole);
    });
  }
  return found;
}

std::optional<WholeRecord> Recorder::whole(std::string_view request_id) const {
  RecordQuery query;
  query.request_id = request_id;
  query.most = 1;
  std::vector<WholeRecord> found = find_whole(query);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::uint64_t Recorder::read_since(std::uint64_t& cursor, std::vector<Record>& out) const {
  const Ring<Record>& ring = state_->compact;
  const std::uint64_t end = ring.ticket_count();
  std::uint64_t lost = 0;
  if (end - cursor > ring.count()) {
    lost = end - cursor - ring.count();
    cursor = end - ring.count();
  }
  for (; cursor < end; ++cursor) {
    std::uint64_t sequence = 0;
    ring.visit(static_cast<std::uint32_t>(cursor % ring.count()), [&](const Record& record) {
      sequence = record.sequence;
      if (sequence == cursor + 1) out.push_back(record);
    });
    if (sequence > cursor + 1) ++lost;  // overwritten while this was read
    // Not there yet, or stepped over by its writer, which then took a later slot: only when
    // nothing came after it may it still come.
    if (sequence < cursor + 1 && cursor + kInFlight >= end) break;
  }
  return lost;
}

Recorder::Counts Recorder::counts() const {
  Counts counts;
  counts.recorded = state_->compact.put_count();
  counts.kept = state_->kept.put_count();
  counts.whole = state_->sampled.put_count() + counts.kept;
  counts.dropped = state_->dropped.load(std::memory_order_relaxed);
  return counts;
}

std::uint64_t item_key(std::string_view id) { return hash64(id, kItemSeed); }

std::uint64_t item_key(std::int64_t id) {
  return mix64(static_cast<std::uint64_t>(id) ^ kItemSeed);
}

}  // namespace lineup
