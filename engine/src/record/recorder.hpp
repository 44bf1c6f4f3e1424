// SPDX-License-Identifier: Apache-2.0
//
// Keeps what happened in rings of fixed size. Serving threads never wait for those who read: a slot
// that is being copied out is stepped over. After warm-up recording allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"

namespace lineup {

struct RecorderOptions {
  std::uint32_t compact_count = 4096;  // compact records of the last requests
  std::uint32_t whole_count = 256;     // whole requests, sampled
  std::uint32_t kept_count = 128;      // whole requests that are always kept, see must_keep()
  std::uint32_t sample_every = 1;      // 1: every request is recorded whole; 0: only those to keep
  // Room that each slot has from the start; it grows when a request is larger.
  std::uint32_t slot_bytes = 64 * 1024;
  bool mask_user = false;
};

class Recorder {
 public:
  struct Counts {
    std::uint64_t recorded = 0;
    std::uint64_t whole = 0;
    std::uint64_t kept = 0;
    std::uint64_t dropped = 0;  // every slot tried was being read
  };

  explicit Recorder(RecorderOptions options = {});
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Whether record() would keep this request whole, so that packing it is worth while. Decides the
  // sampling: ask once per request and pass the request's bytes only when it said so. [request]
  [[nodiscard]] bool wants_whole(const Record& record) noexcept;
  // Remembers a request. Fills the keys and texts of `record` from `input`. [request]
  void record(Record record, const RecordInput& input) noexcept;

  // Relaxed, fallback, cut by the deadline, or the caller asked for it: goes to a ring of its own,
  // where ordinary requests do not push it out.
  [[nodiscard]] static bool must_keep(const Record& record);

  // The hash that stands for a user while users are masked; it differs from process to process.
  // Write it into the packed request too, which must not say more than the record. [any]
  [[nodiscard]] ShortText<16> masked(std::string_view user) const;
  [[nodiscard]] bool masks_users() const;

  // Newest first. Readers get copies. `item` finds only what was recorded whole. [any]
  [[nodiscard]] std::vector<Record> find(const RecordQuery& query) const;
  [[nodiscard]] std::vector<WholeRecord> find_whole(const RecordQuery& query) const;
  // The newest whole records after a sequence, oldest of them first. [any]
  [[nodiscard]] std::vector<WholeRecord> whole_after(std::uint64_t sequence,
                                                     std::size_t most) const;
  // The newest whole record of that request. [any]
  [[nodiscard]] std::optional<WholeRecord> whole(std::string_view request_id) const;

  // Appends the compact records of requests since `cursor` (0: from the beginning), oldest first,
  // and moves it on. Answers how many were overwritten before they could be read. A record that is
  // being written just now is left for the next time. One reader per cursor. [control]
  [[nodiscard]] std::uint64_t read_since(std::uint64_t& cursor, std::vector<Record>& out) const;

  [[nodiscard]] Counts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lineup
