// SPDX-License-Identifier: Apache-2.0
//
// The page slot by slot: who stands there, who put it there, and which better rows were passed
// over. For each of these the rules are asked one by one, most important first; when each of them
// alone would let the row stand, the page that begins with it is searched for and compared.
#include <algorithm>
#include <cmath>

#include "plan/trace.hpp"

namespace lineup {

namespace {

// LIMIT: better rows written per slot; a person reads no more.
constexpr std::size_t kPassedOverMax = 5;
// LIMIT: better rows asked about per slot, to count how often each rule held rows back.
constexpr std::size_t kAskedMax = 40;

TraceJson number(double value) { return std::isfinite(value) ? TraceJson(value) : TraceJson(); }

void note(std::vector<std::uint32_t>& slots, std::size_t slot) {
  const auto written = static_cast<std::uint32_t>(slot + 1);
  if (slots.empty() || slots.back() != written) slots.push_back(written);
}

TraceJson passed_over(TraceScene& scene, RuleJudges& judges, std::size_t slot,
                      std::span<const std::uint8_t> is_placed, std::vector<RuleDeeds>& deeds) {
  TraceJson out = TraceJson::array();
  const std::uint32_t row = scene.page()[slot];
  std::size_t asked = 0;
  for (const std::uint32_t better : scene.by_score) {
    if (asked == kAskedMax || !(scene.run.score[better] > scene.run.score[row])) break;
    if (is_placed[better] != 0) continue;
    ++asked;
    PassedOver found;
    found.row = better;
    found.use = judges.first_against(better);
    if (found.use >= 0) {
      found.because = Because::Rule;
    } else if (out.size() < kPassedOverMax && !scene.is_brief()) {
      found = scene.weigh(slot, better);
    } else {
      continue;
    }
    if (found.use >= 0) note(deeds[static_cast<std::size_t>(found.use)].held_back, slot);
    if (out.size() == kPassedOverMax) continue;
    TraceJson entry = {{"row", better}, {"rank", scene.rank[better]}};
    entry["rule"] = found.use < 0 ? TraceJson()
                                  : TraceJson(scene.use(static_cast<std::size_t>(found.use)).name);
    entry["because"] = word_for(found.because);
    if (found.because == Because::Page || found.because == Because::Maker) {
      entry["cost_predicted"] = number(found.cost);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

TraceJson trace_slots(TraceScene& scene, std::vector<RuleDeeds>& deeds) {
  TraceJson out = TraceJson::array();
  RuleJudges judges(scene);
  std::vector<std::uint8_t> is_placed(scene.rank.size(), 0);
  for (std::size_t slot = 0; slot < scene.page().size(); ++slot) {
    const std::uint32_t row = scene.page()[slot];
    const std::int32_t pin = scene.pinned_by[slot];
    TraceJson entry = {{"slot", slot + 1}, {"row", row}, {"rank", scene.rank[row]}};
    entry["score"] = number(scene.run.score[row]);
    entry["score_before"] = number(scene.run.score_before[row]);
    if (pin >= 0) {
      const RuleUse& rule = scene.use(static_cast<std::size_t>(pin));
      note(deeds[static_cast<std::size_t>(pin)].placed, slot);
      entry["placed_by"] = rule.name;
      if (!rule.reason.empty()) entry["reason"] = rule.reason;
    } else {
      entry["placed_by"] = scene.maker();
    }
    entry["held_back"] = passed_over(scene, judges, slot, is_placed, deeds);
    out.push_back(std::move(entry));
    judges.place(row);
    is_placed[row] = 1;
  }
  return out;
}

}  // namespace lineup
