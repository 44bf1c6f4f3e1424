// SPDX-License-Identifier: Apache-2.0
//
// The report as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/offline/report.hpp"
#include "cli/print/text_table.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

// LIMIT: pages below which a group's interval is not worth a verdict.
constexpr std::uint64_t kPagesLeast = 30;

Json weighted_json(const ArmSums& arm) {
  const Weighted& weighted = arm.weighted;
  const auto snips = weighted.snips();
  const Interval interval = arm.snips_interval();
  Json out = {{"slots", weighted.slots},
              {"effective_samples", weighted.effective()},
              {"largest_weight", weighted.largest},
              {"ips", weighted.ips()},
              {"snips", snips ? Json(*snips) : Json(nullptr)},
              {"snips_interval", nullptr},
              {"verdict", verdict_of(weighted)}};
  if (snips) out["snips_interval"] = {interval.low, interval.high};
  return out;
}

Json metric_json(const PairSums& sums, bool is_first) {
  Json out = {{"pages", sums.pages}, {"mean", sums.mean()}};
  if (is_first) return out;
  const Interval interval = sums.interval();
  out["difference"] = sums.mean_difference();
  out["interval"] = {interval.low, interval.high};
  out["verdict"] = verdict_of(sums);
  return out;
}

Json group_json(const Tally& tally, const Tally::Group& group) {
  Json arms = Json::object();
  for (std::size_t i = 0; i < group.arms.size(); ++i) {
    const ArmSums& arm = group.arms[i];
    Json out = Json::object();
    for (std::size_t metric = 0; metric < kMetrics; ++metric) {
      if (arm.metrics[metric].pages == 0) continue;
      out[words_of(static_cast<Metric>(metric)).name] = metric_json(arm.metrics[metric], i == 0);
    }
    if (arm.weighted.slots > 0) out["inverse_propensity"] = weighted_json(arm);
    arms[tally.head().arms[i]] = std::move(out);
  }
  return {{"requests", group.requests}, {"arms", std::move(arms)}};
}

void add_group(const Tally& tally, const std::string& name, const Tally::Group& group,
               std::size_t width, std::vector<std::string>& out) {
  out.emplace_back();
  out.push_back(fmt::format("{}: {} requests", name, group.requests));
  TextTable table;
  table.add_column("metric", TextTable::Align::Left, TextTable::Shrink::Wrap);
  table.add_column("arm");
  table.add_column("mean", TextTable::Align::Right);
  table.add_column("difference", TextTable::Align::Right);
  table.add_column("95 % interval", TextTable::Align::Right);
  table.add_column("verdict");
  for (std::size_t metric = 0; metric < kMetrics; ++metric) {
    for (std::size_t arm = 0; arm < group.arms.size(); ++arm) {
      const PairSums& sums = group.arms[arm].metrics[metric];
      if (sums.pages == 0) continue;
      const char* about = arm == 0 ? words_of(static_cast<Metric>(metric)).about : "";
      const Interval interval = sums.interval();
      table.add_row({about, tally.head().arms[arm], fmt::format("{:.5f}", sums.mean()),
                     arm == 0 ? "" : fmt::format("{:+.5f}", sums.mean_difference()),
                     arm == 0 ? "" : fmt::format("{:+.5f} .. {:+.5f}", interval.low, interval.high),
                     arm == 0 ? "" : verdict_of(sums)});
    }
  }
  for (std::string& line : table.lines(width)) out.push_back(std::move(line));
}

