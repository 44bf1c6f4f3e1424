// SPDX-License-Identifier: Apache-2.0
//
// What was decided, request by request, as JSON lines in the engine's state directory: every so
// many-th request, and each that went wrong. It reads the recorder's rings from a thread of its
// own; requests never wait for it, and what it could not keep up with is counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "facade/state/fault_note.hpp"
#include "record/recorder.hpp"

namespace lineup {

struct DecisionOptions {
  std::string directory;
  std::uint32_t every = 0;  // 0: nothing is written
  std::uint64_t file_bytes = 64ULL << 20;
};

// decisions.jsonl, then decisions.1.jsonl, ... with the oldest.
inline constexpr int kDecisionFiles = 4;

class DecisionLog {
 public:
  struct Counts {
    std::uint64_t written = 0;
    std::uint64_t passed_over = 0;  // not in the sample
    std::uint64_t dropped = 0;      // overwritten before they were read, or could not be written
  };

  explicit DecisionLog(DecisionOptions options);
  ~DecisionLog();
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  [[nodiscard]] bool is_on() const { return options_.every > 0 && !options_.directory.empty(); }
  // The ids of the nodes of a scene's plan, in their order; empty when the revision is gone.
  using NodeNames =
      std::function<std::vector<std::string>(std::string_view revision, std::string_view scene)>;
  // Writes what was recorded since the last time. Code: decisions/not-kept; what could not be
  // written is dropped. One thread at a time. [control]
  [[nodiscard]] Result<void> drain(const Recorder& recorder, const NodeNames& names);
  [[nodiscard]] Counts counts() const;
  // Why the last decisions could not be written; empty: they were. [any]
  [[nodiscard]] std::string fault() const { return fault_.text(); }

 private:
  [[nodiscard]] bool is_wanted(const Record& record) const;
  [[nodiscard]] Result<void> append(const std::string& lines);
  [[nodiscard]] Result<void> rotate();
  [[nodiscard]] std::string path(int index) const;

  const DecisionOptions options_;
  std::string run_;  // tells the decisions of one engine from those of another
  std::uint64_t cursor_ = 0;
  int file_ = -1;
  std::uint64_t file_size_ = 0;
  std::vector<Record> records_;
  FaultNote fault_;
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> passed_over_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace lineup
