// SPDX-License-Identifier: Apache-2.0
//
// One worker's side of remembering: asks the remembered questions of the request at hand, and
// writes down what a function asks when it has to run.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "script/facts.hpp"
#include "script/recall.hpp"
#include "script/rule.hpp"

namespace lineup {

class Replay {
 public:
  Replay(Facts& facts, std::shared_ptr<Recall> recall, std::size_t uses);

  // A new request: codes stand for other texts now.
  void bind();

  // Whether calls of this use are still worth remembering.
  [[nodiscard]] bool is_on(std::size_t use) const { return !uses_[use].is_off; }
  void turn_off(std::size_t use) { uses_[use].is_off = true; }
  // What the call comes to, if it asks only what was asked before. The facts are set to it.
  [[nodiscard]] std::optional<double> replay(std::size_t use);

  // Between begin() and end(), everything that is asked is written down.
  void begin() {
    size_ = 0;
    charged_ = 0;
    is_lost_ = false;
    is_recording_ = true;
  }
  void end() { is_recording_ = false; }
  [[nodiscard]] bool is_recording() const { return is_recording_; }
  void note(const Question& question, const FactAnswer& answer);
  // item.tags:has(text)
  void note_has(RowName row, std::uint32_t column, std::string_view text, bool answer);
  // Questions since begin() that cost more on a longer slate, repeated ones included.
  [[nodiscard]] std::uint64_t charged() const { return charged_; }
  // Remembers what was written down.
  void keep(std::size_t use, double value);

  // A call that is not looked up.
  void pass() { count(passed_); }
  // [any]
  [[nodiscard]] CallCounts counts() const;

 private:
  // LIMIT: calls after which a use whose tree is full has to show that it repeats.
  static constexpr std::uint32_t kTrialCalls = 4096;
  struct Use {
    std::uint32_t asked = 0;
    std::uint32_t found = 0;
    bool is_off = false;
  };

  // One thread writes, so no read-modify-write is needed.
  static void count(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  [[nodiscard]] FactAnswer ask(const Question& question);
  // The bits by which the tree knows the answer. False: its text has no symbol.
  bool bits_of(const FactAnswer& answer, bool may_add, std::uint64_t& bits);
  void judge_use(std::size_t use);
  void add(const Question& question, FactAnswer::Tag tag, std::uint64_t bits);

  Facts& facts_;
  std::shared_ptr<Recall> recall_;
  std::vector<Use> uses_;
  std::vector<std::span<Symbol>> symbols_;  // [columns] by code; empty: none was looked up
  std::array<RecallStep, Recall::kStepsMax> steps_;
  std::size_t size_ = 0;
  std::uint64_t charged_ = 0;
  bool is_lost_ = false;
  bool is_recording_ = false;
  // Written by the worker's thread alone, read by whoever reports.
  std::atomic<std::uint64_t> passed_{0};
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<std::uint64_t> found_{0};
};

}  // namespace lineup
