// SPDX-License-Identifier: Apache-2.0
//
// The report of `lineup diff` for machines. Both sides of a figure are {"old":, "new":}; a side
// that has no such thing is null. Figures are rounded to nine digits, so that sums made by several
// threads do not differ in the last ones.
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/diff/diff_report.hpp"
#include "cli/print/response_json.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0.0) return 0.0;
  const double scale = std::pow(10.0, 8.0 - std::floor(std::log10(std::abs(value))));
  const double out = std::round(value * scale) / scale;
  return std::isfinite(out) ? out : value;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

template <typename T>
Json both(const Pair<T>& pair) {
  return {{"old", pair[0]}, {"new", pair[1]}};
}
Json both(const Pair<double>& pair) {
  return {{"old", rounded(pair[0])}, {"new", rounded(pair[1])}};
}
template <typename T>
Json both(const Pair<T>& pair, const Pair<bool>& is_used) {
  Json out = both(pair);
  if (!is_used[0]) out["old"] = nullptr;
  if (!is_used[1]) out["new"] = nullptr;
  return out;
}

Json side_of(const DiffSide& side) {
  Json answers = Json::object();
  for (std::uint32_t i = 0; i < side.answers.size(); ++i) {
    answers[std::string(name_of_answer(i))] = side.answers[i];
  }
  Json searches = Json::object();
  for (std::uint32_t i = 0; i < side.searches.size(); ++i) {
    searches[std::string(name_of_search(i))] = side.searches[i];
  }
  return {{"bundle", side.bundle},
          {"revision", side.revision},
          {"status", std::move(answers)},
          {"search", std::move(searches)},
          {"latency_us", {{"p50", rounded(side.p50_us)}, {"p99", rounded(side.p99_us)}}}};
}

Json overlap_of(const DiffReport& report) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kOverlapDepths.size(); ++i) {
    if (kOverlapDepths[i] >= report.longest) break;
    out[std::to_string(kOverlapDepths[i])] = rounded(report.overlap[i]);
  }
  out["page"] = rounded(report.overlap_whole);
  return out;
}

Json rules_of(const DiffReport& report) {
  Json out = Json::array();
  for (const DiffRule& rule : report.rules) {
    out.push_back({{"scene", rule.scene},
                   {"rule", rule.rule},
                   {"soft", rule.is_soft},
                   {"pages_acted", both(rule.pages_acted, rule.is_used)},
                   {"pages_not_kept", both(rule.pages_broken, rule.is_used)},
                   {"violations", both(rule.violations, rule.is_used)}});
  }
  return out;
}

Json exposure_of(const DiffReport& report) {
  Json out = Json::array();
  for (const DiffColumn& column : report.columns) {
    Json values = Json::array();
    for (const DiffExposure& value : column.exposure) {
      const auto share = [&](std::size_t side) {
        const double all = column.attention[side];
        return all == 0.0 ? 0.0 : value.attention[side] / all;
      };
      values.push_back({{"value", value.value},
                        {"shown", both(value.shown)},
                        {"attention", both(Pair<double>{share(0), share(1)})}});
    }
    out.push_back({{"column", column.column},
                   {"shown", both(column.shown)},
                   {"different", column.values},
                   {"values", std::move(values)}});
  }
  return out;
}

Json page_of(const ChangedPage& page, std::size_t side) {
  Json items = Json::array();
  for (const ShownItem& item : page.items[side]) {
    items.push_back({{"id", item.id},
                     {"label", text_or_null(item.label)},
                     {"change", !item.is_kept   ? "other"
                                : item.is_moved ? "moved"
                                                : "same"}});
  }
  return {{"status", page.status[side]},
          {"not_kept", page.given_up[side]},
          {"items", std::move(items)}};
}

Json most_changed_of(const DiffReport& report) {
  Json out = Json::array();
  for (const ChangedPage& page : report.most_changed) {
    out.push_back({{"id", text_or_null(page.id)},
                   {"line", page.line},
                   {"scene", page.scene},
                   {"slots_changed", page.slots_changed},
                   {"rank_biased_overlap", rounded(page.rbo)},
                   {"old", page_of(page, 0)},
                   {"new", page_of(page, 1)}});
  }
  return out;
}

}  // namespace

std::string diff_json(const DiffReport& report) {
  Json objectives = Json::array();
  for (const DiffObjective& objective : report.objectives) {
    objectives.push_back({{"scene", objective.scene},
                          {"objective", objective.objective},
                          {"expected", both(objective.mean, objective.is_used)}});
  }
  Json left_out = Json::array();
  for (const LeftOut& request : report.left_out) {
    left_out.push_back(
        {{"line", request.line}, {"id", text_or_null(request.id)}, {"message", request.message}});
  }
  const Json out = {{"same", report.pages_changed == 0},
                    {"old", side_of(report.sides[0])},
                    {"new", side_of(report.sides[1])},
                    {"requests", report.requests},
                    {"at", text_or_null(report.at)},
                    {"segment", text_or_null(report.segment)},
                    {"pages", report.pages},
                    {"pages_changed", report.pages_changed},
                    {"slots", report.slots},
                    {"slots_changed", report.slots_changed},
                    {"pages_by_slots_changed", report.pages_by_slots_changed},
                    {"overlap", overlap_of(report)},
                    {"rank_biased_overlap", rounded(report.rbo)},
                    {"not_in_segment", report.not_in_segment},
                    {"not_compared", report.left_out_count},
                    {"not_compared_first", std::move(left_out)},
                    {"objectives", std::move(objectives)},
                    {"rules", rules_of(report)},
                    {"exposure", exposure_of(report)},
                    {"most_changed", most_changed_of(report)},
                    {"elapsed_s", rounded(report.elapsed_s)},
                    {"threads", report.threads}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lineup::cli
