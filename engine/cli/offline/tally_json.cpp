// SPDX-License-Identifier: Apache-2.0
//
// Partial sums as one line of JSON, and back. Sums are texts of whole billionths: JSON's numbers
// would lose digits.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cli/offline/tally.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::json;

// Throws, like all that reads here; read() turns it into an error.
ExactSum sum_from(const Json& json) {
  const auto sum = ExactSum::read(json.get_ref<const std::string&>());
  if (!sum) throw std::invalid_argument("a sum is no whole number");
  return *sum;
}

DistinctCount count_from(const Json& json) {
  const auto count = DistinctCount::read(json.get_ref<const std::string&>());
  if (!count) throw std::invalid_argument("a count of items has other registers");
  return *count;
}

Json json_of(const PairSums& sums) {
  if (sums.pages == 0) return nullptr;
  return {{"pages", sums.pages},
          {"value", sums.value.text()},
          {"first", sums.first.text()},
          {"difference", sums.difference},
          {"count", sums.count}};
}

PairSums pair_from(const Json& json) {
  PairSums out;
  if (json.is_null()) return out;
  out.pages = json.at("pages");
  out.value = sum_from(json.at("value"));
  out.first = sum_from(json.at("first"));
  json.at("difference").get_to(out.difference);
  json.at("count").get_to(out.count);
  return out;
}

Json json_of(const ArmSums& arm) {
  Json metrics = Json::array();
  for (const PairSums& sums : arm.metrics) metrics.push_back(json_of(sums));
  Json out = {{"metrics", std::move(metrics)}};
  if (arm.weighted.slots == 0) return out;
  out["weighted"] = {{"slots", arm.weighted.slots},
                     {"weights", arm.weighted.weights.text()},
                     {"squares", arm.weighted.squares.text()},
                     {"rewards", arm.weighted.rewards.text()},
                     {"largest", arm.weighted.largest},
                     {"replicate_weights", arm.replicate_weights},
                     {"replicate_rewards", arm.replicate_rewards},
                     {"replicate_slots", arm.replicate_slots}};
  return out;
}

ArmSums arm_from(const Json& json) {
  ArmSums out;
  const Json& metrics = json.at("metrics");
  if (metrics.size() != kMetrics) throw std::invalid_argument("other metrics");
  for (std::size_t i = 0; i < kMetrics; ++i) out.metrics[i] = pair_from(metrics[i]);
  if (!json.contains("weighted")) return out;
  const Json& weighted = json["weighted"];
  out.weighted.slots = weighted.at("slots");
  out.weighted.weights = sum_from(weighted.at("weights"));
  out.weighted.squares = sum_from(weighted.at("squares"));
  out.weighted.rewards = sum_from(weighted.at("rewards"));
  out.weighted.largest = weighted.at("largest");
  weighted.at("replicate_weights").get_to(out.replicate_weights);
  weighted.at("replicate_rewards").get_to(out.replicate_rewards);
  weighted.at("replicate_slots").get_to(out.replicate_slots);
  return out;
}

}  // namespace

std::string Tally::json() const {
  Json groups = Json::object();
  for (const auto& [name, group] : groups_) {
    Json arms = Json::array();
    for (const ArmSums& arm : group.arms) arms.push_back(json_of(arm));
    groups[name] = {{"requests", group.requests}, {"arms", std::move(arms)}};
  }
  Json shown = Json::array();
  for (const DistinctCount& count : shown_) shown.push_back(count.text());
  return Json{{"lineup", "evaluation sums"},
              {"version", 1},
              {"bundle", head_.bundle},
              {"revision", head_.revision},
              {"baseline", head_.baseline},
              {"event", head_.event},
              {"models", head_.models},
              {"sweep", head_.sweep},
              {"arms", head_.arms},
              {"sweep_values", head_.sweep_values},
              {"groups", std::move(groups)},
              {"shown", std::move(shown)},
              {"offered", offered_.text()},
              {"without_feedback", without_feedback_},
              {"left_out", left_out_},
              {"first_left_out_line", first_left_out_line_},
              {"first_left_out", first_left_out_}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Tally> Tally::read(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object() || json.value("lineup", "") != "evaluation sums") {
      return failure("merge/json", "these are no partial sums; make them with `--partial`");
    }
    if (json.at("version") != 1) {
      return failure("merge/json", "these partial sums are of another version of the program");
    }
    TallyHead head;
    json.at("bundle").get_to(head.bundle);
    json.at("revision").get_to(head.revision);
    json.at("baseline").get_to(head.baseline);
    json.at("event").get_to(head.event);
    json.at("models").get_to(head.models);
    json.at("sweep").get_to(head.sweep);
    json.at("arms").get_to(head.arms);
    json.at("sweep_values").get_to(head.sweep_values);
    Tally out(std::move(head));
    const std::size_t arms = out.head_.arms.size();
    for (const auto& [name, group] : json.at("groups").items()) {
      Group& sum = out.groups_[name];
      sum.requests = group.at("requests");
      sum.arms.clear();
      for (const Json& arm : group.at("arms")) sum.arms.push_back(arm_from(arm));
      if (sum.arms.size() != arms) throw std::invalid_argument("a group has other arms");
    }
    const Json& shown = json.at("shown");
    if (shown.size() != arms) throw std::invalid_argument("other arms");
    for (std::size_t arm = 0; arm < arms; ++arm) out.shown_[arm] = count_from(shown[arm]);
    out.offered_ = count_from(json.at("offered"));
    json.at("without_feedback").get_to(out.without_feedback_);
    json.at("left_out").get_to(out.left_out_);
    json.at("first_left_out_line").get_to(out.first_left_out_line_);
    json.at("first_left_out").get_to(out.first_left_out_);
    return out;
  } catch (const std::exception& fault) {
    return failure("merge/json", fmt::format("the partial sums cannot be read: {}", fault.what()));
  }
}

}  // namespace lineup::cli
