// SPDX-License-Identifier: Apache-2.0
#include "plan/steering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bits.hpp"
#include "base/hash.hpp"
#include "plan/plan.hpp"
#include "plan/run.hpp"

namespace lineup {

namespace {

// What conditions and responses call the holdout: an experiment with one variant.
constexpr std::string_view kHoldout = "holdout";
constexpr std::string_view kHeldOut = "in";

class Compiler {
 public:
  Compiler(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics)
      : document_(document), plan_(plan), diagnostics_(diagnostics) {}

  void run() {
    for (const PolicySteer& steer : document_.steer) add_steer(steer);
    for (const PolicyExperiment& experiment : document_.experiments) add_experiment(experiment);
    for (const PolicyLoadLevel& level : document_.load) {
      plan_.steering.load.push_back({level.name, level.from, settings(level.set)});
    }
    if (!document_.load.empty()) plan_.steering.load_slot = plan_.context.slot("load");
    if (document_.holdout_percent <= 0.0) return;
    plan_.steering.holdout_slot =
        plan_.context.slot(fmt::format("{}{}", kExperimentPrefix, kHoldout));
    plan_.steering.holdout_salt = hash64(document_.holdout_salt);
    plan_.steering.holdout_buckets = static_cast<std::uint32_t>(
        std::lround(document_.holdout_percent / 100.0 * kHoldoutBuckets));
  }

 private:
  const Dial& dial(std::uint32_t index) const {
    return index < plan_.weights.size() ? plan_.weights[index]
                                        : plan_.parameters[index - plan_.weights.size()];
  }

  void add_setting(const PolicySetting& setting, std::vector<DialSetting>& out) {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < plan_.dial_count(); ++i) {
      const Dial& each = dial(i);
      names.push_back(each.name);
      if (each.name != setting.name) continue;
      if (setting.value >= each.min && setting.value <= each.max) {
        out.push_back({i, setting.value});
        return;
      }
      diagnostics_
          .error(setting.value_span, "policy/range",
                 fmt::format("`{}` must lie between {} and {}, got {}", each.name, each.min,
                             each.max, setting.value),
                 each.min == each.max ? "give the weight a `min` and a `max`" : "")
          .arguments = {{"name", each.name}};
      return;
    }
    const std::string near = nearest(setting.name, names);
    diagnostics_
        .error(setting.span, "policy/unknown-dial",
               fmt::format("`{}` is no objective and no live parameter", setting.name),
               near.empty() ? "a number is live when it says `{value, live: {min, max}}`"
                            : fmt::format("did you mean `{}`?", near))
        .arguments = {{"name", setting.name}, {"nearest", near}};
  }

  std::vector<DialSetting> settings(const std::vector<PolicySetting>& list) {
    std::vector<DialSetting> out;
    for (const PolicySetting& setting : list) add_setting(setting, out);
    return out;
  }

  void add_steer(const PolicySteer& steer) {
    Steer out;
    out.from_ms = steer.from_ms.value_or(out.from_ms);
    out.until_ms = steer.until_ms.value_or(out.until_ms);
    out.set = settings(steer.set);
    if (steer.segment.empty()) {
      plan_.steering.schedule.push_back(std::move(out));
      return;
    }
    const auto& names = plan_.segment_names;
    const auto found = std::find(names.begin(), names.end(), steer.segment);
    if (found == names.end()) {
      const std::string near = nearest(steer.segment, names);
      diagnostics_
          .error(steer.segment_span, "policy/unknown-segment",
                 fmt::format("unknown segment `{}`", steer.segment),
                 near.empty() ? "" : fmt::format("did you mean `{}`?", near))
          .arguments = {{"name", steer.segment}, {"nearest", near}};
      return;
    }
    out.segment = static_cast<std::int32_t>(found - names.begin());
    plan_.steering.segments.push_back(std::move(out));
  }

  void add_experiment(const PolicyExperiment& experiment) {
    if (experiment.name == kHoldout) {
      diagnostics_
          .error(experiment.span, "policy/name", "`holdout` is no name of an experiment",
                 "`experiment.holdout` says who is in none")
          .arguments = {{"name", experiment.name}};
      return;
    }
    Experiment out;
    out.name = experiment.name;
    out.salt = hash64(experiment.layer);
    out.context_slot = plan_.context.slot(fmt::format("{}{}", kExperimentPrefix, experiment.name));
    for (const PolicyVariant& variant : experiment.variants) {
      out.variants.push_back(
          {variant.name, variant.first_bucket, variant.last_bucket, settings(variant.set)});
    }
    plan_.steering.experiments.push_back(std::move(out));
  }

