// SPDX-License-Identifier: Apache-2.0
//
// When to act on a burst of changes: after a quiet time, but never later than a longest wait, so
// that files written without pause are still loaded. Knows no clock: the caller says what time it
// is.
#pragma once

#include <cstdint>
#include <optional>

namespace lineup {

class Debouncer {
 public:
  Debouncer(std::int64_t quiet_ns, std::int64_t longest_wait_ns)
      : quiet_ns_(quiet_ns), longest_wait_ns_(longest_wait_ns) {}

  // Something changed.
  void change(std::int64_t now_ns);
  // When to act; nothing while all is quiet.
  [[nodiscard]] std::optional<std::int64_t> due_ns() const;
  [[nodiscard]] bool is_due(std::int64_t now_ns) const;
  // Whether waiting any longer would break the promise of the longest wait.
  [[nodiscard]] bool is_overdue(std::int64_t now_ns) const;
  // It was acted upon; the next change begins a new burst.
  void done();

 private:
  std::int64_t quiet_ns_;
  std::int64_t longest_wait_ns_;
  std::optional<std::int64_t> first_ns_;
  std::int64_t last_ns_ = 0;
};

}  // namespace lineup
