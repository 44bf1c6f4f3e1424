// SPDX-License-Identifier: Apache-2.0
//
// What the page of a request would be if something were otherwise. The page was found already and
// is not touched: the same production code runs again on a copy of the request's state. Only for
// explanations, which may allocate and take their time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/run.hpp"

namespace lineup {

// A page by the engine's own search.
struct OtherPage {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> violations;  // [uses] hard and required
  double total = 0.0;                     // predicted value minus soft penalties
  bool is_complete = false;               // proven best
};

class PageReplay {
 public:
  explicit PageReplay(Run& run) : run_(run) {}

  // The engine's own page of this request under all its rules.
  [[nodiscard]] const std::optional<OtherPage>& own_page();
  // Its page without the use, and what own_page() is worth where that use does not count. Binds
  // code rules to another state of the request: comes after all questions about this one.
  struct Without {
    OtherPage page;
    double own_total = 0.0;
  };
  [[nodiscard]] std::optional<Without> without(std::size_t use);

  // The best page of `problem` that begins with `prefix`; nothing when the budget of all questions
  // is used up, or a code rule failed.
  [[nodiscard]] std::optional<OtherPage> best(const Problem& problem,
                                              std::span<const std::uint32_t> prefix,
                                              std::uint64_t work_limit);
  // A finished page as it is.
  [[nodiscard]] std::optional<OtherPage> value(const Problem& problem,
                                               std::span<const std::uint32_t> rows);
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  [[nodiscard]] std::optional<OtherPage> page_of(Run& run);
  [[nodiscard]] bool is_too_long(const Run& run, const OtherPage& page) const;

  Run& run_;
  std::optional<OtherPage> own_;
  bool has_own_ = false;
  std::uint64_t work_ = 0;
};

}  // namespace lineup
