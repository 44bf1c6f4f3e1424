// SPDX-License-Identifier: Apache-2.0
//
// One row: where it would stand by its score alone, what stopped it there, and what would become of
// the page if it stood there all the same. The last is found by pinning it above all rules that can
// be relaxed and searching again.
#include <algorithm>
#include <cmath>

#include "plan/trace.hpp"

namespace lineup {

namespace {

class ItemTrace {
 public:
  ItemTrace(TraceScene& scene, std::uint32_t row) : scene_(scene), run_(scene.run), row_(row) {}

  TraceJson json() {
    out_ = {{"row", row_}, {"rank", scene_.rank[row_]}, {"slot", nullptr}, {"status", "absent"}};
    const auto at = std::find(scene_.page().begin(), scene_.page().end(), row_);
    if (at != scene_.page().end()) {
      out_["slot"] = at - scene_.page().begin() + 1;
      out_["status"] = "on the page";
    } else if (row_ >= run_.host_rows &&
               !run_.plan.pools->rows()[row_ - run_.host_rows].is_current(run_.request.now_ms)) {
      out_["status"] = "outside its dates";
    } else if (!test_bit(run_.before.candidates.data(), row_)) {
      out_["status"] = "duplicate";
    } else if (!test_bit(run_.candidates.data(), row_)) {
      out_["status"] = "filtered";
      add_filters();
    } else if (!scene_.page().empty()) {
      add_natural_slot();
      add_slots();
      add_forced();
    }
    return out_;
  }

 private:
  // Every rule that takes it out, not just the first: all have to change to bring it back.
  void add_filters() {
    TraceJson rules = TraceJson::array();
    Batch batch = run_.batch;
    batch.rows.columns = run_.before.columns;
    RuleInput input = run_.input;
    input.batch = &batch;
    for (std::size_t use = 0; use < scene_.use_count(); ++use) {
      if (run_.idle[use] != Idle::Active) continue;
      std::vector<Idle> idle(scene_.use_count(), Idle::Disabled);
      idle[use] = Idle::Active;
      std::vector<Word> rows(run_.before.candidates.begin(), run_.before.candidates.end());
      filter_rows(run_.plan.uses, idle, input, run_.arena, rows);
      if (!test_bit(rows.data(), row_)) rules.push_back(scene_.use(use).name);
    }
    out_["filtered_by"] = std::move(rules);
  }

  // Where it would stand if nothing but scores counted.
  void add_natural_slot() {
    const auto at = std::find(scene_.by_score.begin(), scene_.by_score.end(), row_);
    natural_ = static_cast<std::size_t>(at - scene_.by_score.begin());
    out_["natural_slot"] = natural_ + 1;
    if (natural_ >= scene_.page().size()) out_["status"] = "below the page";
  }

  // What speaks against it, slot by slot: the first rule, as below a page that is not changed; and
  // what the page would break with the row in the place of the one that stands there.
  void add_slots() {
    TraceJson slots = TraceJson::array();
    RuleJudges judges(scene_);
    for (std::size_t slot = 0; slot < scene_.page().size(); ++slot) {
      TraceJson entry = {{"slot", slot + 1}, {"would_break", broken_at(slot)}};
      const std::int32_t holder = judges.first_against(row_);
      if (holder >= 0) entry["rule"] = scene_.use(static_cast<std::size_t>(holder)).name;
      if (slot == stop_slot()) add_stop(holder);
      slots.push_back(std::move(entry));
      judges.place(scene_.page()[slot]);
    }
    out_["slots"] = std::move(slots);
  }

  [[nodiscard]] std::size_t stop_slot() const {
    return std::min(natural_, scene_.page().size() - 1);
  }

  TraceJson broken_at(std::size_t slot) {
    std::vector<std::uint32_t> changed(scene_.page().begin(), scene_.page().end());
    changed[slot] = row_;
    const auto violations = scene_.violations_of(changed);
    TraceJson out = TraceJson::array();
    for (std::size_t use = 0; use < violations.size(); ++use) {
      if (violations[use] > scene_.base[use]) out.push_back(scene_.use(use).name);
    }
    return out;
  }

  void add_stop(std::int32_t holder) {
    if (natural_ >= scene_.page().size()) return;  // the score did
    PassedOver stop;
    stop.use = holder;
    stop.because = Because::Rule;
    if (holder < 0) stop = scene_.weigh(natural_, row_);
    out_["status"] = "passed over";
    out_["because"] = word_for(stop.because);
    if (stop.use >= 0) out_["rule"] = scene_.use(static_cast<std::size_t>(stop.use)).name;
  }

  // The page with the row on that slot, above everything but required rules.
  void add_forced() {
    const auto slot = static_cast<std::uint32_t>(stop_slot());
    const auto mark = run_.arena.mark();
    auto constraints = run_.arena.allocate<Constraint>(scene_.problem.constraints.size() + 1);
    std::copy(scene_.problem.constraints.begin(), scene_.problem.constraints.end(),
              constraints.begin());
    for (Constraint& constraint : constraints) {
      if (constraint.tier == Tier::Hard) ++constraint.level;
    }
    Constraint& pin = constraints.back();
    pin = Constraint{};
    pin.kind = Kind::Place;
    pin.tier = Tier::Hard;
    pin.use = static_cast<std::uint16_t>(scene_.use_count());
    pin.mode = PlaceMode::Exactly;
    pin.pin_count = 1;
    pin.pin_rows = &row_;
    pin.pin_slots = &slot;
    Problem problem = scene_.problem;
    problem.constraints = constraints;
    ++problem.level_count;
    ++problem.use_count;
    const auto forced = scene_.replay.best(problem, {}, run_.plan.limits.work);
    run_.arena.rewind(mark);
    const auto& own = scene_.replay.own_page();
    if (!forced || !own) return;
    TraceJson entry = {{"slot", slot + 1}};
    const bool stands = slot < forced->rows.size() && forced->rows[slot] == row_;
    entry["possible"] = stands;
    TraceJson broken = TraceJson::array();
    for (std::size_t use = 0; use < scene_.use_count(); ++use) {
      const std::uint32_t before = use < own->violations.size() ? own->violations[use] : 0;
      if (forced->violations[use] <= before) continue;
      broken.push_back(
          {{"rule", scene_.use(use).name}, {"violations", forced->violations[use] - before}});
    }
    if (stands) {
      const double cost = own->total - forced->total;
      entry["cost_predicted"] = std::fabs(cost) < 1e-12 ? 0.0 : cost;
      entry["would_break"] = std::move(broken);
    }
    out_["forced"] = std::move(entry);
  }

  TraceScene& scene_;
  Run& run_;
  std::uint32_t row_;
  std::size_t natural_ = 0;  // 0-based
  TraceJson out_;
};

}  // namespace

TraceJson trace_item(TraceScene& scene, std::uint32_t row) { return ItemTrace(scene, row).json(); }

}  // namespace lineup
