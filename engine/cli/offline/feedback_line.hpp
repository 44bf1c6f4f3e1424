// SPDX-License-Identifier: Apache-2.0
//
// What a log says was shown and done: the `feedback` of a request line, in the layout that
// lineup_feedback() takes, with what offline evaluation needs besides:
//
//   "feedback": {"exposed": ["a", "b"], "events": [{"id": "b", "type": "click"}],
//                "slots": [1, 2], "propensities": [0.03, 0.1], "targets": [0.2, 0.1]}
//
// `slots` (from 1, increasing) where not the first ones were recorded; `propensities`: how likely
// the system that made the page was to show that item at that slot; `targets`: how likely the one
// that is judged is, where that is not a bundle's page but known otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup::cli {

struct Feedback {
  bool is_there = false;
  bool is_partial = false;  // `slots` were given: what stood on the others is not known
  std::vector<std::string> exposed;
  std::vector<std::uint32_t> slots;  // 0-based
  std::vector<double> rewards;       // 1: an event of the wanted type, else 0
  std::vector<double> propensities;  // empty: not known
  std::vector<double> targets;       // empty: the bundle's page decides
};

// One per thread: it keeps the parser's memory.
class FeedbackReader {
 public:
  // `event`: the type of event that counts as a reward.
  explicit FeedbackReader(std::string event);
  ~FeedbackReader();
  FeedbackReader(const FeedbackReader&) = delete;
  FeedbackReader& operator=(const FeedbackReader&) = delete;

  // Errors: feedback/json, feedback/value.
  [[nodiscard]] Result<void> read(std::string_view line, Feedback& out);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string event_;
};

}  // namespace lineup::cli
