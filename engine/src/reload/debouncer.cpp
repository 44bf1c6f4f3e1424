// SPDX-License-Identifier: Apache-2.0
#include "reload/debouncer.hpp"

#include <algorithm>

namespace lineup {

void Debouncer::change(std::int64_t now_ns) {
  if (!first_ns_) first_ns_ = now_ns;
  last_ns_ = now_ns;
}

std::optional<std::int64_t> Debouncer::due_ns() const {
  if (!first_ns_) return std::nullopt;
  return std::min(last_ns_ + quiet_ns_, *first_ns_ + longest_wait_ns_);
}

bool Debouncer::is_due(std::int64_t now_ns) const {
  const std::optional<std::int64_t> due = due_ns();
  return due && now_ns >= *due;
}

bool Debouncer::is_overdue(std::int64_t now_ns) const {
  return first_ns_ && now_ns >= *first_ns_ + longest_wait_ns_;
}

void Debouncer::done() { first_ns_.reset(); }

}  // namespace lineup