  const PolicyDocument& document_;
  Plan& plan_;
  Diagnostics& diagnostics_;
};

const Variant* find_variant(const Experiment& experiment, std::string_view name) {
  for (const Variant& variant : experiment.variants) {
    if (variant.name == name) return &variant;
  }
  return nullptr;
}

const Variant* draw_variant(const Experiment& experiment, std::string_view user) {
  const std::uint32_t bucket = bucket_of(user, experiment.salt, kBuckets);
  for (const Variant& variant : experiment.variants) {
    if (bucket >= variant.first_bucket && bucket <= variant.last_bucket) return &variant;
  }
  return nullptr;
}

void put(const std::vector<DialSetting>& set, std::span<double> dials) {
  for (const DialSetting& setting : set) dials[setting.dial] = setting.value;
}

}  // namespace

std::uint32_t bucket_of(std::string_view user, std::uint64_t salt, std::uint32_t count) {
  return static_cast<std::uint32_t>(hash64(user, salt) % count);
}

void compile_steering(const PolicyDocument& document, Plan& plan, Diagnostics& diagnostics) {
  Compiler(document, plan, diagnostics).run();
}

namespace {

// Which variant of an experiment the request is in; null: none. What the engine drew is noted.
const Variant* choose(Run& run, const Experiment& experiment, bool is_held_out, Scalar& said,
                      std::span<AssignedVariant> assigned, std::size_t& count) {
  if (said.kind == Scalar::Kind::Text) {
    const Variant* variant = find_variant(experiment, said.text);
    if (variant == nullptr) {
      warn(run, "the host names a variant that its experiment does not have: nothing is set");
    }
    return variant;
  }
  if (is_held_out || run.request.user.empty()) return nullptr;
  const Variant* variant = draw_variant(experiment, run.request.user);
  if (variant == nullptr) return nullptr;
  said = Scalar::of(std::string_view(variant->name));
  assigned[count++] = {experiment.name, variant->name};
  return variant;
}

}  // namespace

void assign_variants(Run& run) {
  const Steering& steering = run.plan.steering;
  run.context.context = run.request.context;
  if (steering.experiments.empty() && steering.holdout_buckets == 0) return;
  auto context = run.arena.allocate<Scalar>(run.request.context.size());
  std::copy(run.request.context.begin(), run.request.context.end(), context.begin());
  run.context.context = context;
  auto variants = run.arena.filled<const Variant*>(steering.experiments.size(), nullptr);
  auto assigned = run.arena.allocate<AssignedVariant>(steering.experiments.size() + 1);
  const std::string_view user = run.request.user;
  std::size_t count = 0;
  bool is_held_out = false;
  if (steering.holdout_buckets > 0) {
    Scalar& said = context[steering.holdout_slot];
    is_held_out = said.kind == Scalar::Kind::Text
                      ? said.text == kHeldOut
                      : !user.empty() && bucket_of(user, steering.holdout_salt, kHoldoutBuckets) <
                                             steering.holdout_buckets;
    if (is_held_out && said.kind != Scalar::Kind::Text) {
      said = Scalar::of(kHeldOut);
      assigned[count++] = {kHoldout, kHeldOut};
    }
  }
  for (std::size_t i = 0; i < steering.experiments.size(); ++i) {
    const Experiment& experiment = steering.experiments[i];
    variants[i] =
        choose(run, experiment, is_held_out, context[experiment.context_slot], assigned, count);
  }
  run.variants = variants;
  run.assigned = assigned.first(count);
}

std::uint32_t load_of(const Run& run) {
  const Steering& steering = run.plan.steering;
  if (steering.load.empty()) return 0;
  const Scalar& said = run.context.context[steering.load_slot];
  if (!said.is_number()) return 0;
  std::uint32_t reached = 0;
  while (reached < steering.load.size() && said.number >= steering.load[reached].from) ++reached;
  return reached;
}

void steer_dials(const Run& run, std::span<double> dials) {
  const Steering& steering = run.plan.steering;
  const std::int64_t now = run.request.now_ms;
  const auto acts = [&](const Steer& steer) {
    return now >= steer.from_ms && now < steer.until_ms;
  };
  for (const Steer& steer : steering.schedule) {
    if (acts(steer)) put(steer.set, dials);
  }
  for (const Steer& steer : steering.segments) {
    const auto segment = static_cast<std::size_t>(steer.segment);
    if (acts(steer) && test_bit(run.context.segments, segment)) put(steer.set, dials);
  }
  for (const Variant* variant : run.variants) {
    if (variant != nullptr) put(variant->set, dials);
  }
  for (std::uint32_t level = 0; level < run.load; ++level) put(steering.load[level].set, dials);
}

}  // namespace lineup
