// SPDX-License-Identifier: Apache-2.0
//
// A block that is there is asked for, with the defaults of rollout/plan.hpp for what it leaves out;
// a bundle that has a `rollout` at all gets its proof and its cases unless it says otherwise.
#include "policy/bundle_file.hpp"

#include <fmt/format.h>

#include <array>

#include "policy/fields.hpp"

namespace lineup {

namespace {

// LIMIT: a trial longer than a week is forgotten by those who began it.
constexpr double kTimeMaxMs = 7.0 * 24 * 3600 * 1000;
constexpr double kRequestsMax = 1e9;

constexpr PolicyKey percent_key(const char* name, const char* about) {
  return {name, KeyShape::Number, about, false, 0, 100};
}
constexpr PolicyKey time_key(const char* about) {
  return {"time_ms", KeyShape::Integer, about, false, 1, kTimeMaxMs};
}

constexpr PolicyKey kRequestsMin = {"requests_min",
                                    KeyShape::Integer,
                                    "With fewer requests nothing is decided; 100 by default.",
                                    false,
                                    1,
                                    kRequestsMax};
constexpr PolicyKey kErrors =
    percent_key("errors_percent", "How many more requests may fail, in points; 0 by default.");
constexpr PolicyKey kFallbacks = percent_key(
    "fallbacks_percent", "How many more may get the fallback, in points; 1 by default.");
constexpr PolicyKey kEmpty =
    percent_key("empty_percent", "How many more slates may be empty, in points; 1 by default.");
constexpr PolicyKey kLate = percent_key(
    "late_percent", "How many more may be cut by the deadline, in points; 1 by default.");
constexpr PolicyKey kBreaches = percent_key(
    "breaches_percent", "How many more may have a rule that broke its budget; 1 by default.");
constexpr PolicyKey kP99 = {"p99_ratio",
                            KeyShape::Number,
                            "How many times the 99th percentile of before is allowed; 2 by "
                            "default.",
                            false,
                            1,
                            1000};

constexpr std::array kReplayKeys = {
    PolicyKey{"requests", KeyShape::Integer, "How many of the last recorded; 100 by default.",
              false, 1, 256},
    PolicyKey{"errors", KeyShape::Integer, "More errors and fallbacks than then; 0 by default.",
              false, 0, 256},
    PolicyKey{"late", KeyShape::Integer, "More deadline misses than then; 0 by default.", false, 0,
              256},
    PolicyKey{"violations", KeyShape::Integer, "More violations of rules than then; 0 by default.",
              false, 0, kRequestsMax},
    percent_key("changed_percent", "Pages that may differ; 100 by default."),
};
constexpr PolicyKeyTable kReplayTable = {"`replay`", kReplayKeys};

constexpr std::array kShadowKeys = {
    percent_key("percent", "Of the recorded requests; 10 by default."),
    time_key("How long; 60000 by default."),
    percent_key("cpu_percent", "Of one processor; 10 by default."),
    percent_key("changed_percent", "Pages that may differ; 100 by default."),
    kRequestsMin,
    kErrors,
    kFallbacks,
    kEmpty,
    kLate,
    kBreaches,
    kP99,
};
constexpr PolicyKeyTable kShadowTable = {"`shadow`", kShadowKeys};

constexpr std::array kCanaryKeys = {
    percent_key("percent", "Of users; 5 by default."),
    time_key("How long; 60000 by default."),
    kRequestsMin,
    kErrors,
    kFallbacks,
    kEmpty,
    kLate,
    kBreaches,
    kP99,
};
constexpr PolicyKeyTable kCanaryTable = {"`canary`", kCanaryKeys};

constexpr std::array kWatchKeys = {
    time_key("How long after it went live; 60000 by default."),
    kRequestsMin,
    kErrors,
    kFallbacks,
    kEmpty,
    kLate,
    kBreaches,
    kP99,
};
constexpr PolicyKeyTable kWatchTable = {"`watch`", kWatchKeys};

constexpr std::array kRolloutKeys = {
    PolicyKey{"proof", KeyShape::Boolean,
              "Load and compile in a process of its own first; true by default."},
    PolicyKey{"proof_time_ms", KeyShape::Integer,
              "How long that process may take, cases and replay included; 45000 by default.", false,
              100, 600'000},
    PolicyKey{"cases", KeyShape::Boolean,
              "Run the cases beside the bundle's rules first; true by default."},
    PolicyKey{.name = "replay",
              .shape = KeyShape::Table,
              .about = "Answer the last recorded requests first.",
              .table = &kReplayTable},
    PolicyKey{.name = "shadow",
              .shape = KeyShape::Table,
              .about = "Then answer requests beside what serves, without showing it.",
              .table = &kShadowTable},
    PolicyKey{.name = "canary",
              .shape = KeyShape::Table,
              .about = "Then serve some of the users.",
              .table = &kCanaryTable},
    PolicyKey{.name = "watch",
              .shape = KeyShape::Table,
              .about = "Once live, take it back when it is worse than what it replaced.",
              .table = &kWatchTable},
};
constexpr PolicyKeyTable kRolloutTable = {"`rollout`", kRolloutKeys};

constexpr std::array kBundleKeys = {
    PolicyKey{.name = "rollout",
              .shape = KeyShape::Table,
              .about = "How a new revision is proven, tried and watched.",
              .table = &kRolloutTable},
};
constexpr PolicyKeyTable kBundleTable = {"bundle.yaml", kBundleKeys};

template <typename Integer>
Integer whole(const PolicyFields& fields, std::string_view key, Integer otherwise) {
  return static_cast<Integer>(fields.number(key, static_cast<double>(otherwise)));
}

void read_limits(const PolicyFields& fields, TrialLimits& out) {
  out.requests_min = whole(fields, "requests_min", out.requests_min);
  out.errors_percent = fields.number("errors_percent", out.errors_percent);
  out.fallbacks_percent = fields.number("fallbacks_percent", out.fallbacks_percent);
  out.empty_percent = fields.number("empty_percent", out.empty_percent);
  out.late_percent = fields.number("late_percent", out.late_percent);
  out.breaches_percent = fields.number("breaches_percent", out.breaches_percent);
  out.p99_ratio = fields.number("p99_ratio", out.p99_ratio);
}

class RolloutReader {
 public:
  explicit RolloutReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void read(const YamlNode& node, RolloutPlan& out) {
    const PolicyFields fields(node, kRolloutTable, diagnostics_);
    out.proof = fields.boolean("proof", true);
    out.cases = fields.boolean("cases", out.proof);
    out.proof_time_ms = whole(fields, "proof_time_ms", out.proof_time_ms);
    if (const YamlNode* block = fields.find("replay")) read_replay(*block, out.replay.emplace());
    if (const YamlNode* block = fields.find("shadow")) read_shadow(*block, out.shadow.emplace());
    if (const YamlNode* block = fields.find("canary")) read_canary(*block, out.canary.emplace());
    if (const YamlNode* block = fields.find("watch")) read_watch(*block, out.watch.emplace());
    if (out.proof) return;
    for (const char* key : {"cases", "replay"}) {
      const bool is_asked = std::string_view(key) == "cases" ? out.cases : out.replay.has_value();
      if (!is_asked) continue;
      diagnostics_.error(fields.key_span(key), "bundle/needs-proof",
                         fmt::format("`{}` runs in the process of the proof, which is off", key),
                         fmt::format("leave out `proof: false`, or `{}`", key));
    }
  }

 private:
  void read_replay(const YamlNode& node, ReplayPlan& out) {
    const PolicyFields fields(node, kReplayTable, diagnostics_);
    out.requests = whole(fields, "requests", out.requests);
    out.errors = whole(fields, "errors", out.errors);
    out.late = whole(fields, "late", out.late);
    out.violations = whole(fields, "violations", out.violations);
    out.changed_percent = fields.number("changed_percent", out.changed_percent);
  }

  void read_shadow(const YamlNode& node, ShadowPlan& out) {
    const PolicyFields fields(node, kShadowTable, diagnostics_);
    out.percent = fields.number("percent", out.percent);
    out.time_ms = whole(fields, "time_ms", out.time_ms);
    out.cpu_percent = fields.number("cpu_percent", out.cpu_percent);
    out.limits.changed_percent = fields.number("changed_percent", out.limits.changed_percent);
    read_limits(fields, out.limits);
  }

  void read_canary(const YamlNode& node, CanaryPlan& out) {
    const PolicyFields fields(node, kCanaryTable, diagnostics_);
    out.percent = fields.number("percent", out.percent);
    out.time_ms = whole(fields, "time_ms", out.time_ms);
    read_limits(fields, out.limits);
  }

  void read_watch(const YamlNode& node, WatchPlan& out) {
    const PolicyFields fields(node, kWatchTable, diagnostics_);
    out.time_ms = whole(fields, "time_ms", out.time_ms);
    read_limits(fields, out.limits);
  }

  Diagnostics& diagnostics_;
};

bool has_nothing(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

bool parse_bundle_file(const std::string& path, std::string_view text, RolloutPlan& out,
                       Diagnostics& diagnostics) {
  out = RolloutPlan();
  if (has_nothing(text)) return true;
  Diagnostics found;
  YamlNode root;
  if (read_yaml(path, text, root, found) && root.kind != Value::Kind::Null) {
    if (root.kind != Value::Kind::Map) {
      found.error(root.span, "bundle/type", "bundle.yaml must be a map", "write rollout: {...}");
    }
    const PolicyFields fields(root, kBundleTable, found);
    if (const YamlNode* rollout = fields.find("rollout")) RolloutReader(found).read(*rollout, out);
  }
  found.sort();
  diagnostics.append(found);
  return !found.has_errors();
}

}  // namespace lineup
