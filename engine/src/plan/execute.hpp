// SPDX-License-Identifier: Apache-2.0
//
// Runs a plan on one request. There is always an answer, and no path shows a row that a required
// rule forbids.
#pragma once

#include "plan/plan.hpp"
#include "plan/request.hpp"

namespace lineup {

// Faults of the engine itself, counted: a slate whose certificate did not hold, a page given up for
// the fallback. Shared by all sessions.
struct Counters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> relaxed{0};
  std::atomic<std::uint64_t> fallbacks{0};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> certificates_refused{0};
  std::atomic<std::uint64_t> discarded{0};  // slates, under `on_violation: discard`
  std::atomic<std::uint64_t> rules_broken{0};
};

// The slate for `request`. The answer lives in the session's arena. Allocates nothing once the
// session is warm, takes no lock, throws nothing. [request]
[[nodiscard]] Response execute(const Plan& plan, const Request& request, Session& session,
                               Counters& counters);

// What `slate` breaks: answer Ok or Relaxed, with every violated rule, soft ones too; Error when it
// is no page of this batch. [request]
// Filters are listed too, with one violation for each row that they forbid.
[[nodiscard]] Response audit(const Plan& plan, const Request& request,
                             std::span<const std::uint32_t> slate, Session& session);

// Whether the request is in that segment of the plan, as serving would find. False when it could
// not be served at all. [request]
[[nodiscard]] bool is_in_segment(const Plan& plan, const Request& request, std::size_t segment,
                                 Session& session);

}  // namespace lineup
