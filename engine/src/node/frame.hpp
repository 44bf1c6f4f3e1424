// SPDX-License-Identifier: Apache-2.0
//
// One call's lineup_call and what stands behind its function pointers: budget, memory, errors.
#pragma once

#include <cstdint>
#include <string_view>

#include "lineup/plugin.h"
#include "node/instance.hpp"
#include "node/run.hpp"

namespace lineup {

// Lives in the request's arena; the plugin sees the lineup_call it begins with.
struct CallFrame : lineup_call {
  struct Sink : lineup_error_sink {
    CallFrame* frame = nullptr;
  };

  Arena* arena = nullptr;
  Sink sink;
  lineup_ids row_ids;
  lineup_ids past_ids;
  char* message = nullptr;  // [kMessageMaxBytes] once something was reported
  std::size_t message_size = 0;
  std::uint64_t work = 0;
  std::uint64_t work_at_clock = 0;  // when the clock was last read
  std::uint64_t bytes = 0;          // given to the plugin
  bool is_late = false;             // the deadline passed

  // Counts work; false when the budget or the deadline is used up.
  bool spend_units(std::uint64_t units);
  [[nodiscard]] bool is_exhausted() const { return is_late || work > work_limit; }
  [[nodiscard]] std::uint64_t work_left() const {
    return work < work_limit ? work_limit - work : 0;
  }

  void report(std::string_view text);
  // The report of a call that returned `status`.
  [[nodiscard]] RunReport finish(lineup_status status);
};

// Why this instance cannot serve the request, or empty.
[[nodiscard]] std::string_view refusal(const NodeInstance& instance, const NodeRequest& request);

// The frame with views of everything the instance bound. REQUIRES: no refusal. Throws
// std::bad_alloc when there is no memory.
[[nodiscard]] CallFrame* make_frame(const NodeInstance& instance, const NodeRequest& request);

}  // namespace lineup
