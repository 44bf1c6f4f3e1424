// SPDX-License-Identifier: Apache-2.0
//
// What moves weights and live parameters besides people and hosts: the calendar, segments and
// experiments. A request's vector is composed in a fixed order, each source over those before it:
// policy, schedule, segment, experiment, load, live value, request.
//
// Experiments are layered: in a layer a user is in one bucket, and so in one variant at most; the
// buckets of two layers are drawn by different salts and are independent of each other.
// (Tang et al., Overlapping Experiment Infrastructure, KDD 2010.)
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "policy/document.hpp"

namespace lineup {

struct Plan;
struct Run;

// A dial is an objective's weight or a live parameter: weights first, then parameters.
struct DialSetting {
  std::uint32_t dial = 0;
  double value = 0.0;
};

struct Steer {
  std::int32_t segment = -1;  // -1: every request
  std::int64_t from_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();
  std::vector<DialSetting> set;
};

struct Variant {
  std::string name;
  std::uint32_t first_bucket = 0;
  std::uint32_t last_bucket = 0;
  std::vector<DialSetting> set;
};

struct Experiment {
  std::string name;
  std::uint64_t salt = 0;          // of its layer
  std::uint32_t context_slot = 0;  // where conditions read the variant
  std::vector<Variant> variants;
};

// From `from` of `context.load` on, besides what the levels before it do; the nodes that it leaves
// out know it (PlanNode::shed_at).
struct LoadLevel {
  std::string name;
  double from = 0.0;
  std::vector<DialSetting> set;
};

struct Steering {
  std::vector<Steer> schedule;  // without a segment, in the order of the file
  std::vector<Steer> segments;  // with one
  std::vector<Experiment> experiments;
  std::vector<LoadLevel> load;  // rising
  std::uint32_t load_slot = 0;  // of `context.load`
  std::uint64_t holdout_salt = 0;
  std::uint32_t holdout_buckets = 0;  // of kHoldoutBuckets
  std::uint32_t holdout_slot = 0;     // conditions read `experiment.holdout == "in"`

  [[nodiscard]] bool is_empty() const {
    return schedule.empty() && segments.empty() && experiments.empty() && holdout_buckets == 0;
  }
};

// A holdout is drawn to the hundredth of a percent.
inline constexpr std::uint32_t kHoldoutBuckets = 10'000;

// The bucket, of `count`, that a user falls into under a salt. The same on every machine. [any]
[[nodiscard]] std::uint32_t bucket_of(std::string_view user, std::uint64_t salt,
                                      std::uint32_t count);

// Resolves names against the plan's dials and segments and values against bounds; after both are
// compiled. Codes policy/unknown-dial, policy/range, policy/unknown-segment. [control]
void compile_steering(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics);

// A variant that the engine put the request into. Texts are the plan's.
struct AssignedVariant {
  std::string_view experiment;
  std::string_view variant;
};

// The variants the request is in: the host's where it says so, else by the user's bucket; a user of
// the holdout, or no user, is in none. Puts them where conditions read them and notes them in
// `run.assigned`. [request]
void assign_variants(Run& run);
// How many of the levels of `load` the request has reached. [request]
[[nodiscard]] std::uint32_t load_of(const Run& run);
// Puts schedule, segments, variants and levels of load over `dials` ([weights, then parameters],
// the policy's); after segments are known. [request]
void steer_dials(const Run& run, std::span<double> dials);

}  // namespace lineup