void add_weighted(const Tally& tally, const Tally::Group& group, std::size_t width,
                  std::vector<std::string>& out) {
  if (group.arms.front().weighted.slots == 0) return;
  out.emplace_back();
  TextTable table;
  table.add_column("inverse propensity");
  for (const char* heading : {"slots", "effective", "largest weight", "IPS", "SNIPS"}) {
    table.add_column(heading, TextTable::Align::Right);
  }
  table.add_column("verdict", TextTable::Align::Left, TextTable::Shrink::Wrap);
  for (std::size_t i = 0; i < group.arms.size(); ++i) {
    const Weighted& weighted = group.arms[i].weighted;
    const auto snips = weighted.snips();
    table.add_row({tally.head().arms[i], std::to_string(weighted.slots),
                   fmt::format("{:.1f}", weighted.effective()),
                   fmt::format("{:.1f}", weighted.largest), fmt::format("{:.6f}", weighted.ips()),
                   snips ? fmt::format("{:.6f}", *snips) : "none", verdict_of(weighted)});
  }
  for (std::string& line : table.lines(width)) out.push_back(std::move(line));
}

}  // namespace

const char* verdict_of(const PairSums& sums) {
  const Interval interval = sums.interval();
  if (sums.pages < kPagesLeast) return "too few pages";
  if (interval.low > 0.0) return "more";
  if (interval.high < 0.0) return "less";
  return "no difference shown";
}

std::string verdict_of(const Weighted& weighted) {
  if (weighted.effective() < kEffectiveLeast) {
    return fmt::format("none: fewer than {:g} effective samples", kEffectiveLeast);
  }
  if (weighted.largest > kWeightMost) {
    return fmt::format("none: a weight above {:g}", kWeightMost);
  }
  return "usable";
}

std::vector<std::string> evaluation_lines(const Tally& tally, std::size_t width) {
  const TallyHead& head = tally.head();
  std::vector<std::string> out;
  out.push_back(fmt::format("bundle {}, revision {}", head.bundle, head.revision));
  out.push_back(fmt::format("compared with {}; reward: {}; click models: {}", head.baseline,
                            head.event, head.models));
  const auto& groups = tally.groups();
  const Tally::Group& all = groups.at(kAllRequests);
  add_group(tally, kAllRequests, all, width, out);
  add_weighted(tally, all, width, out);
  for (const auto& [name, group] : groups) {
    if (name != kAllRequests) add_group(tally, name, group, width, out);
  }
  out.emplace_back();
  for (std::size_t arm = 0; arm < head.arms.size(); ++arm) {
    out.push_back(fmt::format("{} shows about {:.0f} of {:.0f} different items", head.arms[arm],
                              tally.shown(arm).value(), tally.offered().value()));
  }
  if (tally.without_feedback() > 0) {
    out.push_back(fmt::format("{} requests without feedback", tally.without_feedback()));
  }
  if (tally.left_out() > 0) {
    out.push_back(fmt::format("{} requests could not be judged; {}", tally.left_out(),
                              tally.first_left_out()));
  }
  out.push_back(fmt::format(
      "intervals: 95 %, paired, bootstrap by user ({} Poisson replicates); not corrected for the "
      "number of comparisons",
      kReplicates));
  return out;
}

std::string evaluation_json(const Tally& tally) {
  const TallyHead& head = tally.head();
  Json groups = Json::object();
  for (const auto& [name, group] : tally.groups()) groups[name] = group_json(tally, group);
  Json shown = Json::object();
  for (std::size_t arm = 0; arm < head.arms.size(); ++arm) {
    shown[head.arms[arm]] = tally.shown(arm).value();
  }
  const Json out = {
      {"bundle", head.bundle},
      {"revision", head.revision},
      {"baseline", head.baseline},
      {"event", head.event},
      {"models", head.models},
      {"sweep", head.sweep},
      {"sweep_values", head.sweep_values},
      {"interval", fmt::format("95 %, paired, bootstrap by user, {} replicates", kReplicates)},
      {"groups", std::move(groups)},
      {"different_items_shown", std::move(shown)},
      {"different_items_offered", tally.offered().value()},
      {"without_feedback", tally.without_feedback()},
      {"not_judged", tally.left_out()},
      {"not_judged_first", tally.first_left_out()}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lineup::cli
