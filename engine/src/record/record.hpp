// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of a request: a compact record of every one, and of some all that is needed
// to look at it and to play it again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lineup {

// Text of a bounded length inside a record; what is longer is cut.
template <std::size_t N>
struct ShortText {
  std::array<char, N> bytes{};

  void assign(std::string_view text) {
    const std::size_t size = text.size() < N ? text.size() : N;
    for (std::size_t i = 0; i < N; ++i) bytes[i] = i < size ? text[i] : '\0';
  }
  [[nodiscard]] std::string_view view() const {
    const std::string_view all(bytes.data(), N);
    return all.substr(0, all.find('\0') == std::string_view::npos ? N : all.find('\0'));
  }
};

// A rule that did not hold on a page, and by how much.
struct RelaxedNote {
  ShortText<24> rule;
  std::uint32_t violations = 0;
};
// LIMIT: of so many a record tells; a page on which more rules gave way counts them.
inline constexpr std::size_t kRelaxedNotes = 4;

// What one node of the graph did, by its place in the plan.
struct NodeNote {
  std::uint32_t elapsed_us = 0;
  std::uint16_t slates = 0;
  std::int8_t status = 0;
  bool has_run = false;
};
// LIMIT: of so many a record tells; graphs of more are rare, and a trace tells of all.
inline constexpr std::size_t kNodeNotes = 8;

// One request in a fixed number of bytes.
struct Record {
  std::uint64_t sequence = 0;  // set by the recorder: later requests have larger ones
  std::int64_t wall_ms = 0;    // when it was answered
  std::int64_t elapsed_ns = 0;
  std::int64_t now_ms = 0;  // the request's own clock
  std::uint64_t seed = 0;
  std::uint64_t work = 0;   // units of search
  double propensity = 1.0;  // with which the slate was picked
  std::uint64_t input_hash = 0;
  std::uint64_t weights_hash = 0;  // of the composed weights and live parameters
  std::uint64_t slate_hash = 0;
  std::uint64_t request_key = 0;  // of the whole request id, set by the recorder, as are the next
  std::uint64_t user_key = 0;     // 0: no user
  std::uint64_t scene_key = 0;
  std::uint32_t row_count = 0;
  std::uint16_t slate_count = 0;
  std::uint8_t answer = 0;            // LINEUP_ANSWER_*
  std::uint8_t search = 0;            // LINEUP_SEARCH_*
  std::uint32_t candidate_count = 0;  // after filters
  std::uint32_t relaxed_count = 0;
  std::uint32_t violation_count = 0;  // of hard rules, in units
  std::uint32_t node_count = 0;
  bool keep = false;   // the caller asked that it be kept
  bool whole = false;  // set by the recorder: was recorded whole
  std::array<RelaxedNote, kRelaxedNotes> relaxed;
  std::array<NodeNote, kNodeNotes> nodes;
  ShortText<16> revision;
  ShortText<32> scene;
  ShortText<48> request_id;
};
static_assert(std::is_trivially_copyable_v<Record>);

// What a serving thread hands over; borrowed until record() returns.
struct RecordInput {
  std::string_view request_id;
  std::string_view user;  // as the host gave it; masked by the recorder when that is asked for
  std::string_view scene;
  std::string_view revision;
  std::span<const std::byte> request;  // packed; empty: no whole record is made
  // Where `request` stands, when the recorder may have it: the ring's buffer comes back for it, and
  // nothing is copied.
  std::vector<std::byte>* request_buffer = nullptr;
  std::span<const std::byte> response;   // packed
  std::span<const std::uint32_t> slate;  // rows, in slot order
  std::span<const std::uint64_t> items;  // item_key of the rows the request can be found by
};

// A whole request, copied out.
struct WholeRecord {
  Record record;
  std::string request_id;
  std::string user;  // a hash when users are masked
  std::string scene;
  std::string revision;
  std::vector<std::byte> request;
  std::vector<std::byte> response;
  std::vector<std::uint32_t> slate;
  std::vector<std::uint64_t> items;
};

// What to look for; every field that is given must fit.
struct RecordQuery {
  std::string request_id;
  std::string user;  // unmasked
  std::string item;  // only whole records know their items
  std::string scene;
  std::size_t most = 100;
};

// What an item is found by. A number and its decimal digits are found by the same query.
[[nodiscard]] std::uint64_t item_key(std::string_view id);
[[nodiscard]] std::uint64_t item_key(std::int64_t id);

}  // namespace lineup
